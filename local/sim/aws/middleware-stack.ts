/**
 * As much of an SDK client's stack of middleware as is asked of one from outside: Powertools adds its name to the
 * user agent, and whoever tests the stores plants faults between the retries and the wire.
 *
 * What is added in the step `initialize` sees a request once, everything else sees each attempt.
 */
import { isRetryable } from "./sdk-error.ts";

export type Middleware = (args: { readonly input: object }) => Promise<unknown>;
type Maker = (next: Middleware, context: { readonly commandName: string }) => Middleware;
type Place = { readonly step?: string; readonly name?: string };

export type StackedRequest = {
  readonly operation: string;
  readonly input: object;
  readonly attemptsMax: number;
};

/** Steps whose middleware reads requests of the wire, which there are none of here. */
const WIRE_STEPS: readonly string[] = ["build", "serialize", "deserialize"];

export class MiddlewareStack {
  readonly #makers: { readonly make: Maker; readonly place: Place }[] = [];

  get isEmpty(): boolean {
    return this.#makers.length === 0;
  }

  add(make: Maker, place: Place = {}): void {
    if (!WIRE_STEPS.includes(place.step ?? "initialize")) this.#makers.push({ make, place });
  }

  /** Relative places are only asked for by what reads the wire. */
  addRelativeTo(): void {}

  identify(): readonly string[] {
    return this.#makers.map(({ place }) => place.name ?? "");
  }

  /** Runs `once`, one attempt, through what was added; tries again as the SDK would. */
  run(request: StackedRequest, once: Middleware): Promise<unknown> {
    const { operation: commandName, input, attemptsMax } = request;
    const wrap = (isOutside: boolean, inner: Middleware): Middleware =>
      this.#makers
        .filter(({ place }) => (place.step === "initialize") === isOutside)
        .reduce((next, { make }) => make(next, { commandName }), inner);
    const attempt = wrap(false, once);
    const tried: Middleware = async (args) => {
      for (let n = 1; ; n += 1) {
        try {
          return await attempt(args);
        } catch (error) {
          if (n >= attemptsMax || !isRetryable(error)) throw error;
        }
      }
    };
    return wrap(true, tried)({ input });
  }
}
