/**
 * The dashboard of a deployment as code: engines first, then what carries their word, then what it costs.
 */
import { Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IWidget,
  Metric,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { ENGINE_METRIC_NAMES, ENGINE_METRICS } from "../../contracts/control-metrics.ts";
import { commandQueueName, QUEUE_NAMES, queueName } from "../../contracts/resources.ts";
import type { Deployment } from "../deployment.ts";
import { engineMetric } from "./house-alarms.ts";

export type ControlDashboardProps = {
  readonly deployment: Deployment;
  readonly functionNames: readonly string[];
  readonly apiId: string;
};

const COLUMNS = 24;
const WIDTH = 6;
const MINUTE = Duration.minutes(1);

export class ControlDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ControlDashboardProps) {
    super(scope, id);
    const { deployment } = props;
    const engines = deployment.sites.map(({ engine }) => engine);
    new Dashboard(this, "Resource", {
      dashboardName: deployment.prefix,
      widgets: [
        [heading(`${deployment.prefix}: engines`)],
        engineGraphs(deployment, engines),
        [heading("Queues and dead letters")],
        queueGraphs(deployment, engines),
        [heading("Functions and API")],
        functionGraphs(props),
      ],
    });
  }
}

function heading(markdown: string): IWidget {
  return new TextWidget({ markdown: `## ${markdown}`, width: COLUMNS, height: 1 });
}

function engineGraphs(deployment: Deployment, engines: readonly string[]): IWidget[] {
  return ENGINE_METRIC_NAMES.map(
    (name) =>
      new GraphWidget({
        title: `${name}: ${ENGINE_METRICS[name].means}`,
        width: WIDTH,
        left: engines.map((engine) =>
          engineMetric(deployment, engine, name).with({ label: engine }),
        ),
      }),
  );
}

function queueGraphs({ prefix }: Deployment, engines: readonly string[]): IWidget[] {
  const names = (isDead: boolean): string[] => [
    ...engines.map((engine) => commandQueueName(prefix, engine, isDead)),
    ...QUEUE_NAMES.filter((queue) => queue !== "commands").map((queue) =>
      queueName(prefix, queue, isDead),
    ),
  ];
  const graph = (title: string, metricName: string, queues: readonly string[]): IWidget =>
    new GraphWidget({
      title,
      width: COLUMNS / 3,
      left: queues.map((queue) =>
        one("AWS/SQS", metricName, { QueueName: queue }, "Maximum").with({ label: queue }),
      ),
    });
  return [
    graph("Oldest message, seconds", "ApproximateAgeOfOldestMessage", names(false)),
    graph("Messages waiting", "ApproximateNumberOfMessagesVisible", names(false)),
    graph("Dead letters", "ApproximateNumberOfMessagesVisible", names(true)),
  ];
}

function functionGraphs({ functionNames, apiId }: ControlDashboardProps): IWidget[] {
  const graph = (title: string, metricName: string, statistic: string): IWidget =>
    new GraphWidget({
      title,
      width: WIDTH,
      left: functionNames.map((name) =>
        one("AWS/Lambda", metricName, { FunctionName: name }, statistic).with({ label: name }),
      ),
    });
  const api = { ApiId: apiId };
  return [
    graph("Errors", "Errors", "Sum"),
    graph("Throttles", "Throttles", "Sum"),
    graph("Duration p99, ms", "Duration", "p99"),
    new GraphWidget({
      title: "API: requests, faults, latency p99",
      width: WIDTH,
      left: [
        one("AWS/ApiGateway", "Count", api, "Sum"),
        one("AWS/ApiGateway", "4xx", api, "Sum"),
        one("AWS/ApiGateway", "5xx", api, "Sum"),
      ],
      right: [one("AWS/ApiGateway", "Latency", api, "p99")],
    }),
  ];
}

function one(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, period: MINUTE });
}
