/**
 * Worlds of the controls over who may act at all: kills, lease, permission, liveness, clock.
 */
import { NOON_US } from "./bench.ts";
import { onVenue, type Scenario } from "./world-parts.ts";

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
