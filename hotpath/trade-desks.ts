/**
 * Station: account commands of the core -> the desk of each venue. Part of the hot thread's wiring.
 *
 * One intent log for all accounts: an order is in it before its first byte is on a wire. Desks report by
 * events; nothing here decides.
 */
import { assert } from "../contracts/assert.ts";
import type { VenueId } from "../contracts/ids.ts";
import type { AccountCommand } from "./core/trade/commands.ts";
import type { TradeEvent } from "./core/trade/events.ts";
import type { OpenHttp } from "./io/http-side.ts";
import type { Disk } from "./io/journal/disk.ts";
import { DeskHost } from "./io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "./io/trade/intent-log.ts";
import { sealKeys } from "./io/trade/keys.ts";
import type { Dial } from "./io/web-socket.ts";
import type { HotPlan } from "./plan.ts";
import type { AccountKeys } from "./venues/execution.ts";
import { VENUES } from "./venues/registry.ts";

const DIAL_TIMEOUT_MS = 5000;
/** Half of the 30 s after which idle connections are commonly cut. */
const WARM_MS = 15_000;
/** One for orders, one for everything that may wait. */
const REST_CONNECTIONS = 2;

export type TradeDesksOptions = {
  readonly plan: HotPlan;
  readonly keys: Readonly<Partial<Record<VenueId, AccountKeys>>>;
  readonly intentFolder: string;
  readonly isIntentSynced: boolean;
  readonly dial: Dial;
  readonly openHttp: OpenHttp;
  readonly disk: Disk;
  readonly emit: (event: TradeEvent) => void;
  readonly onFrame: (venue: number, connection: number, epoch: number, frame: Uint8Array) => void;
  readonly onBroken: (reason: string) => void;
  readonly guard: (act: () => void) => void;
};

export class TradeDesks {
  readonly #hosts = new Map<number, DeskHost>();
  readonly #intents: IntentLog | undefined;

  /** Throws where the intent log cannot be begun: nothing may trade without it. */
  constructor(options: TradeDesksOptions) {
    const { trading } = options.plan;
    if (trading === undefined) return;
    this.#intents = new IntentLog({
      ...INTENT_OPTIONS,
      folder: options.intentFolder,
      fence: trading.fence,
      isSynced: options.isIntentSynced,
      disk: options.disk,
    });
    for (const { venue } of trading.venues) this.#hosts.set(venue, this.#hostOf(options, venue));
  }

  #hostOf(options: TradeDesksOptions, venue: number): DeskHost {
    const share = options.plan.venues[venue];
    assert(share !== undefined, "an account is at a venue of the plan");
    const { execution, clockPath } = VENUES[share.id];
    const keys = options.keys[share.id];
    assert(execution !== undefined, "a venue that trades has an execute room");
    assert(keys !== undefined && share.account !== undefined, "an account has keys and addresses");
    return new DeskHost({
      venue,
      instruments: options.plan.instruments.filter((each) => each.venue === share.id),
      addresses: share.account,
      keys: sealKeys(keys),
      makeDesk: execution.makeDesk,
      emit: options.emit,
      intents: this.#intents,
      dial: options.dial,
      openHttp: options.openHttp,
      dialTimeoutMs: DIAL_TIMEOUT_MS,
      warmPath: share.account.rest === "" ? "" : clockPath,
      warmMs: WARM_MS,
      restConnections: REST_CONNECTIONS,
      onFrame: (connection, epoch, frame) => options.onFrame(venue, connection, epoch, frame),
      onBroken: options.onBroken,
      guard: options.guard,
    });
  }

  /** Carries a command out in this turn. */
  execute(command: AccountCommand): void {
    const host = this.#hosts.get(command.venue);
    assert(host !== undefined, "a command of an account is of one that trades");
    host.execute(command);
  }

  /** What the desks have counted, summed. */
  counts(): Readonly<Record<string, number>> {
    let staleEvents = 0;
    let writeFailures = 0;
    let intents = 0;
    for (const { counts } of this.#hosts.values()) {
      staleEvents += counts.staleEvents;
      writeFailures += counts.writeFailures;
      intents += counts.intents;
    }
    return { accountStaleEvents: staleEvents, accountWriteFailures: writeFailures, intents };
  }

  close(): void {
    for (const host of this.#hosts.values()) void host.close();
    this.#intents?.close();
  }
}
