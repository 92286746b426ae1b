// Goal: one server that behaves as Telegram, Discord, SES and a webhook's receiver do, and as they do on bad days.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Alert, AlertChannel } from "../../../contracts/alert.ts";
import type { ChannelPlan } from "../../../functions/send-alerts/channel-plan.ts";

/** What a receiver does with the next request, instead of taking it. */
export type BadDay =
  | { readonly kind: "limit"; readonly retryAfterS: number }
  | { readonly kind: "status"; readonly status: number }
  /** Takes the message and cuts the connection before it answers. */
  | { readonly kind: "loseAnswer" }
  /** Takes the message and never answers. */
  | { readonly kind: "silence" }
  | { readonly kind: "redirect"; readonly to: string };

export type Received = {
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
  readonly body: string;
};

export const WEBHOOK_SECRET = "a secret of sixteen letters or more";
const TOKEN = "123456:abcdefghijklmnop_QRS";

export class Receivers {
  /** What each channel has taken, whether or not the answer arrived. */
  readonly taken: Record<AlertChannel, Received[]> = {
    telegram: [],
    discord: [],
    email: [],
    webhook: [],
  };
  /** Requests, taken or not. */
  readonly asked: Record<AlertChannel, number> = { telegram: 0, discord: 0, email: 0, webhook: 0 };
  readonly #plans = new Map<AlertChannel, BadDay[]>();
  readonly #server: Server;
  url = "";

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Receivers> {
    const receivers = new Receivers();
    await new Promise<void>((resolve) => receivers.#server.listen(0, "127.0.0.1", resolve));
    receivers.url = `http://127.0.0.1:${(receivers.#server.address() as AddressInfo).port}`;
    return receivers;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The next requests of `channel` meet these days, in order. */
  spoil(channel: AlertChannel, ...days: readonly BadDay[]): void {
    this.#plans.set(channel, [...days]);
  }

  tidy(): void {
    this.#plans.clear();
    for (const channel of ["telegram", "discord", "email", "webhook"] as const) {
      this.taken[channel].length = 0;
      this.asked[channel] = 0;
    }
  }

  counts(): Record<AlertChannel, number> {
    const { telegram, discord, email, webhook } = this.taken;
    return {
      telegram: telegram.length,
      discord: discord.length,
      email: email.length,
      webhook: webhook.length,
    };
  }

  /** Channels that lead here. */
  plan(): ChannelPlan {
    return {
      telegram: { token: TOKEN, chatId: "-1001", origin: this.url },
      discord: { webhookUrl: `${this.url}/api/webhooks/1/discord-token` },
      email: { from: "engine@example.com", to: ["ada@example.com"] },
      webhook: { url: `${this.url}/hook`, secret: WEBHOOK_SECRET },
    };
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const url = request.url ?? "";
    const channel = channelOf(url);
    if (channel === undefined) {
      response.writeHead(404).end();
      return;
    }
    this.asked[channel]++;
    const day = this.#plans.get(channel)?.shift();
    const take = (): void => {
      this.taken[channel].push({ headers: request.headers, url, body });
    };
    switch (day?.kind) {
      case undefined:
        take();
        answer(channel, response);
        return;
      case "limit":
        limit(channel, response, day.retryAfterS);
        return;
      case "status":
        response.writeHead(day.status, { "Content-Type": "application/json" }).end("{}");
        return;
      case "redirect":
        response.writeHead(302, { Location: day.to }).end();
        return;
      case "loseAnswer":
        take();
        request.socket.destroy();
        return;
      case "silence":
        take();
    }
  }
}

function channelOf(url: string): AlertChannel | undefined {
  if (url === `/bot${TOKEN}/sendMessage`) return "telegram";
  if (url.startsWith("/api/webhooks/1/discord-token")) return "discord";
  if (url === "/v2/email/outbound-emails") return "email";
  return url === "/hook" ? "webhook" : undefined;
}

function json(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

function answer(channel: AlertChannel, response: ServerResponse): void {
  switch (channel) {
    case "telegram":
      json(response, 200, { ok: true, result: { message_id: 7 } });
      return;
    case "discord":
      json(response, 200, { id: "1", content: "" });
      return;
    case "email":
      json(response, 200, { MessageId: "m-1" });
      return;
    case "webhook":
      response.writeHead(204).end();
  }
}

/** Each says in its own words how long it wants silence. */
function limit(channel: AlertChannel, response: ServerResponse, seconds: number): void {
  switch (channel) {
    case "telegram":
      json(response, 429, {
        ok: false,
        error_code: 429,
        description: `Too Many Requests: retry after ${seconds}`,
        parameters: { retry_after: seconds },
      });
      return;
    case "discord":
      json(
        response,
        429,
        { message: "You are being rate limited.", retry_after: seconds, global: false },
        { "Retry-After": String(Math.ceil(seconds)) },
      );
      return;
    case "email":
      json(
        response,
        429,
        { message: "Rate exceeded" },
        { "x-amzn-errortype": "TooManyRequestsException" },
      );
      return;
    case "webhook":
      response.writeHead(429, { "Retry-After": String(seconds) }).end();
  }
}

let incidentCount = 0;

/** An alert of an incident of its own. */
export function sampleAlert(change: Partial<Alert> = {}): Alert {
  incidentCount++;
  return {
    schemaVersion: 1,
    incidentId: `paper.halted.${incidentCount}`,
    engine: "paper",
    severity: 1,
    kind: "halted",
    text: "the engine halted: a book was wrong",
    atUs: 1_790_000_000_123_456,
    ...change,
  };
}
