/**
 * Station: an alert -> the request of each channel -> what became of it.
 *
 * Text goes out as plain text: nothing in an alert can format, mention or link. One attempt a call; whether
 * there is another is decided by whoever calls.
 */
import { createHmac } from "node:crypto";
import { ALERT_CHANNELS, type Alert, type AlertChannel } from "../../contracts/alert.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { MailOutcome, MailSender } from "../stores/mail-sender.ts";
import type { ChannelPlan } from "./channel-plan.ts";
import type { PostAnswer, Poster } from "./http-post.ts";
import { deliveryKey, type Sent, sentOf, wordsOf } from "./logic.ts";

/** One way to people. */
export type Channel = {
  readonly name: AlertChannel;
  readonly send: (alert: Alert, timeoutMs: number) => Promise<Sent>;
};

export type ChannelPorts = {
  readonly poster: Pick<Poster, "post">;
  readonly mail: MailSender;
  readonly nowMs: () => number;
};

const TELEGRAM_ORIGIN = "https://api.telegram.org";
const MS_PER_S = 1_000;
const JSON_HEADERS = { "Content-Type": "application/json", "User-Agent": "reckoner" } as const;

/** Hosts that the channels speak to beside those of the webhook. */
export const CHANNEL_HOSTS = ["api.telegram.org", "discord.com", "discordapp.com"] as const;

/** The channels of `plan`. */
export function createChannels(plan: ChannelPlan, ports: ChannelPorts): readonly Channel[] {
  const made: Readonly<Record<AlertChannel, Channel["send"] | undefined>> = {
    telegram: plan.telegram && telegram(plan.telegram, ports),
    discord: plan.discord && discord(plan.discord, ports),
    email: plan.email && email(plan.email, ports),
    webhook: plan.webhook && webhook(plan.webhook, ports),
  };
  return ALERT_CHANNELS.flatMap((name) => {
    const send = made[name];
    return send === undefined ? [] : [{ name, send }];
  });
}

/** `sendMessage` of the Bot API (core.telegram.org/bots/api#sendmessage, 2026-11-21). */
function telegram(
  { token, chatId, origin = TELEGRAM_ORIGIN }: NonNullable<ChannelPlan["telegram"]>,
  { poster }: ChannelPorts,
): Channel["send"] {
  return async (alert, timeoutMs) => {
    const body = JSON.stringify({
      chat_id: chatId,
      text: wordsOf(alert).text,
      link_preview_options: { is_disabled: true },
    });
    const url = `${origin}/bot${token}/sendMessage`;
    return sentBy(await poster.post({ url, headers: JSON_HEADERS, body, timeoutMs }));
  };
}

/**
 * A webhook of a Discord channel (discord.com developer documentation, "Execute Webhook", 2026-11-21). With
 * `wait` the answer comes when the message has been written.
 */
function discord(
  { webhookUrl }: NonNullable<ChannelPlan["discord"]>,
  { poster }: ChannelPorts,
): Channel["send"] {
  const url = new URL(webhookUrl);
  url.searchParams.set("wait", "true");
  return async (alert, timeoutMs) => {
    // In a block of code nothing is Markdown: no link behind other words, no preview.
    const content = `\`\`\`\n${wordsOf(alert).text.replaceAll("`", "'")}\n\`\`\``;
    const body = JSON.stringify({ content, allowed_mentions: { parse: [] } });
    return sentBy(await poster.post({ url: url.href, headers: JSON_HEADERS, body, timeoutMs }));
  };
}

function email(
  { from, to }: NonNullable<ChannelPlan["email"]>,
  { mail }: ChannelPorts,
): Channel["send"] {
  return async (alert, timeoutMs) => {
    const { subject, text } = wordsOf(alert);
    return mailed(await mail.send({ from, to, subject, text }, timeoutMs));
  };
}

/** Our own: see README.md for what a receiver checks. */
function webhook(
  { url, secret }: NonNullable<ChannelPlan["webhook"]>,
  { poster, nowMs }: ChannelPorts,
): Channel["send"] {
  return async (alert, timeoutMs) => {
    const body = JSON.stringify(alert);
    const timestamp = String(Math.floor(nowMs() / MS_PER_S));
    const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    const headers = {
      ...JSON_HEADERS,
      "Reckoner-Timestamp": timestamp,
      "Reckoner-Signature": `v1=${signature}`,
      "Reckoner-Delivery": sha256Hex(deliveryKey(alert, "webhook")),
    };
    return sentBy(await poster.post({ url, headers, body, timeoutMs }));
  };
}

function sentBy(answer: PostAnswer): Sent {
  switch (answer.kind) {
    case "answer":
      return sentOf(answer.status, answer.waitMs);
    case "unreachable":
      return { kind: "failed", reason: answer.reason };
    case "unanswered":
      return { kind: "ambiguous", reason: answer.reason };
    case "forbidden":
      return { kind: "refused", reason: answer.reason };
  }
}

/** Throttled, the service says 429; a quota that is used up or an address it does not know is final. */
function mailed(outcome: MailOutcome): Sent {
  switch (outcome.kind) {
    case "sent":
      return outcome;
    case "answered":
      return sentOf(outcome.status, -1);
    case "unreachable":
      return { kind: "failed", reason: outcome.name };
    case "unanswered":
      return { kind: "ambiguous", reason: outcome.name };
  }
}
