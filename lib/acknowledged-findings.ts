/**
 * Every finding of the security packs that we live with: which, why, who answers for it, and until when.
 *
 * cdk-nag fails the synthesis on any other one. A test counts these rows and fails when one has run out, so
 * that each is looked at again; a row that nothing uses fails it too.
 */
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export type AcknowledgedFinding = {
  readonly rule: string;
  readonly reason: string;
  readonly owner: "platform" | "security";
  /** The last day on which it holds. */
  readonly expires: string;
};

/** Half a year; then somebody looks at all of them again. */
const EXPIRES = "2027-05-31";

export const ACKNOWLEDGED = {
  noResource: {
    rule: "AwsSolutions-IAM5",
    reason: "the action knows no resource: traces, a token of the registry, ECS's own reports",
    owner: "security",
    expires: EXPIRES,
  },
  objectsUnderPrefix: {
    rule: "AwsSolutions-IAM5",
    reason: "objects are named when they are written; the right ends at their prefix",
    owner: "security",
    expires: EXPIRES,
  },
  streamsOfOwnLog: {
    rule: "AwsSolutions-IAM5",
    reason: "streams are named when they are opened; the right ends at one log group",
    owner: "security",
    expires: EXPIRES,
  },
  mailIdentities: {
    rule: "AwsSolutions-IAM5",
    reason: "the sender is an address that its owner proves to SES after the deployment",
    owner: "security",
    expires: EXPIRES,
  },
  tablesOfOwnDatabase: {
    rule: "AwsSolutions-IAM5",
    reason: "reading descriptions of the tables of the deployment's own database",
    owner: "security",
    expires: EXPIRES,
  },
  ownInstances: {
    rule: "AwsSolutions-IAM5",
    reason: "machines and their interfaces are named when they start; a tag or a cluster bounds it",
    owner: "security",
    expires: EXPIRES,
  },
  boundary: {
    rule: "AwsSolutions-IAM5",
    reason: "a boundary grants nothing; it lists the actions that any role may ever have",
    owner: "security",
    expires: EXPIRES,
  },
  failureDestination: {
    rule: "Serverless-LambdaAsyncFailureDestination",
    reason:
      "a dead-letter queue with an alarm takes calls that failed; a second way would split them",
    owner: "platform",
    expires: EXPIRES,
  },
  openRoutes: {
    rule: "AwsSolutions-APIG4",
    reason:
      "reads and pages: the function checks the same token, of header or cookie, default deny",
    owner: "security",
    expires: EXPIRES,
  },
  groupNotices: {
    rule: "AwsSolutions-AS3",
    reason: "one machine: the alarm of the engine's heartbeat tells of its end sooner",
    owner: "platform",
    expires: EXPIRES,
  },
  containerInsights: {
    rule: "AwsSolutions-ECS4",
    reason:
      "the engine measures itself in more detail; the insights cost more than the machine's logs",
    owner: "platform",
    expires: EXPIRES,
  },
  plainEnvironment: {
    rule: "AwsSolutions-ECS2",
    reason:
      "names and a configuration without secrets; keys are read from the secret store at start",
    owner: "security",
    expires: EXPIRES,
  },
  cancelOnce: {
    rule: "Serverless-SNSRedrivePolicy",
    reason: "the function has its own dead-letter queue, in its own region",
    owner: "platform",
    expires: EXPIRES,
  },
  deadLetterQueue: {
    rule: "Serverless-SQSRedrivePolicy",
    reason: "it is a dead-letter queue itself, and an alarm looks at it",
    owner: "platform",
    expires: EXPIRES,
  },
  sourceHasDeadLetters: {
    rule: "Serverless-LambdaEventSourceMappingDestination",
    reason:
      "sources that are queues know no destination; the queue's own dead letters take failures",
    owner: "platform",
    expires: EXPIRES,
  },
  wildcardsOfFunction: {
    rule: "Serverless-LambdaStarPermissions",
    reason: "each wildcard of the role is acknowledged for itself under AwsSolutions-IAM5",
    owner: "security",
    expires: EXPIRES,
  },
  rotatedByHand: {
    rule: "AwsSolutions-SMG4",
    reason: "venues make keys on their pages only; the runbook rotates them every 90 days",
    owner: "security",
    expires: EXPIRES,
  },
} as const satisfies Readonly<Record<string, AcknowledgedFinding>>;

export type FindingName = keyof typeof ACKNOWLEDGED;

const used = new Map<FindingName, number>();

/** How often each row was used since the process began. */
export function usesOfFindings(): ReadonlyMap<FindingName, number> {
  return used;
}

/** Acknowledges a finding on `construct`; `detail` is what the pack puts in brackets behind the rule. */
export function acknowledge(construct: IConstruct, name: FindingName, detail = ""): void {
  const { rule, reason, owner, expires } = ACKNOWLEDGED[name];
  used.set(name, (used.get(name) ?? 0) + 1);
  Validations.of(construct).acknowledge({
    id: detail === "" ? rule : `${rule}[${detail}]`,
    reason: `${reason} (${owner}, until ${expires})`,
  });
}
