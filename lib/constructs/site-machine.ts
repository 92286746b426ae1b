/**
 * The machine of one site: one instance, one thread a core, nothing that listens, an address that venues know.
 *
 * There is no way to log in. What is wrong with a machine is seen from outside, and mended by a new one.
 */

import { type CfnTag, Fn } from "aws-cdk-lib";
import { CfnAutoScalingGroup } from "aws-cdk-lib/aws-autoscaling";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { CfnInstanceProfile } from "aws-cdk-lib/aws-iam";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";
import { clusterName, instanceStatements, siteTag } from "../site-permissions.ts";
import type { Site } from "../sites.ts";
import { LeastRole } from "./least-role.ts";
import type { SiteNetwork } from "./site-network.ts";

export type SiteMachineProps = {
  readonly deployment: Deployment;
  readonly site: Site;
  readonly network: SiteNetwork;
};

/** The newest image that AWS recommends; a deployment looks it up again. */
const IMAGE_PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
/** What the machine's own system takes of its disk. */
const SYSTEM_GIB = 30;
/** Folder of the machine below which the container keeps what it writes. */
export const HOST_FOLDER = "/var/lib/reckoner";
/** The user that the container runs as; the image of Node has it. */
export const CONTAINER_USER = 1000;

export class SiteMachine extends Construct {
  readonly groupArn: string;

  constructor(scope: Construct, id: string, props: SiteMachineProps) {
    super(scope, id);
    const { deployment, site, network } = props;
    const template = this.makeTemplate(props);
    const group = new CfnAutoScalingGroup(this, "Group", {
      autoScalingGroupName: clusterName(deployment, site),
      minSize: "0",
      maxSize: "1",
      desiredCapacity: String(site.engineCount),
      vpcZoneIdentifier: [network.subnetId],
      launchTemplate: {
        launchTemplateId: template.ref,
        version: template.attrLatestVersionNumber,
      },
      // A tag that ECS asks for on groups it takes its machines from.
      tags: [{ key: "AmazonECSManaged", value: "true", propagateAtLaunch: true }],
    });
    // Never two at once: the old machine goes before the new one comes.
    group.cfnOptions.updatePolicy = {
      autoScalingRollingUpdate: { minInstancesInService: 0, maxBatchSize: 1 },
    };
    acknowledge(group, "groupNotices");
    this.groupArn = group.attrAutoScalingGroupArn;
  }

  private makeTemplate(props: SiteMachineProps): ec2.CfnLaunchTemplate {
    const { deployment, site, network } = props;
    const tags: CfnTag[] = [
      { key: "Name", value: siteTag(deployment, site) },
      { key: "reckoner:site", value: siteTag(deployment, site) },
      { key: "reckoner:deployment", value: deployment.prefix },
    ];
    return new ec2.CfnLaunchTemplate(this, "Template", {
      launchTemplateName: clusterName(deployment, site),
      launchTemplateData: {
        imageId: StringParameter.valueForTypedStringParameterV2(
          this,
          IMAGE_PARAMETER,
          "AWS::EC2::Image::Id" as never,
        ),
        instanceType: site.instanceType,
        // One thread a core: a neighbor on the same core would be felt in every decision.
        cpuOptions: { coreCount: site.coreCount, threadsPerCore: 1 },
        placement: this.placementOf(site),
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        monitoring: { enabled: true },
        ebsOptimized: true,
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              encrypted: true,
              volumeType: "gp3",
              volumeSize: SYSTEM_GIB + site.journalGiB,
              deleteOnTermination: true,
            },
          },
        ],
        networkInterfaces: [
          {
            deviceIndex: 0,
            // For the minutes until it takes its own address.
            associatePublicIpAddress: true,
            groups: [network.securityGroupId],
            deleteOnTermination: true,
          },
        ],
        iamInstanceProfile: { arn: this.makeProfile(deployment, site) },
        userData: Fn.base64(userData(deployment, site, network.addressId)),
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags,
        })),
      },
    });
  }

  /** A group that a venue shares is known by its id only; one of ours by its name. Never both. */
  private placementOf(site: Site): ec2.CfnLaunchTemplate.PlacementProperty {
    if (site.placement.kind === "shared") return { groupId: site.placement.groupId };
    const group = new ec2.CfnPlacementGroup(this, "Placement", { strategy: "cluster" });
    return { groupName: group.attrGroupName };
  }

  private makeProfile(deployment: Deployment, site: Site): string {
    const role = new LeastRole(this, "Role", {
      deployment,
      roleName: `${clusterName(deployment, site)}-machine`,
      principal: "ec2.amazonaws.com",
      statements: instanceStatements(deployment, site),
    });
    const profile = new CfnInstanceProfile(this, "Profile", { roles: [role.resource.ref] });
    return profile.attrArn;
  }
}

/** The machine's first minutes. It ends before ECS begins, so the container finds all of it done. */
function userData(deployment: Deployment, site: Site, addressId: string): string {
  const folders = `${HOST_FOLDER}/journal ${HOST_FOLDER}/config`;
  return [
    "#!/bin/bash",
    "set -euo pipefail",
    "cat > /etc/ecs/ecs.config <<'END'",
    `ECS_CLUSTER=${clusterName(deployment, site)}`,
    "ECS_ENABLE_TASK_IAM_ROLE=true",
    "ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true",
    "ECS_DISABLE_PRIVILEGED=true",
    'ECS_AVAILABLE_LOGGING_DRIVERS=["awslogs"]',
    "ECS_CONTAINER_STOP_TIMEOUT=2m",
    "END",
    `install -d -m 0750 -o ${CONTAINER_USER} -g ${CONTAINER_USER} ${folders}`,
    // On the host's network the container could ask for the machine's own credentials.
    `iptables -I OUTPUT -m owner --uid-owner ${CONTAINER_USER} -d 169.254.169.254 -j DROP`,
    // The engine has its cores to itself.
    "systemctl disable --now irqbalance || true",
    "systemctl set-property system.slice AllowedCPUs=0",
    `systemctl set-property ecstasks.slice AllowedCPUs=${site.isolatedCpus}`,
    "command -v aws || dnf install -y awscli-2",
    "TOKEN=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)",
    'ID=$(curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id)',
    Fn.sub(
      `aws ec2 associate-address --region ${site.region} --instance-id "$ID" --allocation-id \${Address} --allow-reassociation`,
      { Address: addressId },
    ),
    "",
  ].join("\n");
}
