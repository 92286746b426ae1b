/**
 * Station: before the first live frame. Runs made-up frames through the very code that live frames take,
 * in a world of its own, so that the first of them does not meet interpreted bytecode. (Without it the
 * first message of a process took 396 us and the next thousand up to 46 us at p99; with it 9 and 3.)
 */
import { assert } from "../contracts/assert.ts";
import { DECODED } from "./core/decode/decoder.ts";
import { nextDueUs } from "./core/due.ts";
import { applyControl, applyMarket } from "./core/engine.ts";
import { NO_FILTERS } from "./core/instrument.ts";
import { MarketRing } from "./core/market-ring.ts";
import { makeWorld, type World } from "./core/world.ts";
import { decodersOf, type HotPlan, worldPlanOf } from "./plan.ts";
import { VENUES } from "./venues/registry.ts";

const STEPS = 8000;
const START_US = 1_700_000_000_000_000;
const STEP_US = 1000;

/** Warms every venue of the plan; returns the number of events that were applied. */
export function warmUp(plan: HotPlan): number {
  let applied = 0;
  for (const share of plan.venues) {
    const instrument = {
      ...(plan.instruments.find(({ venue }) => venue === share.id) ?? plan.instruments[0]),
      index: 0,
      symbol: "WARMUP",
      venue: share.id,
      id: `${share.id}:WARMUP`,
      tickSize: "0.01",
      lotSize: "0.01",
      priceDecimals: 2,
      tickUnits: 1,
      quantityDecimals: 2,
      lotUnits: 1,
      filters: NO_FILTERS,
    } as const;
    applied += warmVenue({ ...plan, venues: [share], instruments: [instrument] });
  }
  return applied;
}

function warmVenue(plan: HotPlan): number {
  const share = plan.venues[0];
  assert(share !== undefined, "a plan of one venue has a venue");
  const world = makeWorld(worldPlanOf(plan));
  const ring = new MarketRing(64, 65_536);
  const decoder = decodersOf(plan)[0];
  assert(decoder !== undefined, "every venue has a decoder");
  const stamp = { session: 0, epoch: 1, recvUs: START_US, awayUs: 0, rawSeq: 0 };
  openWorld(world);
  let applied = 0;
  for (let step = 1; step < STEPS; step++) {
    stamp.recvUs = START_US + step * STEP_US;
    for (const text of VENUES[share.id].warmUpFrames("WARMUP", step)) {
      if (decoder.decode(Buffer.from(text), stamp, ring) !== DECODED.event) continue;
      ring.processUs[ring.oldest] = stamp.recvUs;
      applyMarket(world, ring, ring.oldest);
      ring.release();
      world.outbox.length = 0;
      applied++;
    }
    if (step % 16 === 0) {
      applyControl(world, { type: "timerFired" }, stamp.recvUs);
      world.outbox.length = 0;
      nextDueUs(world);
    }
  }
  return applied;
}

/** Brings the made-up session and its book up, as the venue would. */
function openWorld(world: World): void {
  const events = [
    { type: "started" },
    { type: "sessionOpened", session: 0, epoch: 1, attempt: 1 },
    { type: "subscriptionConfirmed", session: 0, epoch: 1 },
    {
      type: "snapshotReceived",
      instrument: 0,
      requestId: 1,
      recvUs: START_US,
      weightUsed: 0,
      rawSeq: 0,
      levels: {
        seq: 2,
        exchangeUs: 0,
        ticks: Float64Array.of(10_010, 20_010),
        lots: Float64Array.of(100, 100),
        bidCount: 1,
        askCount: 1,
      },
    },
  ] as const;
  for (const event of events) {
    applyControl(world, event, START_US);
    world.outbox.length = 0;
  }
}
