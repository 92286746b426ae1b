/**
 * Counts and durations of a function, as lines that CloudWatch reads metrics from (embedded metric format).
 */
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** One namespace for the control plane; alarms name it. */
export const METRICS_NAMESPACE = "Reckoner";

export type Meter = {
  readonly count: (name: string, count?: number) => void;
  readonly durationMs: (name: string, ms: number) => void;
  /** Writes what has been counted; called once at the end of each invocation. */
  readonly flush: () => void;
};

/** The metrics of the function `name`. */
export function createMeter(name: string): Meter {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: name });
  return {
    count: (metric, count = 1) => {
      metrics.addMetric(metric, MetricUnit.Count, count);
    },
    durationMs: (metric, ms) => {
      metrics.addMetric(metric, MetricUnit.Milliseconds, ms);
    },
    flush: () => metrics.publishStoredMetrics(),
  };
}
