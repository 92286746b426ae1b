// Goal: whatever arrives how often, each channel tells of an incident once, and no channel waits for another.
// Method: the real stores over the embedded stand-ins, the real channels, and receivers on loopback.
import { createHmac } from "node:crypto";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALERT_CHANNELS, type AlertChannel } from "../../../contracts/alert.ts";
import { createChannels } from "../../../functions/send-alerts/channels.ts";
import {
  type DeliverPorts,
  deliverMessage,
  PoisonError,
  UndeliveredError,
} from "../../../functions/send-alerts/deliver.ts";
import { createPoster, type Poster } from "../../../functions/send-alerts/http-post.ts";
import { DEFAULT_ROUTES, deliveryKey } from "../../../functions/send-alerts/logic.ts";
import {
  createIdempotencyStore,
  type IdempotencyStore,
} from "../../../functions/stores/idempotency-store.ts";
import { createMailSender } from "../../../functions/stores/mail-sender.ts";
import { StoreError } from "../../../functions/stores/store-error.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { Receivers, sampleAlert, WEBHOOK_SECRET } from "./receivers.ts";

const ALL = { telegram: 1, discord: 1, email: 1, webhook: 1 };

let rig: AwsRig;
let receivers: Receivers;
let poster: Poster;
let idempotency: IdempotencyStore;
let nowUs: number;
let owners = 0;
const waits: number[] = [];
const lines: string[] = [];
const counts = new Map<string, number>();

beforeAll(async () => {
  rig = await startAwsRig();
  receivers = await Receivers.start();
  poster = createPoster({ hosts: [], isLocal: true });
  idempotency = createIdempotencyStore(rig.clients.documents, rig.prefix);
});
afterAll(async () => {
  await poster.close();
  await receivers.stop();
  await rig.stop();
});
beforeEach(() => {
  receivers.tidy();
  nowUs = Date.now() * 1000;
  waits.length = 0;
  lines.length = 0;
  counts.clear();
});

/** Waits are only counted, as if they had passed. */
function portsWith(change: Partial<DeliverPorts> = {}): DeliverPorts {
  const ses = new SESv2Client({
    endpoint: receivers.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const line = (message: string, fields?: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  return {
    idempotency,
    channels: createChannels(receivers.plan(), {
      poster,
      mail: createMailSender(ses),
      nowMs: () => 1_790_000_000_500,
    }),
    routes: DEFAULT_ROUTES,
    isLocal: false,
    nowUs: () => nowUs,
    pause: async (ms) => {
      waits.push(ms);
      nowUs += ms * 1000;
    },
    log: { info: line, warn: line, error: line },
    meter: { count: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count) },
    ...change,
  };
}

function deliver(body: unknown, ports = portsWith()): Promise<void> {
  owners++;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return deliverMessage(ports, text, { owner: `o${owners}`, deadlineUs: nowUs + 20_000_000 });
}

describe("an alert", () => {
  test("of severity 1 is told on every channel, each in its own form", async () => {
    const alert = sampleAlert({ text: "<b>@everyone</b>" });
    await deliver(alert);
    expect(receivers.counts()).toEqual(ALL);
    const { telegram, discord, email, webhook } = receivers.taken;
    expect(JSON.parse(telegram[0]?.body ?? "")).toMatchObject({
      chat_id: "-1001",
      text: expect.stringContaining("<b>@everyone</b>"),
    });
    expect(JSON.parse(telegram[0]?.body ?? "")).not.toHaveProperty("parse_mode");
    expect(discord[0]?.url).toContain("wait=true");
    expect(JSON.parse(discord[0]?.body ?? "")).toMatchObject({ allowed_mentions: { parse: [] } });
    expect(JSON.parse(email[0]?.body ?? "")).toMatchObject({
      Destination: { ToAddresses: ["ada@example.com"] },
      Content: { Simple: { Subject: { Data: "[severity 1] paper: halted" } } },
    });
    const { headers, body = "" } = webhook[0] ?? {};
    expect(JSON.parse(body)).toEqual(alert);
    const signed = createHmac("sha256", WEBHOOK_SECRET).update(`1790000000.${body}`).digest("hex");
    expect(headers).toMatchObject({
      "reckoner-timestamp": "1790000000",
      "reckoner-signature": `v1=${signed}`,
    });
  });

  test.each([
    [2, ["discord", "email", "webhook"]],
    [3, ["webhook"]],
  ] as const)("of severity %d goes where it is routed", async (severity, channels) => {
    await deliver(sampleAlert({ severity }));
    expect(ALERT_CHANNELS.filter((name) => receivers.taken[name].length === 1)).toEqual(channels);
  });

  test("is one message a channel in a thousand duplicate and concurrent deliveries", async () => {
    const alerts = [sampleAlert(), sampleAlert(), sampleAlert({ severity: 2 })];
    const ports = portsWith();
    for (let turn = 0; turn < 1000; turn += 50) {
      const batch = Array.from({ length: 50 }, (_, n) => alerts[(turn + n * 7) % alerts.length]);
      await Promise.all(batch.map((alert) => deliver({ ...alert, atUs: turn }, ports)));
    }
    expect(receivers.counts()).toEqual({ telegram: 2, discord: 3, email: 3, webhook: 3 });
  });

  test("that gets graver reaches the channels it had not reached", async () => {
    const alert = sampleAlert({ severity: 3 });
    await deliver(alert);
    await deliver({ ...alert, severity: 1 });
    expect(receivers.counts()).toEqual(ALL);
  });
});

describe("a channel", () => {
  test.each(ALERT_CHANNELS)("%s that asks for silence is given it", async (channel) => {
    receivers.spoil(channel, { kind: "limit", retryAfterS: 2 });
    await deliver(sampleAlert());
    expect(receivers.counts()).toEqual(ALL);
    expect(waits).toEqual([channel === "email" ? 1_000 : 2_000]);
  });

  test.each(ALERT_CHANNELS)("%s that fails is tried again, each time later", async (channel) => {
    const bad = { kind: "status", status: 503 } as const;
    receivers.spoil(channel, bad, bad);
    await deliver(sampleAlert());
    expect(receivers.counts()).toEqual(ALL);
    expect(waits).toEqual([250, 500]);
  });

  test.each(ALERT_CHANNELS)(
    "%s that refuses holds back no other, and is the only one tried again",
    async (channel) => {
      const alert = sampleAlert();
      receivers.spoil(channel, { kind: "status", status: 401 });
      await expect(deliver(alert)).rejects.toThrow(`halted has not reached ${channel}`);
      expect(receivers.counts()).toEqual({ ...ALL, [channel]: 0 });
      await deliver(alert);
      expect(receivers.counts()).toEqual(ALL);
      expect(receivers.asked[channel]).toBe(2);
    },
  );

  test("that wants a longer silence than there is time comes back later", async () => {
    receivers.spoil("telegram", { kind: "limit", retryAfterS: 60 });
    await expect(deliver(sampleAlert())).rejects.toThrow(UndeliveredError);
    expect(waits).toEqual([]);
    expect(receivers.asked.telegram).toBe(1);
  });

  test.each(ALERT_CHANNELS)(
    "%s whose answer is lost may be told once more, not more often",
    async (channel) => {
      const alert = sampleAlert();
      receivers.spoil(channel, { kind: "loseAnswer" }, { kind: "loseAnswer" });
      await deliver(alert);
      await deliver(alert);
      expect(receivers.counts()).toEqual({ ...ALL, [channel]: 2 });
      expect(counts.get("AlertsUnconfirmed")).toBe(1);
    },
  );

  test("that is the only one and never answers has the message come back", async () => {
    const alert = sampleAlert();
    const ports = portsWith();
    const only = { ...ports, channels: ports.channels.filter(({ name }) => name === "webhook") };
    receivers.spoil("webhook", { kind: "loseAnswer" }, { kind: "loseAnswer" });
    await expect(deliver(alert, only)).rejects.toThrow("halted has not reached anybody");
    await deliver(alert, only);
    expect(receivers.counts().webhook).toBe(3);
    await deliver(alert, only);
    expect(receivers.counts().webhook).toBe(3);
  });

  test("for the record only is done with after two lost answers", async () => {
    receivers.spoil("webhook", { kind: "loseAnswer" }, { kind: "loseAnswer" });
    const alert = sampleAlert({ severity: 3 });
    await deliver(alert);
    await deliver(alert);
    expect(receivers.counts().webhook).toBe(2);
  });

  test("is not tried when no time is left", async () => {
    const body = JSON.stringify(sampleAlert());
    const late = deliverMessage(portsWith(), body, { owner: "late", deadlineUs: nowUs });
    await expect(late).rejects.toThrow(UndeliveredError);
    expect(receivers.counts()).toEqual({ telegram: 0, discord: 0, email: 0, webhook: 0 });
  });
});

describe("a delivery", () => {
  const attemptOf = (
    alert: ReturnType<typeof sampleAlert>,
    channel: AlertChannel,
    owner: string,
  ) => ({
    consumer: "send-alerts",
    messageKey: deliveryKey(alert, channel),
    owner,
  });

  test("leaves a channel alone that another delivery is at, and takes it over when that one has died", async () => {
    const alert = sampleAlert();
    await idempotency.begin(attemptOf(alert, "email", "dead"), nowUs, nowUs + 30_000_000);
    await expect(deliver(alert)).rejects.toThrow("has not reached email");
    expect(receivers.counts()).toEqual({ ...ALL, email: 0 });
    nowUs += 30_000_000;
    await deliver(alert);
    expect(receivers.counts()).toEqual(ALL);
  });

  test("that loses its record to a successor after it has sent does not fail", async () => {
    const alert = sampleAlert();
    const lossy: IdempotencyStore = {
      ...idempotency,
      complete: () => Promise.reject(new StoreError("end a message", "unavailable", "planted")),
    };
    await deliver(alert, portsWith({ idempotency: lossy }));
    expect(receivers.counts()).toEqual(ALL);
    expect(lines.join()).toContain("a record cannot be kept");
  });

  test("of a grave alert does not wait for the table of records; a lesser one comes back", async () => {
    const away: IdempotencyStore = {
      ...idempotency,
      begin: () => Promise.reject(new StoreError("begin a message", "unavailable", "planted")),
    };
    await deliver(sampleAlert(), portsWith({ idempotency: away }));
    expect(receivers.counts()).toEqual(ALL);
    const lesser = deliver(sampleAlert({ severity: 2 }), portsWith({ idempotency: away }));
    await expect(lesser).rejects.toThrow(UndeliveredError);
    expect(receivers.counts()).toEqual(ALL);
  });

  test("of what is no alert is refused and told", async () => {
    await expect(deliver("{}")).rejects.toThrow(PoisonError);
    expect(counts.get("AlertsRefused")).toBe(1);
  });

  test("without any channel is a line of the log on one machine, and comes back in the cloud", async () => {
    await deliver(sampleAlert(), portsWith({ channels: [], isLocal: true }));
    expect(lines.join()).toContain("the engine halted: a book was wrong");
    const inCloud = deliver(sampleAlert(), portsWith({ channels: [] }));
    await expect(inCloud).rejects.toThrow("no channel is configured");
    await deliver(sampleAlert({ severity: 3 }), portsWith({ channels: [] }));
  });

  test("writes no secret and no address into the log", async () => {
    for (const channel of ALERT_CHANNELS) receivers.spoil(channel, { kind: "status", status: 401 });
    await expect(deliver(sampleAlert())).rejects.toThrow(UndeliveredError);
    expect(lines).toHaveLength(ALERT_CHANNELS.length);
    expect(lines.join()).not.toMatch(
      /abcdefghijklmnop|discord-token|sixteen|127\.0\.0\.1|@example/,
    );
  });
});
