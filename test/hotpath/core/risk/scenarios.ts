/**
 * Each control of the gate as three worlds: one exactly at what it allows, one a single unit beyond it, and
 * (where it reads something) one in which that is missing. Everything else is far from any limit.
 */
import { ATTO_PER_UNIT } from "../../../../hotpath/core/money/amount.ts";
import type { VenueRisk } from "../../../../hotpath/core/risk/venue-risk.ts";
import type { PlacePurpose } from "../../../../hotpath/core/risk/view.ts";
import { atto, type Bench, clientId, NOON_US } from "./bench.ts";

export type Setup = (bench: Bench) => void;

export type Scenario = {
  readonly control: string;
  readonly about: string;
  readonly purpose?: PlacePurpose;
  /** Undefined where the control knows no amount, only yes and no. */
  readonly atLimit?: Setup;
  readonly above: Setup;
  readonly missing?: Setup;
  /** Another control that would block it too; a price of nothing is also far from any mid. */
  readonly alsoBy?: string;
};

/** Orders that live already, of one lot each and far below the market. */
function openOrders(count: number, instrument: number, worth = 0n): Setup {
  return (bench) =>
    bench.steps.push((venue) => {
      for (let i = 0; i < count; i++) {
        const name = `rk00001-${instrument}-${i}`;
        venue.exposure.add(
          { clientId: name, instrument, side: "buy", priceTicks: 100, lots: 1 },
          worth,
        );
      }
    });
}

function onVenue(step: (venue: VenueRisk) => void): Setup {
  return (bench) => bench.steps.push(step);
}

function times(count: number, step: (i: number) => void): void {
  for (let i = 0; i < count; i++) step(i);
}

function book(bench: Bench, change: Partial<Bench["view"]["books"][number]>, index = 0): void {
  Object.assign(bench.view.books[index] ?? {}, change);
}

/** The order is worth 500 USDT to the last digit: at the mid, so that no rounding is in the way. */
const WORTH: Setup = (bench) => bench.setOrder({ priceTicks: 5_000_000, lots: 1000 });

export const STANDING: readonly Scenario[] = [
  {
    control: "PT32",
    about: "a kill of everything",
    above: (bench) =>
      bench.steps.push((_, { kills }) => {
        kills.apply({ scope: "all", target: "", by: "ann", reason: "drill" }, NOON_US);
      }),
  },
  {
    control: "PT37",
    about: "the version an order cites",
    atLimit: (bench) => bench.setOrder({ limitsVersion: 4 }),
    above: (bench) => bench.setOrder({ limitsVersion: 5 }),
  },
  {
    control: "PT16",
    about: "a command number that was used",
    atLimit: (bench) => {
      bench.setOrder({ command: 8, fence: 2 });
      onVenue(({ counters }) => counters.countOrder(2, 7, NOON_US - 3_600_000_000))(bench);
    },
    above: (bench) => {
      bench.setOrder({ command: 7, fence: 2 });
      onVenue(({ counters }) => counters.countOrder(2, 7, NOON_US - 3_600_000_000))(bench);
    },
  },
  {
    control: "PT16",
    about: "a fence that is over",
    atLimit: (bench) => {
      bench.setOrder({ command: 1, fence: 3 });
      onVenue(({ counters }) => counters.countOrder(2, 7, NOON_US - 3_600_000_000))(bench);
    },
    above: (bench) => {
      bench.setOrder({ command: 8, fence: 1 });
      onVenue(({ counters }) => counters.countOrder(2, 7, NOON_US - 3_600_000_000))(bench);
    },
  },
  {
    control: "PT31",
    about: "time left of the lease",
    atLimit: ({ view }) => {
      view.account.leaseRemainingUs = 1_000_000 + 2 * 500 + 500_000;
    },
    above: ({ view }) => {
      view.account.leaseRemainingUs = 1_000_000 + 2 * 500 + 499_999;
    },
    missing: ({ view }) => {
      view.account.leaseRemainingUs = Number.NaN;
    },
  },
  {
    control: "PT20",
    about: "an instrument beyond the allowlist",
    atLimit: (bench) => bench.setLimits({ allowlist: ["binance-spot:BTCUSDT"] }),
    above: (bench) => bench.setLimits({ allowlist: ["binance-spot:ETHUSDT"] }),
  },
  {
    control: "PT20",
    about: "trading that is off",
    above: ({ view }) => {
      view.account.tradingMode = "off";
    },
  },
  {
    control: "PT21",
    about: "an instrument that does not trade",
    above: ({ view }) => {
      for (const instrument of view.instruments) instrument.isTrading = false;
    },
  },
  {
    control: "PT21",
    about: "the mode of the venue, for what begins",
    atLimit: ({ view }) => {
      view.account.mode = "active";
    },
    above: ({ view }) => {
      view.account.mode = "noNewPositions";
    },
  },
  {
    control: "PT21",
    about: "the mode of the venue, for what finishes",
    purpose: "finish",
    atLimit: ({ view }) => {
      view.account.mode = "noNewPositions";
    },
    above: ({ view }) => {
      view.account.mode = "exitsOnly";
    },
  },
  {
    control: "PT21",
    about: "the mode of the venue, for what gets out",
    purpose: "exit",
    atLimit: ({ view }) => {
      view.account.mode = "exitsOnly";
    },
    above: ({ view }) => {
      view.account.mode = "suspended";
    },
  },
  {
    control: "E06",
    about: "a private stream that is not live",
    above: ({ view }) => {
      view.account.isReady = false;
    },
  },
  {
    control: "E06",
    about: "an account that is blocked",
    above: ({ view }) => {
      view.account.blockedReason = "balances differ";
    },
  },
  {
    control: "PT30",
    about: "clock offset",
    atLimit: ({ view }) => {
      view.account.clockOffsetUs = -250_000;
    },
    above: ({ view }) => {
      view.account.clockOffsetUs = -250_001;
    },
    missing: ({ view }) => {
      view.account.clockOffsetUs = Number.NaN;
    },
  },
  {
    control: "PT33",
    about: "the venue's dead-man switch",
    atLimit: ({ view }) => {
      view.account.deadMan = "none";
    },
    above: ({ view }) => {
      view.account.deadMan = "disarmed";
    },
  },
  {
    control: "PT34",
    about: "the quarantine",
    atLimit: (bench) => {
      bench.setOrder({ lots: 100 });
      bench.view.account.readySinceUs = NOON_US - 60_000_000;
    },
    above: (bench) => {
      bench.setOrder({ lots: 100 });
      bench.view.account.readySinceUs = NOON_US - 59_999_999;
    },
    missing: ({ view }) => {
      view.account.readySinceUs = Number.NaN;
    },
  },
];

export const PRICES: readonly Scenario[] = [
  {
    control: "PT25",
    about: "an order without a price",
    purpose: "exit",
    alsoBy: "PT03",
    above: (bench) => bench.setOrder({ priceTicks: 0 }),
    missing: (bench) => bench.setOrder({ priceTicks: Number.NaN }),
  },
  {
    control: "PT25",
    about: "a quantity that is none",
    purpose: "exit",
    atLimit: (bench) => bench.setOrder({ lots: 1 }),
    above: (bench) => bench.setOrder({ lots: 0 }),
    missing: (bench) => bench.setOrder({ lots: 0.5 }),
  },
  {
    control: "PT17",
    about: "a book that is not live",
    above: (bench) => book(bench, { isLive: false }, 2),
  },
  {
    control: "PT17",
    about: "a book of another epoch than its session",
    above: (bench) => book(bench, { sessionEpoch: 4 }),
  },
  {
    control: "PT17",
    about: "a crossed book",
    atLimit: (bench) => book(bench, { bidTicks: 5_000_000, askTicks: 5_000_001 }),
    above: (bench) => book(bench, { bidTicks: 5_000_001, askTicks: 5_000_001 }),
    missing: (bench) => book(bench, { bidTicks: Number.NaN }),
  },
  {
    control: "PT17",
    about: "a silent stream",
    atLimit: (bench) => book(bench, { ageUs: 500_000 }),
    above: (bench) => book(bench, { ageUs: 500_001 }, 1),
    missing: (bench) => book(bench, { ageUs: Number.NaN }),
  },
  {
    control: "PT17",
    about: "messages that come old",
    atLimit: (bench) => book(bench, { exchangeAgeUs: 1_000_000 }),
    above: (bench) => book(bench, { exchangeAgeUs: 1_000_001 }),
    missing: (bench) => book(bench, { exchangeAgeUs: Number.NaN }),
  },
  {
    control: "PT17",
    about: "our own queue",
    atLimit: (bench) => book(bench, { queueDelayUs: 50_000 }),
    above: (bench) => book(bench, { queueDelayUs: 50_001 }),
    missing: (bench) => book(bench, { queueDelayUs: Number.NaN }),
  },
  {
    control: "PT17",
    about: "a book that has moved since the decision",
    above: (bench) => book(bench, { seq: 701 }, 1),
  },
  {
    control: "PT17",
    about: "a book that is not live, for an exit",
    purpose: "exit",
    above: (bench) => book(bench, { isLive: false }),
  },
  {
    control: "PT18",
    about: "a jump",
    atLimit: (bench) => {
      bench.setLimits({ jumpSigmas: 0 });
      jumpTo(bench, 10_300_000);
    },
    above: (bench) => {
      bench.setLimits({ jumpSigmas: 0, jumpPpm: 29_126 });
      jumpTo(bench, 10_300_000);
    },
    missing: (bench) => bench.steps.push((_, { references }) => references.forget(0)),
  },
  {
    control: "PT18",
    about: "a jump against what is usual",
    atLimit: (bench) => jumpTo(bench, 10_030_000),
    above: (bench) => jumpTo(bench, 10_032_000),
  },
  {
    control: "PT18",
    about: "the spread",
    atLimit: (bench) => spread(bench, 4_950_000, 5_050_000),
    above: (bench) => spread(bench, 4_950_000, 5_050_002),
  },
  {
    control: "PT35",
    about: "unrest",
    atLimit: (bench) => {
      bench.setLimits({ volatilityFactor: 5 });
      shake(bench);
    },
    above: (bench) => {
      bench.setLimits({ volatilityFactor: 3 });
      shake(bench);
    },
  },
  {
    control: "PT03",
    about: "the collar, above",
    atLimit: (bench) => bench.setOrder({ priceTicks: 5_025_000 }),
    above: (bench) => bench.setOrder({ priceTicks: 5_025_001 }),
  },
  {
    control: "PT03",
    about: "the collar, below",
    atLimit: (bench) => bench.setOrder({ priceTicks: 4_975_000, side: "sell" }),
    above: (bench) => bench.setOrder({ priceTicks: 4_974_999, side: "sell" }),
  },
  {
    control: "PT03",
    about: "the wider collar of exits",
    purpose: "exit",
    atLimit: (bench) => bench.setOrder({ priceTicks: 5_100_000 }),
    above: (bench) => bench.setOrder({ priceTicks: 5_100_001 }),
  },
  {
    control: "PT04",
    about: "the collar of a period",
    atLimit: (bench) => {
      bench.setLimits({ collarPpm: 50_000 });
      bench.setOrder({ priceTicks: 5_100_000 });
    },
    above: (bench) => {
      bench.setLimits({ collarPpm: 50_000 });
      bench.setOrder({ priceTicks: 5_100_001 });
    },
  },
  {
    control: "PT19",
    about: "an edge too good",
    atLimit: ({ context }) => {
      context.edgePpm = 20_000;
    },
    above: ({ context }) => {
      context.edgePpm = 20_001;
    },
    missing: ({ context }) => {
      context.edgePpm = Number.NaN;
    },
  },
  {
    control: "PT24",
    about: "an own order on the other side",
    atLimit: (bench) => ownSell(bench, 5_000_001),
    above: (bench) => ownSell(bench, 5_000_000),
  },
];

/** The sum of bid and ask was 10,000,000 for a minute and is this now. */
function jumpTo(bench: Bench, sum: number): void {
  book(bench, { bidTicks: sum / 2 - 1, askTicks: sum / 2 + 1 });
  bench.setLimits({ collarPpm: 50_000, periodCollarPpm: 100_000 });
  bench.setOrder({ priceTicks: Math.floor(sum / 2) });
  // The order stays within the limits of its worth although the price has risen.
  bench.steps.push((_, { references }) => {
    references.observe(0, sum / 2 - 1, sum / 2 + 1, NOON_US);
  });
}

function spread(bench: Bench, bidTicks: number, askTicks: number): void {
  book(bench, { bidTicks, askTicks });
}

/** Ten seconds of moves by one percent, the last of them two seconds ago. */
function shake(bench: Bench): void {
  bench.steps.push((_, { references }) => {
    times(10, (i) => {
      const mid = 5_000_000 + (i % 2) * 50_000;
      references.observe(0, mid - 1, mid + 1, NOON_US + i * 1_000_000);
    });
    references.observe(0, 4_999_999, 5_000_001, NOON_US + 10_000_000);
  });
  bench.nowUs = NOON_US + 12_500_000;
}

function ownSell(bench: Bench, priceTicks: number): void {
  bench.steps.push(({ exposure }) => {
    const own = { clientId: clientId(900), instrument: 0, side: "sell", lots: 1 } as const;
    exposure.add({ ...own, priceTicks }, 0n);
  });
}

export const SIZES: readonly Scenario[] = [
  {
    control: "PT23",
    about: "the age of the rules",
    atLimit: ({ view }) => {
      for (const each of view.instruments) each.rulesAgeUs = 3_600_000_000;
    },
    above: ({ view }) => {
      for (const each of view.instruments) each.rulesAgeUs = 3_600_000_001;
    },
    missing: ({ view }) => {
      for (const each of view.instruments) each.rulesAgeUs = Number.NaN;
    },
  },
  {
    control: "PT23",
    about: "a filter of the venue",
    purpose: "exit",
    above: ({ view }) => {
      view.filter = "notionalMin";
    },
  },
  {
    control: "PT01",
    about: "worth of one order",
    atLimit: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "500" });
    },
    above: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "499.999999999999999999" });
    },
    missing: (bench) => noValue(bench),
  },
  {
    control: "PT34",
    about: "the ramp",
    atLimit: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "5000" });
      bench.view.account.readySinceUs = NOON_US - 3_659_999_999;
    },
    above: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "4999.99999999999999" });
      bench.view.account.readySinceUs = NOON_US - 3_659_999_999;
    },
  },
  {
    control: "PT02",
    about: "a share of the visible depth",
    atLimit: ({ view }) => {
      view.lots = 4000;
    },
    above: ({ view }) => {
      view.lots = 3999;
    },
    missing: ({ view }) => {
      view.lots = Number.NaN;
    },
  },
  {
    control: "PT26",
    about: "worth between two legs",
    atLimit: (bench) => {
      WORTH(bench);
      bench.setLimits({ legNotionalMax: "500" });
    },
    above: (bench) => {
      WORTH(bench);
      bench.setLimits({ legNotionalMax: "499.999999999999999999" });
    },
  },
  {
    control: "PT26",
    about: "time between two legs",
    purpose: "finish",
    atLimit: ({ context }) => {
      context.cycleSinceUs = NOON_US - 2_000_000;
    },
    above: ({ context }) => {
      context.cycleSinceUs = NOON_US - 2_000_001;
    },
    missing: ({ context }) => {
      context.cycleSinceUs = Number.NaN;
    },
  },
  {
    control: "PT05",
    about: "the ceiling of an order, whatever the limits say",
    atLimit: (bench) => {
      bench.setOrder({ lots: 200_000, priceTicks: 5_000_000 });
      unlimited(bench);
    },
    above: (bench) => {
      bench.setOrder({ lots: 200_001, priceTicks: 5_000_000 });
      unlimited(bench);
    },
    missing: (bench) => {
      bench.setOrder({ purpose: "exit" });
      noValue(bench);
    },
  },
  {
    control: "PT05",
    about: "the ceiling of what is open, whatever the limits say",
    atLimit: (bench) => {
      WORTH(bench);
      unlimited(bench);
      openOrders(1, 2, 999_500n * ATTO_PER_UNIT)(bench);
    },
    above: (bench) => {
      WORTH(bench);
      unlimited(bench);
      openOrders(1, 2, 999_500n * ATTO_PER_UNIT + 1n)(bench);
    },
  },
  {
    control: "PT05",
    about: "exits in a second",
    purpose: "exit",
    atLimit: onVenue(({ counters }) => times(49, () => counters.countOrder(1, 1, NOON_US))),
    above: onVenue(({ counters }) => times(50, () => counters.countOrder(1, 1, NOON_US))),
  },
  {
    control: "PT05",
    about: "exits in a minute",
    purpose: "exit",
    atLimit: onVenue(({ counters }) =>
      times(599, (i) => counters.countOrder(1, 1, NOON_US + i * 90_000)),
    ),
    above: (bench) => {
      bench.nowUs = NOON_US + 59_000_000;
      onVenue(({ counters }) => {
        times(600, (i) => counters.countOrder(1, 1, NOON_US + i * 90_000));
      })(bench);
    },
  },
  {
    control: "PT06",
    about: "open orders of the instrument",
    atLimit: openOrders(4, 0),
    above: openOrders(5, 0),
  },
  {
    control: "PT06",
    about: "open orders of the account",
    atLimit: openOrders(19, 2),
    above: openOrders(20, 2),
  },
  {
    control: "PT07",
    about: "worth of all that is open",
    atLimit: (bench) => {
      WORTH(bench);
      openOrders(3, 2, atto("1500"))(bench);
    },
    above: (bench) => {
      WORTH(bench);
      openOrders(3, 2, atto("1500.000000000000000001"))(bench);
    },
    missing: (bench) => {
      bench.steps.push(({ exposure }) => {
        const old = { clientId: clientId(800), instrument: 1, side: "buy", lots: 1 } as const;
        exposure.add({ ...old, priceTicks: 1 }, undefined);
      });
    },
  },
  {
    control: "PT08",
    about: "a position in the worst case",
    atLimit: holding("0.09"),
    above: holding("0.090000000000000001"),
  },
  {
    control: "PT08",
    about: "a position that other orders may still bring about",
    atLimit: incoming(9000),
    above: incoming(9001),
  },
  {
    control: "PT09",
    about: "gross exposure",
    atLimit: grossOf("1.9"),
    above: grossOf("1.900000000000000001"),
    missing: (bench) => {
      grossOf("0.1")(bench);
      bench.steps.push(({ exposure }) => exposure.setHeld("DOGE", 1n));
    },
  },
  {
    control: "PT22",
    about: "a balance that pays for the order",
    atLimit: (bench) => {
      bench.view.totals.set("USDT", atto("500"));
      WORTH(bench);
    },
    above: (bench) => {
      bench.view.totals.set("USDT", atto("499.999999999999999999"));
      WORTH(bench);
    },
    missing: ({ view }) => {
      view.totals.clear();
    },
  },
  {
    control: "PT22",
    about: "a balance that pays the fee as well",
    atLimit: (bench) => feeInQuote(bench, "500.5"),
    above: (bench) => feeInQuote(bench, "500.499999999999999999"),
    missing: ({ view }) => {
      for (const each of view.instruments) each.takerPpb = Number.NaN;
    },
  },
  {
    control: "PT22",
    about: "a reserve that stays free",
    atLimit: (bench) => {
      WORTH(bench);
      bench.setLimits({ reserve: { USDT: "99500" } });
    },
    above: (bench) => {
      WORTH(bench);
      bench.setLimits({ reserve: { USDT: "99500.000000000000000001" } });
    },
  },
  {
    control: "PT22",
    about: "a quantity that is there to be sold",
    purpose: "exit",
    atLimit: (bench) => {
      bench.view.totals.set("BTC", atto("0.01"));
      bench.setOrder({ side: "sell", lots: 1000 });
    },
    above: (bench) => {
      bench.view.totals.set("BTC", atto("0.009999999999999999"));
      bench.setOrder({ side: "sell", lots: 1000 });
    },
  },
];

/** Limits above their own ceilings, which no one would take up. */
function unlimited(bench: Bench): void {
  const huge = "999999999";
  bench.setLimits({
    orderNotionalMax: huge,
    openNotionalMax: huge,
    positionNotionalMax: huge,
    grossExposureMax: huge,
    legNotionalMax: huge,
  });
  bench.view.totals.set("USDT", atto("10000000"));
}

/** An order in ETHBTC while no book tells what a BTC is worth. */
function noValue(bench: Bench): void {
  for (const index of [0, 1]) book(bench, { isLive: false }, index);
  bench.setOrder({
    instrument: 2,
    priceTicks: 5000,
    lots: 1000,
    side: "sell",
    books: [{ instrument: 2, epoch: 3, seq: 700, ageUs: 1000 }],
  });
}

/** BTC that is held already; the order brings 0.01 more, and 0.1 of them are worth 5,000. */
function holding(btc: string): Setup {
  return (bench) => {
    WORTH(bench);
    bench.steps.push(({ exposure }) => exposure.setHeld("BTC", atto(btc)));
  };
}

/** BTC that an order of unknown outcome may have brought. */
function incoming(lots: number): Setup {
  return (bench) => {
    WORTH(bench);
    bench.steps.push(({ exposure }) => {
      const own = { clientId: clientId(900), instrument: 0, side: "buy" } as const;
      exposure.add({ ...own, priceTicks: 1, lots }, 0n);
      exposure.setUnknown(clientId(900), true);
    });
  };
}

/** ETH that is held, of which 2 are worth 5,000, beside a position of BTC that is worth 4,750. */
function grossOf(eth: string): Setup {
  return (bench) => {
    WORTH(bench);
    bench.steps.push(({ exposure }) => {
      exposure.setHeld("BTC", atto("0.085"));
      exposure.setHeld("ETH", atto(eth));
      exposure.setHeld("USDT", atto("1000000"));
    });
    bench.setLimits({ grossExposureMax: "9500" });
  };
}

function feeInQuote(bench: Bench, free: string): void {
  bench.view.totals.set("USDT", atto(free));
  WORTH(bench);
  for (const each of bench.view.instruments) each.feePaidIn = "quote";
}

export const FLOWS: readonly Scenario[] = [
  {
    control: "PT10",
    about: "loss of the day",
    atLimit: onVenue(({ counters }) => counters.countResult(atto("-100"), NOON_US)),
    above: onVenue(({ counters }) => {
      counters.countResult(atto("-100.000000000000000001"), NOON_US);
    }),
  },
  {
    control: "PT11",
    about: "fall from the highest result",
    atLimit: onVenue(({ counters }) => fall(counters, "-200")),
    above: onVenue(({ counters }) => fall(counters, "-200.000000000000000001")),
  },
  {
    control: "PT11",
    about: "losses in a row",
    atLimit: onVenue(({ counters }) => times(7, () => counters.countResult(-1n, NOON_US))),
    above: onVenue(({ counters }) => times(8, () => counters.countResult(-1n, NOON_US))),
  },
  {
    control: "PT12",
    about: "orders in a second",
    atLimit: onVenue(({ counters }) => times(19, () => counters.countOrder(1, 1, NOON_US))),
    above: onVenue(({ counters }) => times(20, () => counters.countOrder(1, 1, NOON_US))),
  },
  {
    control: "PT12",
    about: "orders in a minute",
    atLimit: ordersOver(599, 90_000),
    above: ordersOver(600, 90_000),
  },
  {
    control: "PT12",
    about: "orders in a day",
    atLimit: (bench) => {
      bench.setLimits({ ordersPerDayMax: 700, ordersPerMinuteMax: 700 });
      ordersOver(699, 1_000_000)(bench);
    },
    above: (bench) => {
      bench.setLimits({ ordersPerDayMax: 700, ordersPerMinuteMax: 700 });
      ordersOver(700, 1_000_000)(bench);
    },
  },
  {
    control: "PT13",
    about: "cancels for each order",
    atLimit: onVenue(({ counters }) => times(20, () => counters.countCancel(NOON_US))),
    above: onVenue(({ counters }) => times(21, () => counters.countCancel(NOON_US))),
  },
  {
    control: "PT14",
    about: "cycles in an hour",
    atLimit: onVenue(({ counters }) => times(499, () => counters.countCycle(0, NOON_US))),
    above: onVenue(({ counters }) => times(500, () => counters.countCycle(0, NOON_US))),
  },
  {
    control: "PT14",
    about: "cycles in a day",
    atLimit: (bench) => {
      bench.setLimits({ cyclesPerDayMax: 500 });
      onVenue(({ counters }) => times(499, () => counters.countCycle(0, MORNING_US)))(bench);
    },
    above: (bench) => {
      bench.setLimits({ cyclesPerDayMax: 500 });
      onVenue(({ counters }) => times(500, () => counters.countCycle(0, MORNING_US)))(bench);
    },
  },
  {
    control: "PT15",
    about: "the same order again",
    atLimit: sameOrder(250_000),
    above: sameOrder(249_999),
  },
  {
    control: "PT15",
    about: "more orders than can be compared",
    atLimit: manyOrders(15),
    above: manyOrders(16),
  },
  {
    control: "PT15",
    about: "an opportunity that was taken",
    atLimit: (bench) => {
      bench.context.opportunity = 12;
      onVenue(({ counters }) => counters.countCycle(11, MORNING_US))(bench);
    },
    above: (bench) => {
      bench.context.opportunity = 11;
      onVenue(({ counters }) => counters.countCycle(11, MORNING_US))(bench);
    },
  },
  {
    control: "PT27",
    about: "orders of unknown outcome",
    atLimit: unknowns(3),
    above: unknowns(4),
  },
  {
    control: "PT28",
    about: "refusals in a row",
    atLimit: onVenue(({ counters }) => times(4, () => counters.countAnswer(true))),
    above: onVenue(({ counters }) => times(5, () => counters.countAnswer(true))),
  },
  {
    control: "PT28",
    about: "refusals among fifty answers",
    atLimit: onVenue(({ counters }) =>
      times(50, (i) => counters.countAnswer(i < 45 && i % 5 === 0)),
    ),
    above: onVenue(({ counters }) => times(50, (i) => counters.countAnswer(i % 5 === 0))),
  },
  {
    control: "E10",
    about: "the guard over the account",
    atLimit: onVenue(({ portfolio }) => equity(portfolio, 95_001)),
    above: onVenue(({ portfolio }) => equity(portfolio, 95_000)),
  },
  {
    control: "E10",
    about: "the guard over the account, for a leg",
    purpose: "finish",
    atLimit: onVenue(({ portfolio }) => equity(portfolio, 80_001)),
    above: onVenue(({ portfolio }) => equity(portfolio, 80_000)),
  },
  {
    control: "E09",
    about: "congestion",
    atLimit: onVenue(({ congestion }) => times(50, () => congestion.observe(1_999_999))),
    above: onVenue(({ congestion }) => times(50, () => congestion.observe(2_000_000))),
  },
  {
    control: "I01",
    about: "the breaker of orders",
    atLimit: onVenue(({ orders }) => times(4, () => orders.onFailed(NOON_US))),
    above: onVenue(({ orders }) => times(5, () => orders.onFailed(NOON_US))),
  },
  {
    control: "I05",
    about: "the venue's own limit, with room to finish what is begun",
    atLimit: onVenue(({ rates }) => times(635, () => rates.spend("placeOrder", 0, NOON_US))),
    above: onVenue(({ rates }) => times(636, () => rates.spend("placeOrder", 0, NOON_US))),
  },
  {
    control: "I05",
    about: "the venue's own limit, of what finishes",
    purpose: "finish",
    atLimit: onVenue(({ rates }) => times(639, () => rates.spend("placeOrder", 0, NOON_US))),
    above: onVenue(({ rates }) => times(640, () => rates.spend("placeOrder", 0, NOON_US))),
  },
  {
    control: "I05",
    about: "silence that the venue asked for",
    purpose: "exit",
    atLimit: onVenue(({ rates }) => rates.onSilenced(NOON_US, false)),
    above: onVenue(({ rates }) => rates.onSilenced(NOON_US + 1, false)),
  },
  {
    control: "I05",
    about: "a ban",
    purpose: "exit",
    above: onVenue(({ rates }) => rates.onSilenced(NOON_US - 1, true)),
  },
];

/** Six hours before noon, in the same UTC day. */
const MORNING_US = NOON_US - 21_600_000_000;

function fall(counters: VenueRisk["counters"], by: string): void {
  // Spread over two days, so that the loss of one day stays small.
  counters.countResult(atto("150"), NOON_US - 86_400_000_000);
  counters.countResult(atto(by), NOON_US - 86_400_000_000);
}

/** So many orders one after the other, the last of them a moment ago. */
function ordersOver(count: number, stepUs: number): Setup {
  return (bench) => {
    bench.setLimits({ ordersPerSecondMax: 1000 });
    bench.nowUs = NOON_US + count * stepUs;
    bench.view.account.readySinceUs = NOON_US - 7_200_000_000;
    bench.steps.push(({ counters }, { references }) => {
      times(count, (i) => counters.countOrder(1, 1, NOON_US + i * stepUs));
      references.observe(0, 4_999_999, 5_000_001, bench.nowUs);
    });
  };
}

function sameOrder(ageUs: number): Setup {
  return (bench) => {
    bench.steps.push((_, gate) => {
      const before = { ...bench.order, command: 1, fence: 1 };
      const context = { ...bench.context, opportunity: 0 };
      const sentUs = bench.nowUs - ageUs;
      const denial = gate.admit(before, context, sentUs);
      if (denial !== undefined) throw new Error(`the first was denied: ${denial.reason}`);
      gate.venue(0).exposure.end(before.clientId);
    });
  };
}

function manyOrders(count: number): Setup {
  return (bench) => {
    bench.steps.push((_, gate) => {
      times(count, (i) => {
        const name = clientId(100 + i);
        const before = { ...bench.order, clientId: name, command: 1 + i, fence: 1, lots: 10 + i };
        const denial = gate.admit(before, { ...bench.context, opportunity: 0 }, bench.nowUs - 1);
        if (denial !== undefined) throw new Error(`one of many was denied: ${denial.reason}`);
        gate.venue(0).exposure.end(name);
      });
    });
  };
}

function unknowns(count: number): Setup {
  return (bench) => {
    openOrders(count, 2)(bench);
    bench.steps.push(({ exposure }) => {
      times(count, (i) => exposure.setUnknown(`rk00001-2-${i}`, true));
    });
  };
}

function equity(portfolio: VenueRisk["portfolio"], worth: number): void {
  portfolio.observeEquity(100_000, NOON_US - 60_000_000);
  portfolio.observeEquity(worth, NOON_US - 1_000_000);
  portfolio.update(0, 0, NOON_US);
}

export const SCENARIOS: readonly Scenario[] = [...STANDING, ...PRICES, ...SIZES, ...FLOWS];
