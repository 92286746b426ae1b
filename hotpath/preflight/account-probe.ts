/**
 * Station: questions of the preflight -> one account's desk -> answers, one at a time.
 *
 * Runs the same host and desk that trade, with a host that has no intent log: an order that is not a test
 * cannot leave it.
 */
import type { Instrument } from "../core/instrument.ts";
import type { AccountCommand } from "../core/trade/commands.ts";
import type { AccountEvent, TradeEvent } from "../core/trade/events.ts";
import { Absence } from "../io/clock.ts";
import { DeskHost } from "../io/trade/desk-host.ts";
import { dialOf } from "../io/web-socket.ts";
import type { AccountAddresses, AccountKeys, Execution } from "../venues/execution.ts";

type Waiting = {
  readonly types: readonly AccountEvent["type"][];
  readonly resolve: (event: AccountEvent | undefined) => void;
  readonly timer: NodeJS.Timeout;
};

const DIAL_TIMEOUT_MS = 5000;
const WARM_MS = 20_000;
const REST_CONNECTIONS = 1;
/** The preflight has one connection, so it has one epoch. */
export const PROBE_EPOCH = 1;

export class AccountProbe {
  readonly #host: DeskHost;
  #waiting: Waiting | undefined;
  #heard: AccountEvent[] = [];

  constructor(
    makeDesk: Execution["makeDesk"],
    instruments: readonly Instrument[],
    addresses: AccountAddresses,
    keys: AccountKeys,
  ) {
    this.#host = new DeskHost({
      venue: 0,
      instruments,
      addresses,
      keys,
      makeDesk,
      emit: (event) => this.#onEvent(event),
      intents: undefined,
      dial: dialOf(new Absence()),
      dialTimeoutMs: DIAL_TIMEOUT_MS,
      warmPath: "",
      warmMs: WARM_MS,
      restConnections: REST_CONNECTIONS,
      onBroken: () => undefined,
      guard: (act) => act(),
    });
  }

  /** Carries a command out and waits for one of these events; undefined when none came in time. */
  ask(
    command: AccountCommand,
    types: readonly AccountEvent["type"][],
    timeoutMs: number,
  ): Promise<AccountEvent | undefined> {
    this.#heard = [];
    this.#host.execute(command);
    return this.next(types, timeoutMs);
  }

  /** The next of these events, of those that came since the last command. */
  next(
    types: readonly AccountEvent["type"][],
    timeoutMs: number,
  ): Promise<AccountEvent | undefined> {
    const at = this.#heard.findIndex(({ type }) => types.includes(type));
    if (at !== -1) return Promise.resolve(this.#heard.splice(at, 1)[0]);
    const { promise, resolve } = Promise.withResolvers<AccountEvent | undefined>();
    const timer = setTimeout(() => {
      this.#waiting = undefined;
      resolve(undefined);
    }, timeoutMs);
    this.#waiting = { types, resolve, timer };
    return promise;
  }

  async close(): Promise<void> {
    await this.#host.close();
  }

  #onEvent(event: TradeEvent): void {
    if (!("epoch" in event)) return;
    const waiting = this.#waiting;
    if (waiting?.types.includes(event.type) !== true) {
      this.#heard.push(event);
      return;
    }
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.resolve(event);
  }
}
