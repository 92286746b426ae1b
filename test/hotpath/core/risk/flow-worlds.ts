/**
 * Worlds of the controls over how often and after what: losses, repetitions, refusals, rates.
 */
import type { VenueRisk } from "../../../../hotpath/core/risk/venue-risk.ts";
import { atto, clientId, NOON_US } from "./bench.ts";
import { onVenue, openOrders, type Scenario, type Setup, times } from "./world-parts.ts";

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
