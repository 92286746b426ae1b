/**
 * The network of one site: a subnet in the zone of the venue, no way in, and few ways out.
 *
 * There is no NAT: the machine has an address of its own, which venues can put on their lists of allowed
 * addresses, and a security group without a single way in. Buckets and tables are reached by gateway
 * endpoints, which let only the deployment's own through. A security group knows addresses and not names, so it
 * allows port 443 to anywhere; names are held by the DNS firewall, which answers for the listed hosts only.
 * Who knows an address by heart gets past that; see docs/SECURITY.md.
 */
import * as ec2 from "aws-cdk-lib/aws-ec2";
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from "aws-cdk-lib/aws-route53resolver";
import { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";
import { flowStatements, siteTag } from "../site-permissions.ts";
import { type Site, VENUE_HOSTS } from "../sites.ts";
import { LeastRole } from "./least-role.ts";

export type SiteNetworkProps = {
  readonly deployment: Deployment;
  readonly site: Site;
  /** Address of the log that is told of refused connections. */
  readonly logGroupName: string;
};

const VPC_RANGE = "10.20.0.0/24";
const SUBNET_RANGE = "10.20.0.0/26";

export class SiteNetwork extends Construct {
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly addressId: string;
  readonly address: string;

  constructor(scope: Construct, id: string, props: SiteNetworkProps) {
    super(scope, id);
    const { deployment, site } = props;
    const tags = [{ key: "Name", value: siteTag(deployment, site) }];
    const vpc = new ec2.CfnVPC(this, "Vpc", {
      cidrBlock: VPC_RANGE,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags,
    });
    const vpcId = vpc.attrVpcId;
    const subnet = new ec2.CfnSubnet(this, "Subnet", {
      vpcId,
      availabilityZoneId: site.zoneId,
      cidrBlock: SUBNET_RANGE,
      mapPublicIpOnLaunch: false,
      tags,
    });
    this.subnetId = subnet.attrSubnetId;
    const routes = this.routeOut(vpcId);
    const gatewayPolicies = endpointPolicies(deployment, site);
    for (const service of ["s3", "dynamodb"] as const) {
      new ec2.CfnVPCEndpoint(this, `Endpoint-${service}`, {
        vpcId,
        serviceName: `com.amazonaws.${site.region}.${service}`,
        vpcEndpointType: "Gateway",
        routeTableIds: [routes.attrRouteTableId],
        policyDocument: gatewayPolicies[service],
      });
    }
    const group = new ec2.CfnSecurityGroup(this, "Group", {
      vpcId,
      groupDescription: `${siteTag(deployment, site)}: nothing in, TLS out`,
      securityGroupIngress: [],
      securityGroupEgress: [
        {
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          cidrIp: "0.0.0.0/0",
          description: "TLS to venues and AWS; which hosts, the DNS firewall says",
        },
      ],
    });
    this.securityGroupId = group.attrGroupId;
    const address = new ec2.CfnEIP(this, "Address", {
      domain: "vpc",
      tags: [...tags, { key: "reckoner:site", value: siteTag(deployment, site) }],
    });
    // Venues know this address by their lists: it must not change with the stack.
    address.overrideLogicalId("SiteAddress");
    this.addressId = address.attrAllocationId;
    this.address = address.ref;
    this.answerOnlyFor(allowedNames(deployment, site), vpcId);
    this.logRefusals(vpcId, props);
  }

  private routeOut(vpcId: string): ec2.CfnRouteTable {
    const gateway = new ec2.CfnInternetGateway(this, "Gateway");
    const attachment = new ec2.CfnVPCGatewayAttachment(this, "Attachment", {
      vpcId,
      internetGatewayId: gateway.attrInternetGatewayId,
    });
    const routes = new ec2.CfnRouteTable(this, "Routes", { vpcId });
    const route = new ec2.CfnRoute(this, "Out", {
      routeTableId: routes.attrRouteTableId,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.attrInternetGatewayId,
    });
    route.addResourceDependency(attachment);
    new ec2.CfnSubnetRouteTableAssociation(this, "Association", {
      subnetId: this.subnetId,
      routeTableId: routes.attrRouteTableId,
    });
    return routes;
  }

  /** The resolver of the network answers for these names and says "no such thing" to all others. */
  private answerOnlyFor(domains: readonly string[], vpcId: string): void {
    const allowed = new CfnFirewallDomainList(this, "Allowed", { domains: [...domains] });
    const all = new CfnFirewallDomainList(this, "All", { domains: ["*"] });
    const rules = new CfnFirewallRuleGroup(this, "Rules", {
      firewallRules: [
        {
          priority: 100,
          action: "ALLOW",
          firewallDomainListId: allowed.attrId,
          // A venue's name leads to its content network's; the chain is the venue's business.
          firewallDomainRedirectionAction: "TRUST_REDIRECTION_DOMAIN",
        },
        {
          priority: 200,
          action: "BLOCK",
          blockResponse: "NODATA",
          firewallDomainListId: all.attrId,
        },
      ],
    });
    new CfnFirewallRuleGroupAssociation(this, "Firewall", {
      vpcId,
      firewallRuleGroupId: rules.attrId,
      priority: 101,
      mutationProtection: "DISABLED",
    });
  }

  private logRefusals(vpcId: string, { deployment, site, logGroupName }: SiteNetworkProps): void {
    const role = new LeastRole(this, "FlowRole", {
      deployment,
      roleName: `${deployment.prefix}-${site.name}-flow`,
      principal: "vpc-flow-logs.amazonaws.com",
      statements: flowStatements(deployment, site),
    });
    new ec2.CfnFlowLog(this, "FlowLog", {
      resourceType: "VPC",
      resourceId: vpcId,
      trafficType: "REJECT",
      logDestinationType: "cloud-watch-logs",
      logGroupName,
      deliverLogsPermissionArn: role.roleArn,
    });
  }
}

/** Names that the machine and the engine need: their venues, and AWS in the regions concerned. */
export function allowedNames(deployment: Deployment, site: Site): string[] {
  const regions = new Set([site.region, deployment.region]);
  return [
    ...site.venues.flatMap((venue) => VENUE_HOSTS[venue]),
    ...[...regions].map((region) => `*.${region}.amazonaws.com`),
    `*.${site.region}.compute.internal`,
  ].sort();
}

/** What the endpoints let through: the deployment's own tables and objects, and what machine and image need. */
function endpointPolicies(
  deployment: Deployment,
  site: Site,
): Readonly<Record<"s3" | "dynamodb", object>> {
  const allow = (actions: readonly string[], resources: readonly string[]): object => ({
    Effect: "Allow",
    Principal: "*",
    Action: actions,
    Resource: resources,
  });
  const archive = deployment.bucketArn("archive");
  return {
    s3: {
      Version: "2012-10-17",
      Statement: [
        allow(
          ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
          [archive, `${archive}/segments/*`],
        ),
        // Layers of images, and packages of the machine's system.
        allow(
          ["s3:GetObject"],
          [
            `arn:aws:s3:::prod-${site.region}-starport-layer-bucket/*`,
            `arn:aws:s3:::al2023-repos-${site.region}-*/*`,
          ],
        ),
      ],
    },
    dynamodb: {
      Version: "2012-10-17",
      Statement: [
        allow(
          ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
          (["commands", "control", "lease"] as const).map((table) => deployment.tableArn(table)),
        ),
      ],
    },
  };
}
