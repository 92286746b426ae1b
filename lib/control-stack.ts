/**
 * What may be replaced freely: functions, schedules, the HTTP API, alarms, the catalog of the archive.
 *
 * It knows what must survive by name only and could be deleted and made again while engines trade; they
 * spool until it is back.
 */
import { Aws, CfnOutput, Stack, Tags } from "aws-cdk-lib";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledged-findings.ts";
import { asyncDeadLetters } from "./constructs/async-dead-letters.ts";
import { ControlDashboard } from "./constructs/control-dashboard.ts";
import { ControlFunction } from "./constructs/control-function.ts";
import { ControlHttpApi } from "./constructs/control-http-api.ts";
import { HistoryCatalog } from "./constructs/history-catalog.ts";
import { HouseAlarms } from "./constructs/house-alarms.ts";
import { houseTopic } from "./constructs/house-topic.ts";
import { LeastRole } from "./constructs/least-role.ts";
import { TopicListener } from "./constructs/topic-listener.ts";
import type { Deployment } from "./deployment.ts";
import { CONTROL_FUNCTIONS, type FunctionPlan, type FunctionTrigger } from "./functions.ts";
import { databaseName, functionStatements } from "./permissions.ts";

type QueueTrigger = Extract<FunctionTrigger, { kind: "queue" }>;
type BudgetNotice = CfnBudget.NotificationWithSubscribersProperty;
type Made = { readonly plan: FunctionPlan; readonly made: ControlFunction };

export class ControlStack extends Stack {
  private readonly deployment: Deployment;
  private readonly key: IKey;
  private readonly dead: Queue;
  private readonly issuer: string;
  private readonly audience: string;

  constructor(scope: Construct, deployment: Deployment) {
    super(scope, `${deployment.prefix}-control`, {
      env: deployment.environment(deployment.region),
      terminationProtection: false,
      description: "Reckoner: what may be replaced",
    });
    // Dashboards cost nothing that a tag would tell, and linters do not know tags of theirs yet.
    const excludeResourceTypes = ["AWS::CloudWatch::Dashboard"];
    Tags.of(this).add("reckoner:deployment", deployment.prefix, { excludeResourceTypes });
    this.deployment = deployment;
    this.key = Key.fromKeyArn(this, "Key", this.left("key-arn"));
    const poolId = this.left("user-pool-id");
    this.issuer = `https://cognito-idp.${deployment.region}.amazonaws.com/${poolId}`;
    this.audience = this.left("user-pool-client-id");
    this.dead = asyncDeadLetters(this, `${deployment.prefix}-async-dead`, this.key);
    const functions = CONTROL_FUNCTIONS.map((plan) => this.makeFunction(plan));
    const alarms = houseTopic(this, "alarms", deployment, this.key);
    const cancel = houseTopic(this, "cancel", deployment, this.key);
    const api = this.makeApi(functions);
    for (const { plan, made } of functions) {
      for (const trigger of plan.triggers) this.connect(made, trigger);
      if (plan.hearsAlarms) this.subscribe(alarms, made);
    }
    new HistoryCatalog(this, "History", { deployment, key: this.key });
    const functionNames = functions.map(({ made }) => made.name);
    new HouseAlarms(this, "Alarms", {
      deployment,
      alarms,
      cancel,
      functionNames,
      asyncDeadName: `${deployment.prefix}-async-dead`,
      apiId: api.apiId,
    });
    new ControlDashboard(this, "Dashboard", { deployment, functionNames, apiId: api.apiId });
    this.makeBudget(alarms);
    new CfnOutput(this, "ApiUrl", { value: api.url });
  }

  /** A value that the state stack left under its name. */
  private left(name: Parameters<Deployment["parameterName"]>[0]): string {
    return StringParameter.valueForStringParameter(this, this.deployment.parameterName(name));
  }

  private makeFunction(plan: (typeof CONTROL_FUNCTIONS)[number]): Made {
    const { deployment } = this;
    const made = new ControlFunction(this, plan.name, {
      deployment,
      plan,
      statements: functionStatements(plan.name, deployment),
      environment: this.environmentOf(plan.name),
      key: this.key,
      dead: this.dead,
    });
    return { plan, made };
  }

  private environmentOf(name: string): Readonly<Record<string, string>> {
    const { prefix, place, stage, sites } = this.deployment;
    return {
      RECKONER_CONTROL_PREFIX: prefix,
      RECKONER_BUCKET_PLACE: place,
      RECKONER_ENGINES: sites.map(({ engine }) => engine).join(","),
      RECKONER_HOT_DAYS: String(stage.hotDays),
      RECKONER_ATHENA_WORKGROUP: prefix,
      RECKONER_ATHENA_DATABASE: databaseName(this.deployment),
      POWERTOOLS_SERVICE_NAME: name,
      NODE_OPTIONS: nodeOptionsOf(name),
      ...this.ownEnvironmentOf(name),
    };
  }

  /** What one function is told and no other. */
  private ownEnvironmentOf(name: string): Readonly<Record<string, string>> {
    const { stage, sites, options } = this.deployment;
    switch (name) {
      case "control-api": {
        const limits = sites.map(({ engine }) => [engine, options.startLimits]);
        return {
          RECKONER_ISSUER: this.issuer,
          RECKONER_AUDIENCE: this.audience,
          RECKONER_JWKS: `${this.issuer}/.well-known/jwks.json`,
          RECKONER_BASE_LIMITS: JSON.stringify(Object.fromEntries(limits)),
        };
      }
      case "send-alerts":
        return { RECKONER_ALERT_WEBHOOK_HOSTS: stage.webhookHosts.join(",") };
      case "watch-engine": {
        const accounts = sites.map(({ engine, leaseAccount }) => `${engine}=${leaseAccount}`);
        return { RECKONER_LEASE_ACCOUNTS: accounts.join(",") };
      }
      default:
        return {};
    }
  }

  private makeApi(functions: readonly Made[]): ControlHttpApi {
    const found = functions.find(({ plan }) => plan.triggers.some(({ kind }) => kind === "http"));
    if (found === undefined) throw new Error("some function answers HTTP");
    return new ControlHttpApi(this, "Http", {
      deployment: this.deployment,
      handler: found.made.lambda,
      key: this.key,
      issuer: this.issuer,
      audience: this.audience,
    });
  }

  private connect(made: ControlFunction, trigger: FunctionTrigger): void {
    switch (trigger.kind) {
      case "http":
        return;
      case "queue":
        this.poll(made, trigger);
        return;
      case "schedule":
        this.schedule(made, trigger.expression);
    }
  }

  private poll(made: ControlFunction, trigger: QueueTrigger): void {
    const source = new CfnEventSourceMapping(made, `From-${trigger.queue}`, {
      functionName: made.lambda.functionName,
      eventSourceArn: this.deployment.queueArn(trigger.queue),
      batchSize: trigger.batchSize,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: trigger.concurrencyMax },
    });
    acknowledge(source, "sourceHasDeadLetters");
  }

  private schedule(made: ControlFunction, expression: string): void {
    const { deployment } = this;
    const role = new LeastRole(made, "ScheduleRole", {
      deployment,
      roleName: `${made.name}-schedule`,
      principal: "scheduler.amazonaws.com",
      statements: [
        { actions: ["lambda:InvokeFunction"], resources: [made.lambda.functionArn] },
        { actions: ["sqs:SendMessage"], resources: [this.dead.queueArn] },
      ],
    });
    new CfnSchedule(made, "Schedule", {
      name: made.name,
      scheduleExpression: expression,
      scheduleExpressionTimezone: "UTC",
      flexibleTimeWindow: { mode: "OFF" },
      // No key of ours over it: its input is a time, and without a right to that key it would never fire.
      target: {
        arn: made.lambda.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: this.dead.queueArn },
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 600 },
        // As the events of schedules that the functions know, with the time that was meant.
        input: JSON.stringify({
          source: "aws.scheduler",
          "detail-type": "Scheduled Event",
          time: "<aws.scheduler.scheduled-time>",
          detail: {},
        }),
      },
    });
  }

  private subscribe(alarms: Topic, made: ControlFunction): void {
    const { region, options } = this.deployment;
    new TopicListener(made, "HearsAlarms", {
      topicArn: alarms.topicArn,
      topicRegion: region,
      listener: made.lambda,
      dead: this.dead,
    });
    if (options.alarmEmail === "") return;
    alarms.addSubscription(
      new EmailSubscription(options.alarmEmail, { deadLetterQueue: this.dead }),
    );
  }

  private makeBudget(alarms: Topic): void {
    const { prefix, stage } = this.deployment;
    const notice = (threshold: number, notificationType: string): BudgetNotice => ({
      notification: {
        comparisonOperator: "GREATER_THAN",
        threshold,
        thresholdType: "PERCENTAGE",
        notificationType,
      },
      subscribers: [{ subscriptionType: "SNS", address: alarms.topicArn }],
    });
    new CfnBudget(this, "Budget", {
      budget: {
        budgetName: `${prefix}-${Aws.REGION}`,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: stage.monthlyBudgetUsd, unit: "USD" },
        costFilters: { TagKeyValue: [`user:reckoner:deployment$${prefix}`] },
      },
      notificationsWithSubscribers: [notice(80, "ACTUAL"), notice(100, "FORECASTED")],
    });
  }
}

/**
 * A small young generation for what makes Parquet: its garbage is short-lived and much, and with the standard one
 * a million records took 416 MB instead of 297 (Node 24.21, 2026-11, budget 23).
 */
function nodeOptionsOf(name: string): string {
  const standard = "--enable-source-maps";
  return name === "compact-archive" ? `${standard} --max-semi-space-size=4` : standard;
}
