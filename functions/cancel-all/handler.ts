/**
 * Entry of cancel-all: a call, or the alarm of a silent engine -> no open order of ours.
 *
 * It needs keys and the venues and nothing else. What is not clean in time is an error, so that the alarm of
 * this function rings and a call that nobody waits for is made again.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "aws-lambda";
import { z } from "zod";
import { isLocalMode, isLoopbackUrl } from "../../contracts/aws-environment.ts";
import { US_PER_MS } from "../../contracts/time.ts";
import { wallClock } from "../platform/clock.ts";
import { parseEnvironment } from "../platform/environment.ts";
import { createLog } from "../platform/log.ts";
import { createSecretStore } from "../stores/secret-store.ts";
import { accountsOf, readLocalSecrets } from "./accounts.ts";
import { cancelAll } from "./cancel-all.ts";
import type { AccountResult } from "./logic.ts";
import { readRequest } from "./logic.ts";

const settings = parseEnvironment(process.env, {
  RECKONER_CANCEL_SECRETS: z.string().default(""),
  RECKONER_CANCEL_KEYS: z.string().default(""),
  RECKONER_CANCEL_KEYS_FILE: z.string().default(""),
  RECKONER_CANCEL_STAND_INS: z
    .string()
    .default("{}")
    .transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text)))
    .refine((origins) => Object.values(origins).every(isLoopbackUrl), "loopback addresses"),
});
/** Kept for saying what became of it. */
const RESERVE_MS = 3_000;

const isLocal = isLocalMode(process.env);
const accounts = accountsOf(settings.RECKONER_CANCEL_SECRETS);
const secrets = createSecretStore();
const log = createLog("cancel-all");

/** On one machine keys stand in the environment or in a file. */
async function readSecret(name: string): Promise<string> {
  if (!isLocal) return await secrets.read(name);
  const { RECKONER_CANCEL_KEYS: given, RECKONER_CANCEL_KEYS_FILE: file } = settings;
  const text = file === "" ? given : await readFile(file, "utf8");
  return readLocalSecrets(text).get(name) ?? "";
}

/** Cancels what `event` asks for; throws unless all of it is gone. */
export async function handler(
  event: unknown,
  context: Context,
): Promise<{ readonly accounts: readonly AccountResult[] }> {
  const engines = [...new Set(accounts.map(({ engine }) => engine))];
  const read = readRequest(event, engines);
  if (read.kind === "refused") throw new TypeError(read.reason);
  if (read.kind === "nothing") return { accounts: [] };
  const restMs = context.getRemainingTimeInMillis() - RESERVE_MS;
  const ports = {
    accounts,
    readSecret,
    standIns: isLocal ? settings.RECKONER_CANCEL_STAND_INS : {},
    nowUs: wallClock,
    pause: (ms: number) => pause(ms),
    log,
  };
  const results = await cancelAll(ports, read.request, wallClock() + restMs * US_PER_MS);
  return { accounts: results };
}
