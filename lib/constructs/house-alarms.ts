/**
 * The alarms of a deployment's control plane: each tells the topic, and the topic tells people.
 *
 * The topic is heard by watch-engine, which puts what it hears on the queue of alerts, and by a mailbox, so that
 * word gets out while the very functions that send alerts are what is broken.
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { CONTROL_METRICS_NAMESPACE, type EngineMetric } from "../../contracts/control-metrics.ts";
import {
  commandQueueName,
  QUEUE_NAMES,
  type QueueName,
  queueName,
} from "../../contracts/resources.ts";
import { type AlarmKind, ENGINE_ALARMS, QUEUE_AGE_S_MAX } from "../alarms.ts";
import type { Deployment } from "../deployment.ts";

export type HouseAlarmsProps = {
  readonly deployment: Deployment;
  readonly alarms: ITopic;
  /** Starts the independent canceller. */
  readonly cancel: ITopic;
  readonly functionNames: readonly string[];
  readonly asyncDeadName: string;
  readonly apiId: string;
};

type AlarmPlan = {
  readonly kind: AlarmKind;
  readonly subject: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly periods?: number;
  readonly outOf?: number;
  readonly missing?: TreatMissingData;
  readonly severity: 1 | 2;
};

const MINUTE = Duration.minutes(1);
/** Errors of the API in five minutes that are more than an accident. */
const API_ERRORS_MAX = 5;

export class HouseAlarms extends Construct {
  private readonly deployment: Deployment;
  private readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: HouseAlarmsProps) {
    super(scope, id);
    this.deployment = props.deployment;
    this.topic = props.alarms;
    for (const { subject, alive, dead, queue } of queuesOf(props)) {
      this.watchQueue(subject, alive, dead, queue);
    }
    this.watchDead("async", props.asyncDeadName);
    for (const name of props.functionNames) this.watchFunction(name);
    this.watchApi(props.apiId);
    for (const { engine } of props.deployment.sites) this.watchEngine(engine, props.cancel);
  }

  private watchQueue(subject: string, alive: string, dead: string, queue: QueueName): void {
    this.watchDead(subject, dead);
    this.alarm({
      kind: "queue-age",
      subject,
      metric: queueMetric("ApproximateAgeOfOldestMessage", alive),
      threshold: QUEUE_AGE_S_MAX[queue],
      periods: 3,
      severity: 2,
    });
  }

  private watchDead(subject: string, dead: string): void {
    this.alarm({
      kind: "dead-letters",
      subject,
      metric: queueMetric("ApproximateNumberOfMessagesVisible", dead),
      threshold: 0,
      severity: 2,
    });
  }

  private watchFunction(name: string): void {
    const subject = name.slice(this.deployment.prefix.length + 1);
    const metric = (metricName: string): Metric =>
      new Metric({
        namespace: "AWS/Lambda",
        metricName,
        dimensionsMap: { FunctionName: name },
        statistic: "Sum",
        period: MINUTE,
      });
    const both = { subject, threshold: 0, periods: 3, outOf: 5, severity: 2 } as const;
    this.alarm({ ...both, kind: "function-errors", metric: metric("Errors") });
    this.alarm({ ...both, kind: "function-throttles", metric: metric("Throttles") });
  }

  private watchApi(apiId: string): void {
    const metric = new Metric({
      namespace: "AWS/ApiGateway",
      metricName: "5xx",
      dimensionsMap: { ApiId: apiId },
      statistic: "Sum",
      period: Duration.minutes(5),
    });
    this.alarm({
      kind: "api-errors",
      subject: "api",
      metric,
      threshold: API_ERRORS_MAX,
      severity: 2,
    });
  }

  private watchEngine(engine: string, cancel: ITopic): void {
    const { BREACHING, NOT_BREACHING } = TreatMissingData;
    for (const plan of ENGINE_ALARMS) {
      const made = this.alarm({
        kind: plan.kind,
        subject: engine,
        metric: engineMetric(this.deployment, engine, plan.metric),
        threshold: plan.threshold,
        periods: plan.minutes,
        outOf: plan.outOf,
        missing: plan.isMissingBad ? BREACHING : NOT_BREACHING,
        severity: plan.severity,
      });
      const isSilence = plan.kind === "heartbeat-missing";
      if (isSilence && this.deployment.stage.cancelsWhenSilent) {
        made.addAlarmAction(new SnsAction(cancel));
      }
    }
  }

  private alarm(plan: AlarmPlan): Alarm {
    const { periods = 1, outOf = periods, severity, kind, subject } = plan;
    const alarm = new Alarm(this, `${kind}-${subject}`, {
      alarmName: `${this.deployment.prefix}-${kind}-${subject}`,
      alarmDescription: `severity ${severity}; docs/RUNBOOK.md, ${kind}`,
      metric: plan.metric,
      threshold: plan.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: outOf,
      datapointsToAlarm: periods,
      treatMissingData: plan.missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }
}

/** A number that watch-engine writes of an engine. */
export function engineMetric(deployment: Deployment, engine: string, name: EngineMetric): Metric {
  return new Metric({
    namespace: CONTROL_METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: { deployment: deployment.prefix, engine },
    statistic: "Maximum",
    period: MINUTE,
  });
}

function queueMetric(metricName: string, queue: string): Metric {
  return new Metric({
    namespace: "AWS/SQS",
    metricName,
    dimensionsMap: { QueueName: queue },
    statistic: "Maximum",
    period: MINUTE,
  });
}

type QueuePair = {
  readonly subject: string;
  readonly alive: string;
  readonly dead: string;
  readonly queue: QueueName;
};

function queuesOf({ deployment }: HouseAlarmsProps): QueuePair[] {
  const { prefix, sites } = deployment;
  const own = sites.map(({ engine }) => ({
    subject: `commands-${engine}`,
    alive: commandQueueName(prefix, engine),
    dead: commandQueueName(prefix, engine, true),
    queue: "commands" as const,
  }));
  const common = QUEUE_NAMES.filter((queue) => queue !== "commands").map((queue) => ({
    subject: queue,
    alive: queueName(prefix, queue),
    dead: queueName(prefix, queue, true),
    queue,
  }));
  return [...own, ...common];
}
