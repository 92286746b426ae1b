/**
 * The virtual Lambda: a handler and an event -> what became of the call, each call a process of its own.
 *
 * A call that is late, or that a fault strikes, dies at whatever it was waiting for, and what it had asked of
 * AWS by then is done all the same. Whoever called is told as in Lambda: an answer, an error, or nothing.
 */
import type { Context } from "aws-lambda";
import { US_PER_MS } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { SceneFaults } from "./scene-faults.ts";

export type Invocation =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "timedOut" };

export type HostedFunction = {
  readonly name: string;
  readonly timeoutMs: number;
  /** Each call is one of a container of its own: nothing is remembered from one to the next. */
  readonly handle: (event: unknown, context: Context) => Promise<unknown>;
};

const START_MS_MAX = 40;
/** A call that is struck dies within this: most of what it awaits lies there. */
const STRUCK_MS_MAX = 120;

export class VirtualLambda {
  readonly #kernel: Kernel;
  readonly #faults: SceneFaults;
  readonly #random: Random;
  /** Told of what a function threw, for the trace and the checkers. */
  readonly #onEnd: (name: string, invocation: Invocation) => void;
  #callCount = 0;

  constructor(
    kernel: Kernel,
    faults: SceneFaults,
    seed: number,
    onEnd: (name: string, invocation: Invocation) => void,
  ) {
    this.#kernel = kernel;
    this.#faults = faults;
    this.#random = new Random(seed, "lambda");
    this.#onEnd = onEnd;
  }

  /** Calls the function; whoever asks goes on in a process of their own. */
  invoke(hosted: HostedFunction, event: unknown): Promise<Invocation> {
    const kernel = this.#kernel;
    const caller = kernel.current;
    this.#callCount += 1;
    const process = kernel.makeProcess(`${hosted.name}.${this.#callCount}`);
    const { promise, resolve } = Promise.withResolvers<Invocation>();
    let isOver = false;
    const end = (invocation: Invocation): void => {
      if (isOver) return;
      isOver = true;
      this.#onEnd(hosted.name, invocation);
      kernel.at(kernel.nowUs, caller, () => resolve(invocation));
    };
    const beginUs = kernel.nowUs + Math.round(this.#random.next() * START_MS_MAX) * US_PER_MS;
    const deadlineUs = beginUs + hosted.timeoutMs * US_PER_MS;
    kernel.at(beginUs, process, () => {
      const copy: unknown = structuredClone(event);
      const context = this.#contextOf(hosted.name, process, deadlineUs);
      hosted.handle(copy, context).then(
        (value) => end({ kind: "returned", value }),
        (error: unknown) => end({ kind: "threw", error }),
      );
    });
    kernel.at(deadlineUs, kernel.world, () => {
      if (!isOver) process.isAlive = false;
      end({ kind: "timedOut" });
    });
    const strikes =
      hosted.name === "compact-archive" ? (["C18", "C22"] as const) : (["C18"] as const);
    for (const name of strikes) {
      if (!this.#faults.strikes(name)) continue;
      const afterMs = this.#faults.stream(name).next() * STRUCK_MS_MAX;
      kernel.at(beginUs + Math.round(afterMs * US_PER_MS), kernel.world, () => {
        if (!isOver) process.isAlive = false;
      });
    }
    return promise;
  }

  #contextOf(functionName: string, process: Process, deadlineUs: number): Context {
    const nothing = (): void => undefined;
    return {
      callbackWaitsForEmptyEventLoop: false,
      functionName,
      functionVersion: "1",
      invokedFunctionArn: `arn:aws:lambda:sim:000000000000:function:${functionName}`,
      memoryLimitInMB: "1024",
      awsRequestId: process.name,
      logGroupName: functionName,
      logStreamName: process.name,
      getRemainingTimeInMillis: () =>
        Math.max(0, Math.floor((deadlineUs - this.#kernel.nowUs) / US_PER_MS)),
      done: nothing,
      fail: nothing,
      succeed: nothing,
    };
  }
}
