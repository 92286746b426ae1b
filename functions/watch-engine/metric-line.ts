/**
 * Station: the numbers of one look -> one line that CloudWatch reads metrics out of (CloudWatch user guide,
 * "Specification: Embedded metric format", 2026-11-21).
 *
 * Written here and not by a library, because the alarms know exactly two dimensions and any third would make
 * another metric.
 */
import { ENGINE_METRIC_NAMES, type EngineMetric } from "../../contracts/control-metrics.ts";
import { US_PER_MS } from "../../contracts/time.ts";
import type { Readings, Sight } from "./logic.ts";

/** One line of metrics in the format that CloudWatch reads out of a log. */
export function metricLine(
  { engine, atUs }: Pick<Sight, "engine" | "atUs">,
  readings: Readings,
  plan: {
    readonly deployment: string;
    readonly namespace: string;
    readonly dimensions: readonly string[];
    readonly units: Readonly<Record<EngineMetric, { readonly unit: string }>>;
  },
): string {
  const names = ENGINE_METRIC_NAMES.filter((name) => readings[name] !== undefined);
  const Metrics = names.map((Name) => ({ Name, Unit: plan.units[Name].unit }));
  const directive = { Namespace: plan.namespace, Dimensions: [plan.dimensions], Metrics };
  return JSON.stringify({
    _aws: { Timestamp: Math.floor(atUs / US_PER_MS), CloudWatchMetrics: [directive] },
    deployment: plan.deployment,
    engine,
    ...readings,
  });
}
