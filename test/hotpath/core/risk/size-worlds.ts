/**
 * Worlds of the controls over how much: of one order, of what is open, of what is held.
 */
import { ATTO_PER_UNIT } from "../../../../hotpath/core/money/amount.ts";
import { atto, type Bench, clientId, NOON_US } from "./bench.ts";
import {
  book,
  onVenue,
  openOrders,
  type Scenario,
  type Setup,
  times,
  WORTH,
} from "./world-parts.ts";

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
    control: "PT01",
    about: "worth of a later leg, which may have risen by the collar of a period",
    purpose: "finish",
    atLimit: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "400", periodCollarPpm: 250_000 });
    },
    above: (bench) => {
      WORTH(bench);
      bench.setLimits({ orderNotionalMax: "400", periodCollarPpm: 249_999 });
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
