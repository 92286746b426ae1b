/**
 * Worlds of the controls over what is believed of the market and over the order's price.
 */
import { type Bench, clientId, NOON_US } from "./bench.ts";
import { book, type Scenario, times } from "./world-parts.ts";

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
    about: "a book of a later leg that was not seen for long enough",
    atLimit: (bench) => {
      bench.setOrder({ purpose: "finish" });
      bench.steps.push((_, { references }) => references.forget(2));
    },
    above: (bench) => bench.steps.push((_, { references }) => references.forget(2)),
  },
  {
    control: "PT18",
    about: "the spread of a later leg's book",
    atLimit: (bench) => book(bench, { bidTicks: 4950, askTicks: 5050 }, 2),
    above: (bench) => book(bench, { bidTicks: 4950, askTicks: 5051 }, 2),
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
