// Goal: no sequence of events breaks a law of trading. Method: random walks against a venue that knows the
// truth and tells it badly; laws after every step, truth against belief once the faults have ended.
import { describe, expect, test } from "vitest";
import { SHUTDOWN_POLICIES } from "../../../../contracts/trade.ts";
import type { CoreCommand } from "../../../../hotpath/core/commands.ts";
import { isTerminal } from "../../../../hotpath/core/order/order.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import { exportTrading } from "../../../../hotpath/core/trade/trading-state.ts";
import { seeded } from "../order/fixture.ts";
import { BAD, begin, FLAWLESS, live, ModelVenue } from "./model-venue.ts";
import { MS, type RigOptions, SECOND, SYMBOLS, TradeRig } from "./rig.ts";

const WALKS = process.env.RECKONER_LONG === "1" ? 2_000 : 45;
const LIMIT_MS = process.env.RECKONER_LONG === "1" ? 900_000 : 60_000;
const STEPS = 160;

/** Wide enough that walks are ended by people and faults, not by a day's numbers. */
const WIDE = {
  dailyLossMax: "90000",
  drawdownMax: "90000",
  consecutiveLossesMax: 1000,
  rejectsInARowMax: 1000,
  rejectShareOf50Max: 50,
  unknownOrdersMax: 100,
} as const;

const NARROW = {} as const;

/** Kills that a walk has asked for as a person, and that nothing may pass. */
const KILLS = [
  { scope: "all", target: "" },
  { scope: "venue", target: "binance-spot" },
  { scope: "strategy", target: "triangle" },
  { scope: "instrument", target: "binance-spot:ETHBTC" },
] as const;

type Walk = {
  rig: TradeRig;
  readonly options: RigOptions;
  readonly venue: ModelVenue;
  readonly chance: () => number;
  readonly killed: Set<(typeof KILLS)[number]>;
  readonly isIsolated: boolean;
  seen: number;
  command: number;
  readonly begun: Set<number>;
  readonly ended: Set<number>;
  /** Cycles that were canceled before the last look. */
  aborted: ReadonlySet<number>;
  /** All that has left, over restarts. */
  readonly all: CoreCommand[];
  isDraining: boolean;
  readonly told: Set<string>;
};

function fail(walk: Walk, law: string): never {
  throw new Error(`${law}: ${JSON.stringify(walk.rig.out.slice(-3))}`);
}

/** Holds the laws against what has left since the last look, and against what is under way. */
function judge(walk: Walk): void {
  const { rig } = walk;
  for (; walk.seen < rig.out.length; walk.seen++) {
    const command = rig.out[walk.seen];
    if (command === undefined) continue;
    walk.all.push(command);
    judgeCommand(walk, command);
  }
  walk.aborted = new Set(
    rig.trade.cycles.filter(({ abortReason }) => abortReason !== "").map(({ number }) => number),
  );
  judgeState(walk);
}

function judgeCommand(walk: Walk, command: CoreCommand): void {
  switch (command.type) {
    case "placeOrder":
      judgeOrder(walk, command);
      return;
    case "recordCycle": {
      const { cycle, ending } = command.cycle;
      if (walk.ended.has(cycle)) fail(walk, "a cycle ends once");
      walk.ended.add(cycle);
      walk.told.add(ending);
      return;
    }
    case "recordAlarm":
      walk.told.add(command.alarm.kind);
      return;
    case "recordOrder":
      walk.told.add(command.order.state);
      return;
    default:
      return;
  }
}

function judgeState(walk: Walk): void {
  const { trade } = walk.rig;
  const keys = trade.cycles.flatMap(({ key }) => (key < 0 ? [] : [key]));
  const used = trade.cycles.flatMap(({ planned }) => planned.map(({ instrument }) => instrument));
  const laws: readonly (readonly [isKept: boolean, law: string])[] = [
    [walk.venue.twice.length === 0, "an order is placed once"],
    [trade.cycles.length <= trade.plan.slots, "slots are a limit"],
    [trade.counts.ordersOnInvalidBook === 0, "no order on a book that is not live"],
    [new Set(keys).size === keys.length, "a triangle is under way once"],
    [!walk.isIsolated || new Set(used).size === used.length, "an instrument has one cycle"],
  ];
  for (const [isKept, law] of laws) if (!isKept) fail(walk, law);
}

function judgeOrder(walk: Walk, order: PlaceOrder): void {
  if (order.command <= walk.command) fail(walk, "commands are counted upwards");
  walk.command = order.command;
  walk.begun.add(order.cycle);
  for (const kill of walk.killed) {
    const isHit =
      kill.scope !== "instrument" || kill.target.endsWith(SYMBOLS[order.instrument] ?? "-");
    if (isHit) fail(walk, `nothing passes a kill of ${kill.scope}`);
  }
  if (walk.ended.has(order.cycle)) fail(walk, "a cycle that has ended sends nothing");
  const isForward = order.purpose !== "exit";
  if (isForward && walk.aborted.has(order.cycle)) fail(walk, "a canceled cycle only gets out");
  if (order.purpose === "open" && walk.isDraining) fail(walk, "nothing begins while draining");
}

/** One thing that happens: a book moves or fails, a person asks, a connection ends. */
function happen(walk: Walk): void {
  const dice = walk.chance();
  if (dice < 0.7) moveBook(walk, dice / 0.7);
  else somebodyActs(walk, (dice - 0.7) / 0.3);
  live(walk.rig, walk.venue, Math.floor(walk.chance() * 400) * MS);
}

function moveBook({ rig, chance }: Walk, dice: number): void {
  const symbol = SYMBOLS[Math.floor(chance() * SYMBOLS.length)] ?? "BTCUSDT";
  const more = Math.floor(chance() * 10);
  if (dice < 0.43) rig.touch("ETHUSDT", 503_000 + more, 503_100 + more);
  else if (dice < 0.72) rig.touch("SOLUSDT", 20_150, 20_160 + more);
  else if (dice < 0.88) rig.fair(symbol);
  else if (rig.slot(symbol).book.state === "live") {
    rig.slot(symbol).book.void();
    rig.trader.onVoid(rig.slot(symbol));
  } else rig.goLive(symbol);
}

function somebodyActs(walk: Walk, dice: number): void {
  const { rig, chance, killed } = walk;
  if (dice < 0.07) {
    const kill = KILLS[Math.floor(chance() * KILLS.length)] ?? KILLS[0];
    killed.add(kill);
    rig.event({ type: "killRequested", ...kill, by: "operator", reason: "walk" });
  } else if (dice < 0.27) releaseAll(walk);
  else if (dice < 0.34) rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
  else if (dice < 0.38) rig.event({ type: "accountGap", ...rig.stamp(), reason: "sequence" });
  else if (dice < 0.42) {
    const untilUs = rig.nowUs + 2 * SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: false });
  } else if (dice < 0.5) restart(walk);
  else if (dice < 0.7) rig.event({ type: "accountHeard", ...rig.stamp() });
}

/** The process ends in the middle of whatever it does, and another one takes up what it left. */
function restart(walk: Walk): void {
  const { rig, options } = walk;
  const { plan } = rig.trade;
  const next = { fence: plan.fence + 1, restored: exportTrading(rig.trade) };
  walk.rig = new TradeRig({ ...options, nowUs: rig.nowUs, plan: { ...options.plan, ...next } });
  walk.venue.adopt(walk.rig);
  walk.seen = 0;
  walk.command = 0;
  walk.isDraining = false;
  walk.told.add("restart");
}

function releaseAll({ rig, killed }: Walk): void {
  for (const { scope, target } of [...rig.trade.risk.kills.list()]) {
    rig.event({ type: "killReleased", scope, target, by: "operator", reason: "walk" });
  }
  killed.clear();
}

function walkOf(seed: number): Walk {
  const chance = seeded(seed);
  const isIsolated = chance() < 0.5;
  const policies = ["reverse", "proceed", "hold"] as const;
  const options: RigOptions = {
    plan: {
      isolation: { instrument: isIsolated, primaryQuote: false },
      singleLegPolicy: policies[Math.floor(chance() * 3)] ?? "reverse",
      awaitBalanceUs: chance() < 0.3 ? 100 * MS : 0,
      slots: 2,
      timeDivisor: chance() < 0.5 ? 10 : 1,
    },
    limits: chance() < 0.8 ? WIDE : NARROW,
  };
  const rig = new TradeRig(options);
  const paidIn = chance() < 0.5 ? "received" : "quote";
  const venue = new ModelVenue(rig, chance, FLAWLESS, paidIn);
  begin(rig, venue, { USDT: "10000" });
  venue.badness = BAD;
  return {
    rig,
    options,
    venue,
    chance,
    killed: new Set(),
    isIsolated,
    seen: 0,
    command: 0,
    begun: new Set(),
    ended: new Set(),
    aborted: new Set(),
    all: [],
    isDraining: false,
    told: new Set(),
  };
}

/** The faults end, a person releases what was stopped, and time goes by. */
function comeToRest(walk: Walk): void {
  const { rig, venue } = walk;
  venue.badness = FLAWLESS;
  for (const symbol of SYMBOLS) {
    if (rig.slot(symbol).book.state !== "live") rig.goLive(symbol);
    rig.fair(symbol);
  }
  for (let minute = 0; minute < 2; minute++) {
    releaseAll(walk);
    live(rig, venue, 45 * SECOND, 100 * MS);
    judge(walk);
  }
}

/** What we believe, against what the venue knows. */
function compare(walk: Walk): void {
  const { rig, venue } = walk;
  const { table } = rig.trade.orders;
  expect([...table.live].map(({ clientId, state }) => `${clientId} ${state}`)).toEqual([]);
  expect(rig.trade.cycles).toEqual([]);
  expect([...walk.begun].sort()).toEqual([...walk.ended].sort());
  expect(venue.uncovered).toEqual([]);
  for (const [clientId, truth] of venue.truths) {
    const order = table.get(clientId);
    if (order === undefined) continue;
    expect([clientId, isTerminal(order), order.filledLots]).toEqual([
      clientId,
      true,
      truth.filledLots,
    ]);
  }
  for (const [asset, amount] of venue.balances) {
    expect([asset, table.ledger.total(0, asset)]).toEqual([asset, amount]);
  }
  expect([...(table.blocks[0] ?? [])]).toEqual([]);
}

/** In its last steps a walk may be told to come to an end, by any of the policies. */
function drain(walk: Walk): void {
  const policy = SHUTDOWN_POLICIES[Math.floor(walk.chance() * SHUTDOWN_POLICIES.length)];
  walk.rig.event({ type: "drainRequested", policy: policy ?? "flatten", by: "SIGTERM" });
  judge(walk);
  walk.isDraining = true;
}

function wander(seed: number): Walk {
  const walk = walkOf(seed);
  const drainAt = walk.chance() < 0.5 ? STEPS - 10 : STEPS;
  for (let step = 0; step < STEPS; step++) {
    if (step === drainAt) drain(walk);
    happen(walk);
    judge(walk);
  }
  comeToRest(walk);
  return walk;
}

describe("a walk through what venues, books and people do", () => {
  test("keeps every law, and comes to rest in the venue's truth", { timeout: LIMIT_MS }, () => {
    const told = new Set<string>();
    let orders = 0;
    for (let seed = 1; seed <= WALKS; seed++) {
      const walk = wander(seed);
      try {
        compare(walk);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      orders += walk.begun.size;
      for (const name of walk.told) told.add(name);
    }
    // The walks have been where it matters.
    for (const name of ["FILLED", "FAILED", "ABORTED", "residual", "restart", "notAccepted"])
      expect(told).toContain(name);
    expect(orders).toBeGreaterThan(WALKS);
  });

  test("gives the same commands when it is walked again", () => {
    const first = JSON.stringify(wander(7).all);
    expect(JSON.stringify(wander(7).all) === first).toBe(true);
    expect(first.length).toBeGreaterThan(5_000);
  });
});
