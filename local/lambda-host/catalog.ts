/**
 * The functions of the control plane and what triggers each, on one machine as in the cloud.
 */
import type { CatalogEntry } from "./host.ts";

/** Every function; the host starts with all of them or not at all. */
export const CATALOG: readonly CatalogEntry[] = [
  {
    name: "control-api",
    trigger: { kind: "http" },
    load: () => import("../../functions/control-api/handler.ts"),
  },
  {
    name: "project-records",
    trigger: { kind: "queue", queue: "records" },
    load: () => import("../../functions/project-records/handler.ts"),
  },
  {
    name: "compact-archive",
    trigger: { kind: "queue", queue: "archive" },
    load: () => import("../../functions/compact-archive/handler.ts"),
  },
  {
    name: "send-alerts",
    trigger: { kind: "queue", queue: "alerts" },
    load: () => import("../../functions/send-alerts/handler.ts"),
  },
  {
    name: "build-report",
    // After midnight, when the last facts of the day have arrived.
    trigger: { kind: "schedule", pattern: "20 0 * * *" },
    load: () => import("../../functions/build-report/handler.ts"),
  },
  {
    name: "watch-engine",
    trigger: { kind: "schedule", pattern: "* * * * *" },
    load: () => import("../../functions/watch-engine/handler.ts"),
  },
  {
    name: "cancel-all",
    trigger: { kind: "call" },
    load: () => import("../../functions/cancel-all/handler.ts"),
  },
];
