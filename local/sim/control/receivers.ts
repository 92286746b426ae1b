/**
 * Where alerts arrive: the channels' services, as virtual receivers of HTTP and mail that remember what they
 * took and are down, slow or silent by the seed (C32).
 *
 * What they have taken is the truth about who was told; a request that was taken and not answered counts.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Post, PostAnswer, Poster } from "../../../functions/send-alerts/http-post.ts";
import type { MailSender } from "../../../functions/stores/mail-sender.ts";
import { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { SceneFaults } from "./scene-faults.ts";

/** One attempt at one channel. */
export type Attempt = {
  readonly channel: string;
  readonly incidentId: string;
  readonly text: string;
  readonly sender: Process;
  /** Whether the channel took it, and whether the sender can have heard of it. */
  readonly isTaken: boolean;
  readonly isAnswered: boolean;
};

const ANSWER_MS = 30;
const ANSWER_MS_SPAN = 200;
const STATUS_OK = 200;
const STATUS_BUSY = 429;
const STATUS_DOWN = 503;

type Fate = "answered" | "down" | "busy" | "unanswered" | "unreachable";
const TROUBLES = ["down", "busy", "unanswered", "unreachable"] as const;

export class Receivers implements Pick<Poster, "post"> {
  readonly attempts: Attempt[] = [];
  readonly mail: MailSender;
  readonly #kernel: Kernel;
  readonly #faults: SceneFaults;
  readonly #random: Random;

  constructor(kernel: Kernel, faults: SceneFaults, seed: number) {
    this.#kernel = kernel;
    this.#faults = faults;
    this.#random = new Random(seed, "receivers");
    this.mail = {
      send: async ({ subject, text }, timeoutMs) => {
        const fate = await this.#take("email", `${subject}\n${text}`, timeoutMs);
        if (fate === "answered") return { kind: "sent" };
        if (fate === "unreachable" || fate === "unanswered") return { kind: fate, name: fate };
        return {
          kind: "answered",
          status: fate === "busy" ? STATUS_BUSY : STATUS_DOWN,
          name: fate,
        };
      },
    };
  }

  async post({ url, body, timeoutMs }: Post): Promise<PostAnswer> {
    const fate = await this.#take(channelOf(url), body, timeoutMs);
    switch (fate) {
      case "answered":
        return { kind: "answer", status: STATUS_OK, waitMs: -1 };
      case "down":
        return { kind: "answer", status: STATUS_DOWN, waitMs: -1 };
      case "busy":
        return { kind: "answer", status: STATUS_BUSY, waitMs: 1_000 };
      case "unanswered":
      case "unreachable":
        return { kind: fate, reason: fate };
    }
  }

  /** What becomes of one request; virtual time passes. */
  #take(channel: string, text: string, timeoutMs: number): Promise<Fate> {
    const kernel = this.#kernel;
    const isStruck = this.#faults.strikes("C32");
    const stream = this.#faults.stream("C32");
    const fate: Fate = isStruck
      ? (TROUBLES[stream.integer(TROUBLES.length)] ?? "down")
      : "answered";
    const answerMs = ANSWER_MS + this.#random.next() * ANSWER_MS_SPAN;
    // Of a request without an answer nobody knows whether it was taken; half of them are.
    const isTaken = fate === "answered" || (fate === "unanswered" && stream.next() < 0.5);
    const waitMs = fate === "unanswered" ? timeoutMs : Math.min(answerMs, timeoutMs);
    const { current } = kernel;
    return new Promise((resolve) => {
      const arriveUs = kernel.nowUs + Math.round((answerMs / 2) * US_PER_MS);
      // Once sent it arrives, whether or not its sender lives to hear of it.
      kernel.at(arriveUs, kernel.world, () => {
        const isAnswered = fate !== "unanswered";
        const incidentId = incidentIn(text);
        this.attempts.push({ channel, incidentId, text, sender: current, isTaken, isAnswered });
      });
      kernel.after(Math.round(waitMs * US_PER_MS), () => resolve(fate));
    });
  }
}

function channelOf(url: string): string {
  const { hostname } = new URL(url);
  if (hostname === "api.telegram.org") return "telegram";
  return hostname === "discord.com" ? "discord" : "webhook";
}

/** The incident that a request is about: its own field, or the last line of its words. */
function incidentIn(text: string): string {
  const fields = text.startsWith("{")
    ? (JSON.parse(text) as Readonly<Record<string, unknown>>)
    : {};
  if (typeof fields.incidentId === "string") return fields.incidentId;
  const words = String(fields.text ?? fields.content ?? text);
  return /\nincident (\S+)/.exec(words)?.[1] ?? "";
}
