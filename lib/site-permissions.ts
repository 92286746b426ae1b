/**
 * Who may do what at a site, as data: the engine, what starts its container, the machine below it, and the
 * canceller that stands apart from all of them.
 *
 * The engine reads limits and never writes any; it tells what happened and cannot read it back. Its rights
 * to tables end at the items that carry its own name, or the name of its lease.
 */
import { leaseKey, segmentPrefix } from "../contracts/keys.ts";
import { venueSecretName } from "../contracts/resources.ts";
import type { Deployment } from "./deployment.ts";
import {
  type Condition,
  listObjects,
  READ_ITEMS,
  readSecret,
  SEND,
  type Statement,
} from "./permissions.ts";
import type { Site } from "./sites.ts";

/** What the engine of a site may do: read what is asked of it, tell what happened, hold its lease. */
export function engineStatements(deployment: Deployment, site: Site): Statement[] {
  const { engine, leaseAccount } = site;
  // All runs of this engine: `segments/engine=.../run=`.
  const segments = segmentPrefix(engine, "").slice(0, -1);
  const items = (...keys: string[]): Condition => ({
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": keys },
  });
  const ownItems = (...kinds: readonly string[]): Condition =>
    items(...kinds.map((kind) => `${kind}#${engine}`));
  return [
    {
      actions: [...READ_ITEMS, "dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [deployment.tableArn("commands")],
      conditions: ownItems("command", "order", "heartbeat"),
    },
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [deployment.tableArn("lease")],
      conditions: items(leaseKey(leaseAccount).pk),
    },
    {
      actions: READ_ITEMS,
      resources: [deployment.tableArn("control")],
      conditions: ownItems("limits", "action"),
    },
    {
      actions: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      resources: [deployment.commandQueueArn(engine)],
    },
    {
      actions: SEND,
      resources: [deployment.queueArn("records"), deployment.queueArn("alerts")],
    },
    {
      actions: ["s3:GetObject", "s3:PutObject"],
      resources: [`${deployment.bucketArn("archive")}/${segments}*`],
    },
    listObjects(deployment, "archive", segments),
    ...site.venues.map((venue) => readSecret(venueSecretArn(deployment, site, venue))),
  ];
}

/** What ECS may do to start the container: fetch its image and open its log. It reads no secret. */
export function executionStatements(deployment: Deployment, site: Site): Statement[] {
  const { region } = site;
  return [
    {
      actions: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      resources: [deployment.arn("ecr", "repository/*", region)],
    },
    // A token for the registry belongs to no repository.
    { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${engineLogArn(deployment, site)}:log-stream:*`],
    },
  ];
}

/** What the network may do to write down which connections it refused. */
export function flowStatements(deployment: Deployment, site: Site): Statement[] {
  const log = engineLogArn(deployment, site);
  return [
    {
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [`${log}:log-stream:*`, log],
    },
    { actions: ["logs:DescribeLogGroups"], resources: ["*"] },
  ];
}

/** The log of the engine, and of its site's network. */
export function engineLogArn(deployment: Deployment, { region, name }: Site): string {
  return deployment.arn("logs", `log-group:/${deployment.prefix}/engine/${name}`, region);
}

/** What the machine itself may do: be of its cluster, and take the address that the venues know. */
export function instanceStatements(deployment: Deployment, site: Site): Statement[] {
  const { region } = site;
  const cluster = clusterName(deployment, site);
  const ofCluster = {
    ArnEquals: { "ecs:cluster": deployment.arn("ecs", `cluster/${cluster}`, region) },
  };
  return [
    {
      actions: ["ecs:DeregisterContainerInstance", "ecs:RegisterContainerInstance"],
      resources: [deployment.arn("ecs", `cluster/${cluster}`, region)],
    },
    {
      actions: ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
      resources: [deployment.arn("ecs", `container-instance/${cluster}/*`, region)],
      conditions: ofCluster,
    },
    {
      actions: [
        "ecs:DiscoverPollEndpoint",
        "ecs:SubmitAttachmentStateChanges",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
      ],
      resources: ["*"],
    },
    {
      actions: ["ec2:AssociateAddress"],
      resources: [
        deployment.arn("ec2", "elastic-ip/*", region),
        deployment.arn("ec2", "instance/*", region),
        deployment.arn("ec2", "network-interface/*", region),
      ],
      conditions: { StringEquals: { "aws:ResourceTag/reckoner:site": siteTag(deployment, site) } },
    },
  ];
}

/** The tag that address, machine and network interface of one site carry, and no other's. */
export function siteTag(deployment: Deployment, site: Site): string {
  return `${deployment.prefix}/${site.name}`;
}

export function clusterName(deployment: Deployment, site: Site): string {
  return `${deployment.prefix}-${site.name}`;
}

/** It lies in the region of the control plane, where the engine looks for all that is its. */
export function venueSecretArn(deployment: Deployment, site: Site, venue: string): string {
  return deployment.secretArn(venueSecretName(deployment.prefix, site.engine, venue));
}

/** What the independent canceller may do: read its own cancel-only keys, and nothing of the control plane. */
export function cancellerStatements(deployment: Deployment, region: string): Statement[] {
  return cancelSecretNames(deployment).map((name) =>
    readSecret(deployment.secretArn(name, region)),
  );
}

/** Names of the secrets with cancel-only keys: one for each engine and venue. */
export function cancelSecretNames(deployment: Deployment): string[] {
  return deployment.sites.flatMap(({ engine, venues }) =>
    venues.map((venue) => `${deployment.prefix}/cancel/${engine}/${venue}`),
  );
}
