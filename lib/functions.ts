/**
 * The functions of the control plane as data: what starts each, how long and how large it may be.
 *
 * Handlers are named by their path, functions/<name>/handler.ts, and never imported. What each may do
 * stands in permissions.ts.
 */
import { QUEUES, type QueueName } from "../contracts/resources.ts";

export type FunctionTrigger =
  | { readonly kind: "http" }
  | {
      readonly kind: "queue";
      readonly queue: Exclude<QueueName, "commands">;
      readonly batchSize: number;
      /** How many batches may be under way at once. */
      readonly concurrencyMax: number;
    }
  /** Expression of EventBridge Scheduler, in UTC. */
  | { readonly kind: "schedule"; readonly expression: string };

export type FunctionPlan = {
  readonly name: string;
  readonly triggers: readonly FunctionTrigger[];
  readonly timeoutS: number;
  readonly memoryMiB: number;
  /** Of the account's concurrency, where the stage reserves it. */
  readonly reserved: number;
  /** Files, and contents of folders, of the repository that lie beside the bundle in `assets`. */
  readonly assets: readonly string[];
  /** It also hears the alarms of CloudWatch and puts them on the queue of alerts. */
  readonly hearsAlarms: boolean;
};

export const CONTROL_FUNCTIONS = [
  {
    name: "control-api",
    triggers: [{ kind: "http" }],
    // The gateway gives up at 30 s, so the function does a little before.
    timeoutS: 29,
    memoryMiB: 1024,
    reserved: 20,
    assets: [
      "functions/control-api/pages/assets/",
      "node_modules/uplot/dist/uPlot.iife.min.js",
      "node_modules/uplot/dist/uPlot.min.css",
    ],
    hearsAlarms: false,
  },
  {
    name: "project-records",
    triggers: [{ kind: "queue", queue: "records", batchSize: 10, concurrencyMax: 10 }],
    timeoutS: QUEUES.records.consumerTimeoutS,
    memoryMiB: 512,
    reserved: 10,
    assets: [],
    hearsAlarms: false,
  },
  {
    name: "compact-archive",
    triggers: [{ kind: "queue", queue: "archive", batchSize: 1, concurrencyMax: 4 }],
    timeoutS: QUEUES.archive.consumerTimeoutS,
    memoryMiB: 2048,
    reserved: 4,
    assets: [],
    hearsAlarms: false,
  },
  {
    name: "send-alerts",
    triggers: [{ kind: "queue", queue: "alerts", batchSize: 10, concurrencyMax: 4 }],
    timeoutS: QUEUES.alerts.consumerTimeoutS,
    memoryMiB: 256,
    reserved: 4,
    assets: [],
    hearsAlarms: false,
  },
  {
    name: "build-report",
    // After midnight, when the last facts of the day have arrived.
    triggers: [{ kind: "schedule", expression: "cron(20 0 * * ? *)" }],
    // A day of a million fills is some six thousand queries, one after another.
    timeoutS: 900,
    memoryMiB: 1024,
    reserved: 2,
    assets: [],
    hearsAlarms: false,
  },
  {
    name: "watch-engine",
    triggers: [{ kind: "schedule", expression: "rate(1 minute)" }],
    timeoutS: 30,
    memoryMiB: 256,
    reserved: 2,
    assets: [],
    hearsAlarms: true,
  },
] as const satisfies readonly FunctionPlan[];

export type ControlFunction = (typeof CONTROL_FUNCTIONS)[number]["name"];

/** The canceller stands alone, in stacks of its own (canceller-stack.ts). */
export const CANCELLER: FunctionPlan = {
  name: "cancel-all",
  triggers: [],
  timeoutS: 60,
  memoryMiB: 256,
  reserved: 2,
  assets: [],
  hearsAlarms: false,
};

/** The queue that the function consumes, if it does. */
export function queueOf(
  plan: FunctionPlan,
): Extract<FunctionTrigger, { kind: "queue" }> | undefined {
  return plan.triggers.find((trigger) => trigger.kind === "queue");
}
