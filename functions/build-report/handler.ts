/**
 * Entry of build-report: the schedule or a call -> reports and audit roots of one day.
 *
 * One engine that fails hinders no other. A day that is not settled fails the call when all are done, so that it
 * is made again; what was written by then is the same the second time.
 */
import { z } from "zod";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { wallClock } from "../platform/clock.ts";
import { deploymentOf, parseEnvironment } from "../platform/environment.ts";
import { createLog } from "../platform/log.ts";
import { createAlertQueue } from "../stores/alert-queue.ts";
import { createArchiveStore } from "../stores/archive-store.ts";
import { createAuditRootStore } from "../stores/audit-root-store.ts";
import { createClients } from "../stores/clients.ts";
import { createCommandStore } from "../stores/command-store.ts";
import { createControlStore } from "../stores/control-store.ts";
import { createHistoryStore } from "../stores/history-store.ts";
import { type BuildResult, buildReport, type ReportPorts } from "./build.ts";
import { readRequest } from "./logic.ts";

const { prefix, bucketPlace } = deploymentOf(process.env);
const settings = parseEnvironment(process.env, {
  RECKONER_ENGINES: z
    .string()
    .transform((text) => text.split(",").map((name) => name.trim()))
    .refine((names) => names.every((name) => ENGINE_ID_PATTERN.test(name)), "ids of engines"),
});
const clients = createClients(process.env);
const ports: ReportPorts = {
  history: createHistoryStore(clients.documents, prefix),
  commands: createCommandStore(clients.documents, prefix),
  control: createControlStore(clients.documents, prefix),
  archive: createArchiveStore(clients.objects, prefix, bucketPlace),
  roots: createAuditRootStore(clients.objects, prefix, bucketPlace),
  alerts: createAlertQueue(clients.queues, prefix),
  log: createLog("build-report"),
};

/** Some reports could not be written for good; the message says which. */
export class UnsettledError extends Error {
  override readonly name = "UnsettledError";
}

/** Builds what `event` asks for. */
export async function handler(
  event: unknown,
): Promise<{ readonly reports: readonly BuildResult[] }> {
  const read = readRequest(event, settings.RECKONER_ENGINES, wallClock());
  if (!read.ok) throw new TypeError(read.reason);
  const { engines, day } = read.request;
  const results = await Promise.allSettled(
    engines.map((engine) => buildReport(ports, engine, day)),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const reports = results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const unsettled = reports.filter(({ outcome }) => outcome === "unsettled");
  if (unsettled.length === 0) return { reports };
  const names = unsettled.map(({ engine }) => engine).join(", ");
  throw new UnsettledError(`${day} is not settled for ${names}`);
}
