/**
 * A deployment's stacks, in the order in which they are deployed, and the security packs over all of them.
 */
import { App, type Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { CancellerStack } from "./canceller-stack.ts";
import { ControlStack } from "./control-stack.ts";
import type { Deployment } from "./deployment.ts";
import { HotpathStack } from "./hotpath-stack.ts";
import { StateStack } from "./state-stack.ts";

/** How the library behaves; written here, so that the tests and every way of starting it see the same. */
const CONTEXT = {
  "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
  "@aws-cdk/aws-iam:minimizePolicies": true,
  "@aws-cdk/core:checkSecretUsage": true,
  "@aws-cdk/core:enablePartitionLiterals": true,
  "@aws-cdk/core:explicitStackTags": true,
  // What CloudFormation would refuse is refused here already.
  "@aws-cdk/core:validateAgainstDefaultRules": true,
} as const;

/** An app of ours; its templates go to `outdir`, or where the CDK command line says. */
export function newApp(outdir?: string): App {
  return new App({
    analyticsReporting: false,
    ...(outdir === undefined ? {} : { outdir }),
    context: CONTEXT,
  });
}

/** Adds all stacks of `deployment`. The order is of deployment only: no stack imports from another. */
export function addStacks(app: App, deployment: Deployment): readonly Stack[] {
  const state = new StateStack(app, deployment);
  const control = new ControlStack(app, deployment);
  control.addStackDependency(state, "keys and users are there first");
  const regions = new Set([deployment.region, deployment.stage.cancellerRegion]);
  const rest = [
    ...deployment.sites.map((site) => new HotpathStack(app, deployment, site)),
    ...[...regions].map((region) => new CancellerStack(app, deployment, region)),
  ];
  for (const stack of rest)
    stack.addStackDependency(control, "whoever starts finds the control plane");
  return [state, control, ...rest];
}

/** Makes the synthesis fail on every finding that is not acknowledged. */
export function addPacks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
