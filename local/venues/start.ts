/**
 * Station: options -> the simulated venues and their control port, running.
 *
 * The composition root of this room, for the process in `main.ts` and for tests alike: real ports, the host's
 * clock and chance. One timer drives everything. Importing this file does nothing.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { assert } from "../../contracts/assert.ts";
import { VENUE_IDS, type VenueId } from "../../contracts/ids.ts";
import { buildVenues } from "./build.ts";
import { anchoredClock } from "./clock.ts";
import { onControlRequest } from "./control.ts";
import { type FaultPlan, parseFaultPlan } from "./fault-plan.ts";
import type { VenuesHandle } from "./handle.ts";
import { Listener } from "./listener.ts";
import { DEFAULT_OPTIONS, type VenuesOptions } from "./options.ts";
import { VenuePorts } from "./ports.ts";

export type { VenuesHandle } from "./handle.ts";

/** A fault plan that cannot be read; the message names the file and the field. */
export class FaultPlanError extends Error {}

async function loadPlan(options: VenuesOptions): Promise<FaultPlan> {
  const { faultPlanFile, faultsPerMinute, faultKinds } = options;
  const kinds = [...faultKinds];
  if (faultPlanFile === "") return { faults: [], trading: [], faultsPerMinute, kinds };
  let text: string;
  try {
    text = await readFile(faultPlanFile, "utf8");
  } catch {
    throw new FaultPlanError(`--fault-plan: cannot read ${faultPlanFile}`);
  }
  const parsed = parseFaultPlan(text);
  if (parsed.kind === "bad") {
    throw new FaultPlanError(`--fault-plan: ${faultPlanFile}: ${parsed.field}: ${parsed.reason}`);
  }
  const plan = parsed.value;
  // The flag adds chance to a plan that has none of its own.
  const rate = plan.faultsPerMinute > 0 ? plan.faultsPerMinute : faultsPerMinute;
  return { ...plan, faultsPerMinute: rate, kinds: plan.kinds ?? kinds };
}

/** Wakes every `tickMs` until told to stop; a late wake is not made up for here. */
function startLoop(tickMs: number, tick: () => void): () => void {
  let timer = setTimeout(function wake() {
    tick();
    timer = setTimeout(wake, tickMs);
  }, tickMs);
  return () => clearTimeout(timer);
}

type Openable = { open(): Promise<void>; close(): Promise<void> };

/** Opens every listener, or none: a taken port must not leave half a world behind. */
async function openAll(parts: readonly Openable[]): Promise<void> {
  const results = await Promise.allSettled(parts.map((part) => part.open()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return;
  await Promise.all(parts.map((part) => part.close()));
  throw failed.reason;
}

/** Ports behind the first, REST then WebSocket; the control port came before the later venues. */
const PORT_OFFSETS: Readonly<Record<VenueId, number>> = {
  "binance-spot": 0,
  "binance-usdm": 2,
  kucoin: 5,
  kraken: 7,
};
const CONTROL_PORT_OFFSET = 4;

function portsOf(portBase: number, venue: VenueId): VenuePorts {
  if (portBase === 0) return new VenuePorts({ restPort: 0, wsPort: 0 });
  const restPort = portBase + PORT_OFFSETS[venue];
  return new VenuePorts({ restPort, wsPort: restPort + 1 });
}

/** Starts the venues; options left out have their defaults. Rejects on a bad plan or a taken port. */
export async function startVenues(partial: Partial<VenuesOptions> = {}): Promise<VenuesHandle> {
  const options = { ...DEFAULT_OPTIONS, ...partial };
  const { portBase } = options;
  const plan = await loadPlan(options);
  const clock = anchoredClock();
  const transports = new Map(VENUE_IDS.map((venue) => [venue, portsOf(portBase, venue)]));
  const built = buildVenues({ options, clock, transports, drawBytesOf: () => randomBytes });
  const { desk, trading, delays } = built;
  const control = new Listener(
    (request, response) => {
      onControlRequest(handle, request, response).catch(() => response.destroy());
    },
    portBase === 0 ? 0 : portBase + CONTROL_PORT_OFFSET,
  );
  const parts = [...transports.values(), control];
  await openAll(parts);
  trading.desk.startPlan(plan.trading);
  const stopLoop = startLoop(options.tickMs, () => built.tick(clock()));
  desk.startPlan(plan);
  const { promise: stopped, resolve: resolveStopped } = Promise.withResolvers<void>();
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (!isStopping) {
      isStopping = true;
      stopLoop();
      built.stop();
      await Promise.all(parts.map((part) => part.close()));
      resolveStopped();
    }
    await stopped;
  };
  const endpointsOf = (venue: VenueId) => {
    const model = built.models.find(({ id }) => id === venue);
    assert(model !== undefined, `${venue} was built`);
    return model.endpoints;
  };
  const handle: VenuesHandle = {
    endpoints: {
      "binance-spot": endpointsOf("binance-spot"),
      "binance-usdm": endpointsOf("binance-usdm"),
      kucoin: endpointsOf("kucoin"),
      kraken: endpointsOf("kraken"),
      control: `http://127.0.0.1:${control.port}`,
    },
    inject: (fault) => desk.inject(fault),
    faults: () => desk.records,
    compare: built.compare,
    delays: () => delays.ranges,
    setDelays: (ranges) => {
      delays.ranges = ranges;
    },
    trading: trading.desk,
    changeKeys: built.changeKeys,
    stats: built.stats,
    stop,
    stopped,
  };
  return handle;
}
