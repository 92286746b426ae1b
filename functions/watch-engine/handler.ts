/**
 * Entry of watch-engine: the schedule -> a look at every engine and at its kills; an alarm -> an alert.
 *
 * An engine that cannot be looked at hinders no other, and fails the call at its end: the alarm on this
 * function's errors then says that somebody is not watched.
 */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { wallClock } from "../platform/clock.ts";
import { deploymentOf, parseEnvironment } from "../platform/environment.ts";
import { createLog } from "../platform/log.ts";
import { createAlertQueue } from "../stores/alert-queue.ts";
import { createAuditRootStore } from "../stores/audit-root-store.ts";
import { createClients } from "../stores/clients.ts";
import { createCommandStore } from "../stores/command-store.ts";
import { createControlStore } from "../stores/control-store.ts";
import { createLeaseStore } from "../stores/lease-store.ts";
import { createWatchStore } from "../stores/watch-store.ts";
import { noticesOf, readAlarm } from "./alarm.ts";
import { type KillWatchPorts, watchKills } from "./deaf.ts";
import { passAlarm, type WatchPorts, watchEngine } from "./watch.ts";

const { prefix, bucketPlace } = deploymentOf(process.env);
const listed = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
const settings = parseEnvironment(process.env, {
  RECKONER_ENGINES: z
    .string()
    .transform(listed)
    .refine((names) => names.every((name) => ENGINE_ID_PATTERN.test(name)), "ids of engines"),
  RECKONER_LEASE_ACCOUNTS: z
    .string()
    .default("")
    .transform((text) => listed(text).map((pair) => pair.split("=") as [string, string]))
    .refine((pairs) => pairs.every((pair) => pair.length === 2), "engine=account, by commas"),
});
const engines = settings.RECKONER_ENGINES;
const accounts = new Map(settings.RECKONER_LEASE_ACCOUNTS);

const clients = createClients(process.env);
const ports: WatchPorts & KillWatchPorts = {
  deployment: prefix,
  commands: createCommandStore(clients.documents, prefix),
  leases: createLeaseStore(clients.documents, prefix),
  control: createControlStore(clients.documents, prefix),
  roots: createAuditRootStore(clients.objects, prefix, bucketPlace),
  memories: createWatchStore(clients.documents, prefix),
  alerts: createAlertQueue(clients.queues, prefix),
  // Not the console: the runtime would wrap the line, and no metric would be read out of it.
  writeLine: (line) => void process.stdout.write(`${line}\n`),
  pause: (ms) => pause(ms),
  log: createLog("watch-engine"),
};

/** Looks at every engine, or passes on the alarms of `event`; how many alerts went out. */
export async function handler(event: unknown): Promise<{ readonly alerts: number }> {
  const notices = noticesOf(event);
  const results = await Promise.allSettled(
    notices === undefined
      ? engines.flatMap((engine) => [
          watchEngine(ports, engine, accounts, wallClock()),
          // By itself: a chain that cannot be read must not keep a deaf engine trading.
          watchKills(ports, engine, accounts, wallClock()),
        ])
      : notices.map(pass),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const alerts = results.map((result) => (result.status === "fulfilled" ? result.value.length : 0));
  return { alerts: alerts.reduce((sum, count) => sum + count, 0) };
}

async function pass(message: string): Promise<readonly unknown[]> {
  const alarm = readAlarm(message, prefix, engines, wallClock());
  const told = alarm === undefined ? undefined : await passAlarm(ports, alarm);
  return told === undefined ? [] : [told];
}
