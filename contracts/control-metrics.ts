/**
 * The numbers that the control plane gives to its alarms: who counts writes under these names, and the
 * alarms of lib/ and the dashboard read under the same ones.
 *
 * Of each engine watch-engine tells them once a minute, from heartbeat, lease and audit chains. An alarm
 * on a name that nobody writes would sleep for ever; so the names stand here, once.
 */

/** Namespace of all of them, and the dimensions that carry the deployment and the engine. */
export const CONTROL_METRICS_NAMESPACE = "Reckoner";
export const CONTROL_METRICS_DIMENSIONS = ["deployment", "engine"] as const;

export type MetricUnit = "Count" | "Seconds" | "Milliseconds";

/** What watch-engine writes of each engine at each look, with what it means. */
export const ENGINE_METRICS = {
  HeartbeatAge: { unit: "Seconds", means: "since the engine last wrote its heartbeat" },
  EngineHalted: { unit: "Count", means: "1 while the engine's last word is that it has halted" },
  EngineNotReady: { unit: "Count", means: "1 while some required book is not live" },
  LeaseChanges: { unit: "Count", means: "new holders of the lease since the look before" },
  AuditGap: { unit: "Count", means: "numbers missing from a chain, or links that do not hold" },
  ClockOffset: { unit: "Milliseconds", means: "largest clock offset to a venue, without its sign" },
  UnknownOrders: { unit: "Count", means: "orders whose outcome is not known" },
  KillsInForce: { unit: "Count", means: "kills in force, by whomever" },
  LimitsLag: { unit: "Count", means: "versions of limits that the loop has not taken yet" },
  PublishLag: { unit: "Count", means: "journal records that are safe and not published yet" },
} as const satisfies Readonly<
  Record<string, { readonly unit: MetricUnit; readonly means: string }>
>;

export type EngineMetric = keyof typeof ENGINE_METRICS;
export const ENGINE_METRIC_NAMES = Object.keys(ENGINE_METRICS) as readonly EngineMetric[];
