/**
 * Entry of send-alerts: messages of the queue of alerts -> people.
 *
 * The channels are read from their secret at the first message and again every few minutes, so that a token
 * can be replaced without a new deployment; when the secret cannot be read, the last one read still serves.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { z } from "zod";
import { US_PER_MS } from "../../contracts/time.ts";
import { eachMessage } from "../platform/batch.ts";
import { wallClock } from "../platform/clock.ts";
import { deploymentOf, parseEnvironment } from "../platform/environment.ts";
import { createLog } from "../platform/log.ts";
import { createMeter } from "../platform/metrics.ts";
import { createClients } from "../stores/clients.ts";
import { createIdempotencyStore } from "../stores/idempotency-store.ts";
import { createMailSender } from "../stores/mail-sender.ts";
import { createSecretStore } from "../stores/secret-store.ts";
import { createChannelSource } from "./channel-source.ts";
import { CHANNEL_HOSTS, createChannels } from "./channels.ts";
import { deliverMessage } from "./deliver.ts";
import { createPoster } from "./http-post.ts";
import { DEFAULT_ROUTES, readRoutes } from "./logic.ts";

const { prefix, isLocal } = deploymentOf(process.env);
const settings = parseEnvironment(process.env, {
  RECKONER_ALERT_ROUTES: z
    .string()
    .default("")
    .refine((text) => readRoutes(text) !== undefined, "lists of channels by severity, as JSON"),
  RECKONER_ALERT_WEBHOOK_HOSTS: z
    .string()
    .default("")
    .transform((text) => text.toLowerCase().split(",").filter(Boolean)),
  RECKONER_ALERT_CHANNELS: z.string().default(""),
  RECKONER_ALERT_CHANNELS_FILE: z.string().default(""),
});
/** Kept for writing down what became of the last attempt. */
const RESERVE_MS = 3_000;

const idempotency = createIdempotencyStore(createClients(process.env).documents, prefix);
const secrets = createSecretStore();
const poster = createPoster({
  hosts: [...CHANNEL_HOSTS, ...settings.RECKONER_ALERT_WEBHOOK_HOSTS],
  isLocal,
});
const mail = createMailSender();
const log = createLog("send-alerts");
const meter = createMeter("send-alerts");
const channelPlan = createChannelSource({ read: readPlan, nowUs: wallClock, log });

/** On one machine there is no store of secrets: the environment or a file has the plan. */
async function readPlan(): Promise<string> {
  if (!isLocal) return await secrets.read(`${prefix}/alerts`);
  const file = settings.RECKONER_ALERT_CHANNELS_FILE;
  return file === "" ? settings.RECKONER_ALERT_CHANNELS : await readFile(file, "utf8");
}

/** Delivers every alert of `event`; the answer names the messages that must come back. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    const plan = await channelPlan();
    const ports = {
      idempotency,
      channels: createChannels(plan, { poster, mail, nowMs: () => wallClock() / US_PER_MS }),
      routes: readRoutes(settings.RECKONER_ALERT_ROUTES) ?? DEFAULT_ROUTES,
      isLocal,
      nowUs: wallClock,
      pause: (ms: number) => pause(ms),
      log,
      meter,
    };
    const restMs = context.getRemainingTimeInMillis() - RESERVE_MS;
    const deadlineUs = wallClock() + restMs * US_PER_MS;
    return await eachMessage(event, context, ({ body, messageId }) =>
      deliverMessage(ports, body, { owner: `${context.awsRequestId}.${messageId}`, deadlineUs }),
    );
  } finally {
    meter.flush();
  }
}
