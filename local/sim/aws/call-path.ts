/**
 * Station: a client's request -> the service, and its answer -> the client, each some virtual milliseconds later.
 *
 * Here answers get lost, services are away, and the SDK's own retries happen. The work is done as an event of
 * the cloud; the answer is an event of whoever asked, so a process that has died never gets one while what
 * it asked for is done all the same.
 */
import { type Micros, US_PER_MS } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { CloudFaults, Service } from "./cloud-faults.ts";
import { isRetryable, sdkError } from "./sdk-error.ts";

/** How a client was made. */
export type ClientPlan = {
  readonly service: Service;
  readonly attemptsMax: number;
  /** An attempt without an answer is given up after this. */
  readonly timeoutMs: number;
};

/** Gives an answer when there is one, at once or later; throws what the service refuses. */
export type Work = (answer: (output: unknown) => void) => void;

export type Request = {
  /** The command's name, such as `PutItemCommand`. */
  readonly operation: string;
  readonly work: Work;
  readonly signal: AbortSignal | undefined;
};

/** Told of every request that the service has worked on. */
export type CallListener = (operation: string, outcome: string) => void;

const MS_MIN = 1;
const MS_SPAN = 8;
/** One request in so many is slow. */
const SLOW_SHARE = 0.01;
const SLOW_MS = 400;
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 20_000;
const STATUS_BAD_REQUEST = 400;
const STATUS_AWAY = 500;

/** One attempt of a request; it is settled once. */
type Attempt = {
  readonly client: Process;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
};

export class CallPath {
  readonly #kernel: Kernel;
  readonly #faults: CloudFaults;
  readonly #random: Random;
  readonly #cloud: Process;
  readonly #onCall: CallListener;

  constructor(kernel: Kernel, faults: CloudFaults, seed: number, onCall: CallListener) {
    this.#kernel = kernel;
    this.#faults = faults;
    this.#random = new Random(seed, "cloud latency");
    this.#cloud = kernel.makeProcess("cloud");
    this.#onCall = onCall;
  }

  /** Runs `run` as the cloud's, at `atUs`. */
  plan(atUs: Micros, run: () => void): void {
    this.#kernel.at(atUs, this.#cloud, run);
  }

  /** The answer to `request`, after as many attempts as the client makes. */
  async send(plan: ClientPlan, request: Request): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(plan, request);
      } catch (error) {
        const isLast = attempt >= plan.attemptsMax || request.signal?.aborted === true;
        if (isLast || !isRetryable(error)) throw error;
        await this.#backOff(attempt);
      }
    }
  }

  #backOff(attempt: number): Promise<void> {
    const ceilingMs = Math.min(BACKOFF_MS * 2 ** attempt, BACKOFF_MS_MAX);
    const waitUs = Math.ceil(this.#random.next() * ceilingMs) * US_PER_MS;
    return new Promise((resolve) => this.#kernel.after(waitUs, resolve));
  }

  #attempt(plan: ClientPlan, request: Request): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = request;
    const attempt: Attempt = { client: this.#kernel.current, resolve, reject };
    if (signal?.aborted === true) reject(abortError());
    else {
      const onAbort = (): void => reject(abortError());
      signal?.addEventListener("abort", onAbort);
      const forget = (): void => signal?.removeEventListener("abort", onAbort);
      promise.then(forget, forget);
      this.plan(this.#soonUs(), () => this.#serve(plan, request, attempt));
    }
    return promise;
  }

  #soonUs(): Micros {
    const ms = MS_MIN + this.#random.next() * MS_SPAN;
    const slowMs = this.#random.next() < SLOW_SHARE ? this.#random.next() * SLOW_MS : 0;
    return this.#kernel.nowUs + Math.round((ms + slowMs) * US_PER_MS);
  }

  #serve(plan: ClientPlan, { operation, work, signal }: Request, attempt: Attempt): void {
    const kernel = this.#kernel;
    const refusal = this.#refusal(plan.service);
    if (refusal !== undefined) {
      this.#onCall(operation, refusal.name);
      kernel.at(this.#soonUs(), attempt.client, () => attempt.reject(refusal));
      return;
    }
    // A poll that its client has given up is heard no more; a client that died is still in the line.
    const isGivenUp = operation === "ReceiveMessageCommand" && signal?.aborted === true;
    if (isGivenUp) return;
    const isLost = this.#faults.strikes("C03");
    try {
      work((output) => {
        this.#onCall(operation, isLost ? "lost" : "done");
        if (isLost) this.#loseAnswer(plan, attempt);
        else kernel.at(this.#soonUs(), attempt.client, () => attempt.resolve(output));
      });
    } catch (error) {
      this.#onCall(operation, (error as Error).name);
      kernel.at(this.#soonUs(), attempt.client, () => attempt.reject(error));
    }
  }

  /** Why the service does not even begin; undefined where it does. */
  #refusal(service: Service): Error | undefined {
    if (this.#faults.isAway(service, this.#kernel.nowUs)) {
      return sdkError("InternalServerError", STATUS_AWAY);
    }
    if (service === "tables" && this.#faults.strikes("C01")) {
      return sdkError("ThrottlingException", STATUS_BAD_REQUEST);
    }
    if (service === "objects" && this.#faults.strikes("C21")) return sdkError("SlowDown", 503);
    return undefined;
  }

  #loseAnswer({ timeoutMs }: ClientPlan, { client, reject }: Attempt): void {
    const error = sdkError("TimeoutError", 0);
    this.#kernel.at(this.#kernel.nowUs + timeoutMs * US_PER_MS, client, () => reject(error));
  }
}

function abortError(): Error {
  return sdkError("AbortError", 0, "Request aborted");
}
