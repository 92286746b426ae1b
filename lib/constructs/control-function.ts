/**
 * House defaults for a Lambda: newest Node, arm64, one role with what its list says and nothing more, a log
 * that ends, traces, and a dead-letter queue for calls that nobody waits for.
 *
 * The handler is named by its path and bundled by esbuild; this room never imports it.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { type IRole, Role } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";
import { codeFolder } from "../bundle.ts";
import type { Deployment } from "../deployment.ts";
import type { FunctionPlan } from "../functions.ts";
import { ownLog, type Statement } from "../permissions.ts";
import { LeastRole } from "./least-role.ts";

export type ControlFunctionProps = {
  readonly deployment: Deployment;
  readonly plan: FunctionPlan;
  readonly statements: readonly Statement[];
  readonly environment: Readonly<Record<string, string>>;
  readonly key: IKey;
  /** Where calls end that failed and that nobody waits for. */
  readonly dead: IQueue;
  /** Distinguishes roles of the same function in several regions: roles know no regions. */
  readonly roleSuffix?: string;
};

/** Calls without a caller are tried this often again; then they are dead letters. */
const RETRIES = 2;
const EVENT_AGE_MINUTES = 60;

export class ControlFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly name: string;

  constructor(scope: Construct, id: string, props: ControlFunctionProps) {
    super(scope, id);
    const { deployment, plan } = props;
    this.name = `${deployment.prefix}-${plan.name}`;
    const { stage } = deployment;
    const logGroup = new LogGroup(this, "Log", {
      logGroupName: `/${deployment.prefix}/${plan.name}`,
      retention: stage.logDays,
      encryptionKey: props.key,
      removalPolicy: stage.isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.lambda = new LambdaFunction(this, "Function", {
      functionName: this.name,
      code: Code.fromAsset(codeFolder(plan, deployment.options)),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: plan.memoryMiB,
      timeout: Duration.seconds(plan.timeoutS),
      ...(stage.reservesConcurrency ? { reservedConcurrentExecutions: plan.reserved } : {}),
      role: this.makeRole(props),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      deadLetterQueue: props.dead,
      retryAttempts: RETRIES,
      maxEventAge: Duration.minutes(EVENT_AGE_MINUTES),
      environment: { ...props.environment },
    });
    acknowledge(this.lambda, "failureDestination");
  }

  private makeRole(props: ControlFunctionProps): IRole {
    const { deployment, plan, statements, dead, roleSuffix = "" } = props;
    const log = `arn:aws:logs:${dead.env.region}:${deployment.accountText}:log-group:/${deployment.prefix}/${plan.name}`;
    const role = new LeastRole(this, "Role", {
      deployment,
      roleName: `${this.name}${roleSuffix}`,
      principal: "lambda.amazonaws.com",
      statements: [
        ...ownLog(log),
        { actions: ["sqs:SendMessage"], resources: [dead.queueArn] },
        ...statements,
      ],
    });
    acknowledge(role.resource, "wildcardsOfFunction");
    // Immutable: a construct that would add a right to it has none to add.
    return Role.fromRoleArn(this, "MadeRole", role.roleArn, { mutable: false });
  }
}
