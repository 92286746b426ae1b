/**
 * The outer bound of every role of a deployment: exactly the actions that some role of it needs.
 *
 * A boundary grants nothing. It keeps a role that somebody widens by hand from doing what no part of the
 * system ever does: touch users and policies, read other services, give up a lock, delete a table.
 */
import { policyDocument } from "./constructs/least-role.ts";
import type { Deployment } from "./deployment.ts";
import { CONTROL_FUNCTIONS } from "./functions.ts";
import { functionStatements, ownLog, type Statement } from "./permissions.ts";
import {
  cancellerStatements,
  engineStatements,
  executionStatements,
  flowStatements,
  instanceStatements,
} from "./site-permissions.ts";

/** Length of a managed policy that IAM takes, spaces not counted. */
export const POLICY_LENGTH_MAX = 6144;

/** The boundary as a policy. */
export function boundaryDocument(deployment: Deployment): object {
  const needed: Statement[] = [
    ...ownLog("arn:aws:logs:*:*:log-group:x"),
    ...CONTROL_FUNCTIONS.flatMap(({ name }) => functionStatements(name, deployment)),
    ...cancellerStatements(deployment, deployment.stage.cancellerRegion),
    ...deployment.sites.flatMap((site) => [
      ...engineStatements(deployment, site),
      ...executionStatements(deployment, site),
      ...flowStatements(deployment, site),
      ...instanceStatements(deployment, site),
    ]),
    { actions: ["lambda:InvokeFunction", "sqs:SendMessage"], resources: [] },
  ];
  const actions = [...new Set(needed.flatMap((statement) => statement.actions))].sort();
  return policyDocument([{ actions, resources: ["*"] }]);
}
