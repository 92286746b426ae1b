// Goal: while a simulation runs, code that asks for time or chance asks the kernel, and nothing reaches the
// real world; afterwards everything is as it was. Method: the globals themselves, put back in every test.
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nowUs } from "../../../../hotpath/io/clock.ts";
import { EPOCH_US, Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { VirtualGlobals } from "../../../../local/sim/kernel/virtual-globals.ts";
import { Random } from "../../../../local/venues/market/random.ts";

let kernel: Kernel;
let globals: VirtualGlobals;
let isInstalled = false;

/** What was seen while the globals were virtual; nothing is expected before they are real again. */
function within<T>(look: () => T): T {
  globals.install();
  isInstalled = true;
  try {
    return look();
  } finally {
    globals.restore();
    isInstalled = false;
  }
}

beforeEach(() => {
  kernel = new Kernel();
  globals = new VirtualGlobals(kernel, new Random(1, "test"));
});
afterEach(() => {
  if (isInstalled) globals.restore();
});

test("the clock of the engine is the kernel's, to the microsecond, at any moment", () => {
  const moments = [0, 1, 999, 1000, 123_456_789, 86_400_000_001, 31_536_000_000_007];
  const seen = within(() =>
    moments.map((us) => {
      kernel.nowUs = EPOCH_US + us;
      return nowUs() - EPOCH_US;
    }),
  );
  expect(seen).toEqual(moments);
});

test("wall time and monotonic time are the process's own", () => {
  kernel.current = kernel.makeProcess("engine", 5_000_000);
  const [wallMs, monotonicUs] = within(
    () => [Date.now(), Number(process.hrtime.bigint() / 1000n)] as const,
  );
  expect(wallMs).toBe((EPOCH_US + 5_000_000) / 1000);
  expect(monotonicUs).toBe(EPOCH_US + 5_000_000);
});

test("timers wait on the kernel: once, again and again, at once, and not when they were stopped", () => {
  const said: string[] = [];
  within(() => {
    const say = (word: string) => () => {
      said.push(`${word} ${(kernel.nowUs - EPOCH_US) / 1000}`);
    };
    setTimeout(say("once"), 5);
    setTimeout(say("at least one"), 0);
    setTimeout(say("too long is one"), 2 ** 31);
    setImmediate(say("at once"));
    clearTimeout(setTimeout(say("never"), 3));
    clearTimeout(undefined);
    const interval = setInterval(say("again"), 2).unref();
    setTimeout(() => clearInterval(interval), 5);
    while (kernel.step());
  });
  expect(said).toEqual([
    "at once 0",
    "at least one 1",
    "too long is one 1",
    "again 2",
    "again 4",
    "once 5",
  ]);
});

test("chance is the seed's", () => {
  const draw = (): number[] => {
    globals = new VirtualGlobals(kernel, new Random(7, "test"));
    return within(() => [Math.random(), Math.random()]);
  };
  expect(draw()).toEqual(draw());
});

test.each([
  ["a real disk", () => readdirSync("/"), "virtual"],
  ["a real socket", () => connect(1), "virtual"],
  ["chance without a seed", () => randomBytes(1), "seed"],
])("%s throws", (_, act, word) => {
  const told = within(() => {
    try {
      act();
      return "nothing";
    } catch (error) {
      return String(error);
    }
  });
  expect(told).toContain(word);
});

test("everything is put back", () => {
  const before = [setTimeout, setImmediate, Date.now, Math.random, performance.now, readdirSync];
  within(() => undefined);
  expect([setTimeout, setImmediate, Date.now, Math.random, performance.now, readdirSync]).toEqual(
    before,
  );
  expect(readdirSync(".").length).toBeGreaterThan(0);
});
