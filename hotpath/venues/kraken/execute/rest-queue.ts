/**
 * Station: signed reads -> REST, one at a time -> their answers.
 *
 * One call is in flight and the others wait, because nonces must reach the venue in their order and calls
 * that overtake each other on two connections would not. A refused nonce is repeated with a greater one:
 * everything asked here is a read. Orders never come this way.
 */
import type { AccountKeys, DeskAnswer, DeskCall, DeskPorts } from "../../execution.ts";
import { bodyOf, type RestBody } from "./reads.ts";
import { throttledUntilUs } from "./refusals.ts";
import { Nonces, privateCall } from "./signing.ts";

const TIMEOUT_MS = 5_000;
const NONCE_TRIES_MAX = 3;
/** "EAPI:Rate limit exceeded" names no time: twenty falls by a half a second. */
const LIMITED_US = 5_000_000;
const STATUS_OK = 200;

/** One read, and who wants to know. */
export type Read = {
  readonly method: string;
  readonly params: readonly (readonly [name: string, value: string])[];
  /** `failed` where no answer of the venue came, or none that can be read. */
  readonly onAnswer: (body: RestBody, recvUs: number) => void;
};

export class RestQueue {
  readonly #keys: AccountKeys;
  readonly #ports: DeskPorts;
  readonly #onSilenced: (untilUs: number, recvUs: number) => void;
  readonly #nonces = new Nonces();
  readonly #waiting: Read[] = [];
  #inFlight: { readonly read: Read; readonly tries: number; readonly id: number } | undefined;
  #nextId = 1;

  constructor(
    keys: AccountKeys,
    ports: DeskPorts,
    onSilenced: (untilUs: number, recvUs: number) => void,
  ) {
    this.#keys = keys;
    this.#ports = ports;
    this.#onSilenced = onSilenced;
  }

  /** Asks when those before it have been answered. */
  ask(read: Read): void {
    this.#waiting.push(read);
    this.#next();
  }

  onAnswer(call: DeskCall, answer: DeskAnswer, recvUs: number): void {
    const current = this.#inFlight;
    if (current === undefined || call.tag.id !== current.id) return;
    this.#inFlight = undefined;
    const body = restBodyOf(answer);
    if (body.kind === "error") {
      if (body.text.startsWith("EAPI:Invalid nonce") && current.tries < NONCE_TRIES_MAX) {
        this.#nonces.raise();
        this.#send(current.read, current.tries + 1);
        return;
      }
      const untilUs = body.text.startsWith("EAPI:Rate limit exceeded")
        ? recvUs + LIMITED_US
        : throttledUntilUs(body.text);
      if (untilUs !== undefined) this.#onSilenced(untilUs, recvUs);
    }
    current.read.onAnswer(body, recvUs);
    this.#next();
  }

  #next(): void {
    if (this.#inFlight !== undefined) return;
    const read = this.#waiting.shift();
    if (read !== undefined) this.#send(read, 1);
  }

  #send(read: Read, tries: number): void {
    const id = this.#nextId++;
    this.#inFlight = { read, tries, id };
    const nonce = this.#nonces.next(this.#ports.nowUs());
    const { method, params } = read;
    const rest = { timeoutMs: TIMEOUT_MS, kind: "read", tag: { what: method, id } } as const;
    this.#ports.call(privateCall(this.#keys, nonce, { method, params, ...rest }));
  }
}

/** Whatever is no answer of the venue is an error without a text of the venue. */
function restBodyOf(answer: DeskAnswer): RestBody {
  if (answer.kind === "failed") return { kind: "error", text: `no answer: ${answer.code}` };
  if (answer.status !== STATUS_OK) return { kind: "error", text: `HTTP ${answer.status}` };
  const body = bodyOf(answer.body);
  if (body.kind === "error" && body.text === "") return { kind: "error", text: "no Kraken answer" };
  return body;
}
