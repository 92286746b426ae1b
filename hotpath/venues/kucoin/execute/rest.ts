/**
 * Station: questions of the desk -> signed REST calls -> what their answers mean.
 *
 * One outcome for each question: the data, a refusal with its class, or nothing heard. The pool's headers
 * are read off every answer. It repeats nothing.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { Refusal } from "../../../core/trade/events.ts";
import { unheard } from "../../../io/trade/account-answers.ts";
import type { AccountKeys, DeskAnswer, DeskCall, DeskPorts } from "../../execution.ts";
import { parseFields, textOf } from "./json.ts";
import { refusalOf } from "./refusals.ts";
import { signedHeaders } from "./signing.ts";

/** What became of one question. */
export type Outcome =
  | { readonly kind: "ok"; readonly data: unknown; readonly body: Uint8Array }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** `wasSent` is false only when nothing of it has left. */
  | { readonly kind: "failed"; readonly refusal: Refusal; readonly wasSent: boolean };

export type Question = {
  readonly method: DeskCall["method"];
  readonly target: string;
  readonly body?: string;
  readonly kind: DeskCall["kind"];
  readonly timeoutMs: number;
  /** The venue's time that is signed, in milliseconds; absent for what needs no signature. */
  readonly timeMs: number | undefined;
  readonly onDone: (outcome: Outcome, recvUs: number) => void;
};

export type RestEvents = {
  readonly onUsage: (used: number, recvUs: number) => void;
  readonly onSilenced: (untilUs: number, recvUs: number) => void;
};

const CODE_OK = "200000";
const US_PER_MS = 1000;
/** "Blocks for 30 s" (Cloudflare's answer 1015), and as long as any pool's window. */
const BLOCKED_MS = 30_000;

export class Rest {
  readonly #ports: Pick<DeskPorts, "call">;
  readonly #keys: AccountKeys;
  readonly #events: RestEvents;
  readonly #asked = new Map<number, Question>();
  #count = 0;

  constructor(ports: Pick<DeskPorts, "call">, keys: AccountKeys, events: RestEvents) {
    this.#ports = ports;
    this.#keys = keys;
    this.#events = events;
  }

  ask(question: Question): void {
    const { method, target, body = "", kind, timeoutMs, timeMs } = question;
    this.#count++;
    this.#asked.set(this.#count, question);
    const headers =
      timeMs === undefined ? {} : signedHeaders(this.#keys, { method, target, body, timeMs });
    const tag = { what: "question", id: this.#count };
    this.#ports.call({ method, path: target, headers, body, timeoutMs, kind, tag });
  }

  /** Forgets every question: their answers are about an account that was closed. */
  forget(): void {
    this.#asked.clear();
  }

  onAnswer({ tag }: DeskCall, answer: DeskAnswer, recvUs: number): void {
    const { id } = tag;
    assert(typeof id === "number", "every call of this desk is numbered");
    const question = this.#asked.get(id);
    this.#asked.delete(id);
    if (answer.kind === "failed") {
      const { code, wasSent } = answer;
      question?.onDone({ kind: "failed", refusal: unheard(code), wasSent }, recvUs);
      return;
    }
    const hasBudget = this.#readBudget(answer, recvUs);
    question?.onDone(this.#outcomeOf(answer, hasBudget, recvUs), recvUs);
  }

  #outcomeOf(
    answer: Extract<DeskAnswer, { kind: "body" }>,
    hasBudget: boolean,
    recvUs: number,
  ): Outcome {
    const { status, body } = answer;
    const fields = parseFields(body);
    const code = textOf(fields?.code);
    if (status === 200 && code === CODE_OK) return { kind: "ok", data: fields?.data, body };
    const refusal = refusalOf({ status, code, text: textOf(fields?.msg), hasBudget });
    if (refusal.class === "throttled") {
      const resetMs = Number(answer.header("gw-ratelimit-reset") ?? Number.NaN);
      const silentMs = resetMs > 0 && resetMs <= BLOCKED_MS ? resetMs : BLOCKED_MS;
      this.#events.onSilenced(recvUs + silentMs * US_PER_MS, recvUs);
    }
    return { kind: "refused", refusal };
  }

  #readBudget(answer: Extract<DeskAnswer, { kind: "body" }>, recvUs: number): boolean {
    const limit = Number(answer.header("gw-ratelimit-limit") ?? Number.NaN);
    const remaining = Number(answer.header("gw-ratelimit-remaining") ?? Number.NaN);
    const isTold = limit >= remaining && remaining >= 0;
    if (isTold) this.#events.onUsage(limit - remaining, recvUs);
    return isTold;
  }
}
