// Goal: what a channel knows of the end of an attempt is told as it is: delivered, surely not, or perhaps.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Channel, createChannels } from "../../../functions/send-alerts/channels.ts";
import { createPoster, type Poster } from "../../../functions/send-alerts/http-post.ts";
import type { MailOutcome } from "../../../functions/stores/mail-sender.ts";
import { Receivers, sampleAlert } from "./receivers.ts";

let receivers: Receivers;
let poster: Poster;

beforeAll(async () => {
  receivers = await Receivers.start();
  poster = createPoster({ hosts: [], isLocal: true });
});
afterAll(async () => {
  await poster.close();
  await receivers.stop();
});
beforeEach(() => receivers.tidy());

function channel(name: string, outcome: MailOutcome = { kind: "sent" }, webhook?: string): Channel {
  const plan = receivers.plan();
  const own = {
    ...plan,
    ...(webhook && { webhook: { url: webhook, secret: "0123456789abcdef" } }),
  };
  const mail = { send: async () => outcome };
  const made = createChannels(own, { poster, mail, nowMs: () => 0 });
  const found = made.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is configured`);
  return found;
}

test.each([
  [{ kind: "sent" }, { kind: "sent" }],
  [
    { kind: "answered", status: 400, name: "MessageRejected" },
    { kind: "refused", reason: "status 400" },
  ],
  [
    { kind: "answered", status: 429, name: "TooManyRequests" },
    { kind: "limited", waitMs: 1_000 },
  ],
  [
    { kind: "unreachable", name: "ENOTFOUND" },
    { kind: "failed", reason: "ENOTFOUND" },
  ],
  [
    { kind: "unanswered", name: "AbortError" },
    { kind: "ambiguous", reason: "AbortError" },
  ],
] as const)("a mail that is %j", async (outcome, sent) => {
  expect(await channel("email", outcome).send(sampleAlert(), 100)).toEqual(sent);
});

test("a target that is forbidden is refused, one where nobody listens has failed", async () => {
  const forbidden = channel("webhook", undefined, "https://hooks.example.com/");
  expect(await forbidden.send(sampleAlert(), 100)).toMatchObject({ kind: "refused" });
  const away = channel("webhook", undefined, "http://127.0.0.1:9/");
  expect(await away.send(sampleAlert(), 500)).toEqual({ kind: "failed", reason: "ECONNREFUSED" });
});

test("a receiver of the webhook knows a delivery again, however often it is tried", async () => {
  const alert = sampleAlert();
  await channel("webhook").send(alert, 2_000);
  await channel("webhook").send({ ...alert, text: "again" }, 2_000);
  const names = receivers.taken.webhook.map(({ headers }) => headers["reckoner-delivery"]);
  expect(names[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(names[1]).toBe(names[0]);
});

test("nothing in an alert is Markdown to Discord", async () => {
  const text = "``` [the venue](https://evil.example.com) **now**";
  await channel("discord").send(sampleAlert({ text }), 2_000);
  const { content } = JSON.parse(receivers.taken.discord[0]?.body ?? "") as { content: string };
  expect(content).toMatch(/^```\n[^`]*\n```$/);
  expect(content).toContain("[the venue](https://evil.example.com) **now**");
});

test("only channels of the plan are made", () => {
  const ports = { poster, mail: { send: async () => ({ kind: "sent" }) as const }, nowMs: () => 0 };
  expect(createChannels({}, ports)).toEqual([]);
});
