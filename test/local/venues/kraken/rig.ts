/**
 * A simulated Kraken alone, driven by hand or by a timer, for its own tests and for those of its desk.
 */
import { randomBytes } from "node:crypto";
import { anchoredClock } from "../../../../local/venues/clock.ts";
import { Delays, NO_DELAYS } from "../../../../local/venues/delays.ts";
import { KRAKEN_REJECT_CODES } from "../../../../local/venues/kraken/trading/errors.ts";
import { KrakenVenue } from "../../../../local/venues/kraken/venue.ts";
import { FairValues } from "../../../../local/venues/market/fair-values.ts";
import { assetValues, krakenListings } from "../../../../local/venues/market/listings.ts";
import { Market } from "../../../../local/venues/market/market.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import { DEFAULT_OPTIONS } from "../../../../local/venues/options.ts";
import { VenuePorts } from "../../../../local/venues/ports.ts";
import { makeTradingSide } from "../../../../local/venues/trading-sides.ts";

export type Rig = {
  readonly venue: KrakenVenue;
  readonly market: Market;
  readonly clock: () => number;
  stop(): Promise<void>;
};

/** Starts a venue with so many instruments; its market lives every two milliseconds. */
export async function startKraken(instruments = 3, levels = 100): Promise<Rig> {
  const seed = 5;
  const clock = anchoredClock();
  const market = new Market(new FairValues(assetValues(), { seed, nowUs: clock() }), {
    name: "kraken",
    seed,
    seqRule: "perInstrument",
    listings: krakenListings(instruments, levels),
    profile: "quiet",
    stepsPerDiff: 2,
  });
  const options = { ...DEFAULT_OPTIONS, seed, rejectCodes: KRAKEN_REJECT_CODES };
  const random = new Random(seed, "frames");
  const ports = new VenuePorts({ restPort: 0, wsPort: 0 });
  const venue = new KrakenVenue({
    market,
    clock,
    delays: new Delays(NO_DELAYS, new Random(seed, "delays")),
    feed: { diffIntervalUs: 6_000, stepsPerDiff: 2, nowUs: clock(), random },
    sessionLifeMs: 3_600_000,
    dialsMax: 150,
    transport: ports,
    drawBytes: randomBytes,
    trading: makeTradingSide("kraken", market, options),
  });
  await ports.open();
  const timer = setInterval(() => venue.tick(clock()), 2);
  return {
    venue,
    market,
    clock,
    async stop() {
      clearInterval(timer);
      venue.goDown();
      await ports.close();
    },
  };
}
