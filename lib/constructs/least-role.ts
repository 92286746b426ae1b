/**
 * A role that may do exactly what its list says, under the boundary of the deployment.
 *
 * Statements are written into the role itself, so that no construct can add to them; wildcards in resources
 * that the list needs are acknowledged here, one by one, under their reasons.
 */
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { acknowledge, type FindingName } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";
import type { Statement } from "../permissions.ts";

export type LeastRoleProps = {
  readonly deployment: Deployment;
  readonly roleName: string;
  /** The service that takes the role, such as `lambda.amazonaws.com`. */
  readonly principal: string;
  readonly statements: readonly Statement[];
};

export class LeastRole extends Construct {
  readonly roleArn: string;
  readonly resource: CfnRole;

  constructor(scope: Construct, id: string, props: LeastRoleProps) {
    super(scope, id);
    const { deployment, roleName, principal, statements } = props;
    this.resource = new CfnRole(this, "Resource", {
      roleName,
      assumeRolePolicyDocument: trust(deployment, principal),
      permissionsBoundary: deployment.boundaryArn,
      policies: [{ policyName: "least", policyDocument: policyDocument(statements) }],
    });
    this.roleArn = this.resource.attrArn;
    acknowledgeWildcards(this.resource, deployment, statements);
  }
}

/** Services may take the role for this account only, so that none can be tricked into acting for another. */
function trust(deployment: Deployment, principal: string): object {
  const isForAccount = principal !== "ec2.amazonaws.com" && principal !== "lambda.amazonaws.com";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: principal },
        Action: "sts:AssumeRole",
        ...(isForAccount
          ? { Condition: { StringEquals: { "aws:SourceAccount": deployment.accountText } } }
          : {}),
      },
    ],
  };
}

/** `statements` as IAM spells them. */
export function policyDocument(statements: readonly Statement[]): object {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, conditions }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(conditions === undefined ? {} : { Condition: conditions }),
    })),
  };
}

function acknowledgeWildcards(
  resource: CfnRole,
  deployment: Deployment,
  statements: readonly Statement[],
): void {
  const patterns = statements.flatMap(({ resources }) => resources.filter(hasWildcard));
  for (const pattern of new Set(patterns)) {
    const shown = pattern.replaceAll(deployment.accountText, accountShown(deployment));
    acknowledge(resource, wildcardReason(pattern), `Resource::${shown}`);
  }
}

function hasWildcard(resource: string): boolean {
  return resource.includes("*");
}

/** The packs write a reference as its name in angle brackets. */
function accountShown(deployment: Deployment): string {
  return deployment.account ?? "<AWS::AccountId>";
}

function wildcardReason(pattern: string): FindingName {
  if (pattern === "*") return "noResource";
  if (pattern.startsWith("arn:aws:s3:::")) return "objectsUnderPrefix";
  if (pattern.includes(":log-stream:*")) return "streamsOfOwnLog";
  if (pattern.startsWith("arn:aws:ses:")) return "mailIdentities";
  if (pattern.startsWith("arn:aws:glue:")) return "tablesOfOwnDatabase";
  return "ownInstances";
}
