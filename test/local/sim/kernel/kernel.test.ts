// Goal: one order of events, whatever is planned when; the dead do nothing, the paused do it later.
import { describe, expect, test } from "vitest";
import { EPOCH_US, Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { runUntil } from "../../../../local/sim/kernel/run-kernel.ts";

function ran(plan: (kernel: Kernel, say: (word: string) => void) => void): string[] {
  const kernel = new Kernel();
  const said: string[] = [];
  plan(kernel, (word) => said.push(word));
  while (kernel.step());
  return said;
}

describe("events", () => {
  test("happen by their moments, and those of one moment in the order of planning", () => {
    expect(
      ran((kernel, say) => {
        kernel.after(20, () => say("late"));
        kernel.after(10, () => say("first"));
        kernel.after(10, () => say("second"));
        kernel.after(0, () => kernel.after(10, () => say("third")));
      }),
    ).toEqual(["first", "second", "third", "late"]);
  });

  test("keep their order when there are many of them", () => {
    const said = ran((kernel, say) => {
      for (let i = 0; i < 1000; i++)
        kernel.after((i * 7919) % 101, () => say(`${(i * 7919) % 101}`));
    });
    const times = said.map(Number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test("that were canceled do not happen", () => {
    expect(
      ran((kernel, say) => {
        const planned = kernel.after(5, () => say("never"));
        kernel.after(1, () => kernel.cancel(planned));
      }),
    ).toEqual([]);
  });

  test("planned for the past happen now", () => {
    const kernel = new Kernel();
    kernel.after(100, () => kernel.at(EPOCH_US, kernel.world, () => undefined));
    while (kernel.step());
    expect(kernel.nowUs).toBe(EPOCH_US + 100);
  });
});

describe("a process", () => {
  test("that is dead does nothing that was planned for it", () => {
    expect(
      ran((kernel, say) => {
        const engine = kernel.makeProcess("engine");
        kernel.at(EPOCH_US + 10, engine, () => say("alive"));
        kernel.at(EPOCH_US + 20, kernel.world, () => kernel.kill(engine));
        kernel.at(EPOCH_US + 30, engine, () => say("dead"));
      }),
    ).toEqual(["alive"]);
  });

  test("that is paused does it later, in the same order", () => {
    const kernel = new Kernel();
    const engine = kernel.makeProcess("engine");
    const said: string[] = [];
    for (const word of ["one", "two"]) {
      kernel.at(EPOCH_US + 10, engine, () => said.push(`${word} ${kernel.nowUs - EPOCH_US}`));
    }
    engine.pausedUntilUs = EPOCH_US + 500;
    while (kernel.step());
    expect(said).toEqual(["one 500", "two 500"]);
  });

  test("that is paused for longer meanwhile does it in the same order all the same", () => {
    const kernel = new Kernel();
    const engine = kernel.makeProcess("engine");
    const said: string[] = [];
    engine.pausedUntilUs = EPOCH_US + 500;
    for (const [word, atUs] of [
      ["two", 20],
      ["one", 10],
      ["three", 300],
    ] as const) {
      kernel.at(EPOCH_US + atUs, engine, () => said.push(word));
    }
    kernel.at(EPOCH_US + 200, kernel.world, () => {
      engine.pausedUntilUs = EPOCH_US + 900;
    });
    while (kernel.step());
    expect(said).toEqual(["one", "two", "three"]);
  });

  test("that is paused can still take back what waits for it", () => {
    const kernel = new Kernel();
    const engine = kernel.makeProcess("engine");
    const said: string[] = [];
    kernel.at(EPOCH_US + 10, engine, () => kernel.cancel(timer));
    const timer = kernel.at(EPOCH_US + 20, engine, () => said.push("rang"));
    engine.pausedUntilUs = EPOCH_US + 500;
    while (kernel.step());
    expect(said).toEqual([]);
  });

  test("is told of the end of each of its own turns, until it is dead", () => {
    const kernel = new Kernel();
    const engine = kernel.makeProcess("engine");
    const said: number[] = [];
    engine.onTurnEnd = () => said.push(kernel.nowUs - EPOCH_US);
    kernel.at(EPOCH_US + 10, engine, () => undefined);
    kernel.at(EPOCH_US + 20, kernel.world, () => undefined);
    kernel.at(EPOCH_US + 30, engine, () => undefined);
    kernel.at(EPOCH_US + 40, engine, () => kernel.kill(engine));
    while (kernel.step());
    expect(said).toEqual([10, 30]);
  });

  test("plans for itself, and sees its own clock", () => {
    const kernel = new Kernel();
    const engine = kernel.makeProcess("engine", -300);
    let seenUs = 0;
    kernel.at(EPOCH_US + 1000, engine, () => {
      kernel.after(1000, () => {
        seenUs = kernel.localUs;
        kernel.kill(kernel.current);
      });
    });
    while (kernel.step());
    expect(seenUs).toBe(EPOCH_US + 2000 - 300);
    expect(engine.isAlive).toBe(false);
    expect(kernel.current).toBe(kernel.world);
  });
});

test("a run ends at its moment and leaves the rest planned", async () => {
  const kernel = new Kernel();
  kernel.after(10, () => undefined);
  kernel.after(2000, () => undefined);
  let steps = 0;
  await runUntil(kernel, EPOCH_US + 1000, () => steps++);
  expect([steps, kernel.nowUs, kernel.planned]).toEqual([1, EPOCH_US + 1000, 1]);
});

test("time stands still while real work is done", async () => {
  const kernel = new Kernel();
  let isDone = false;
  const seen: boolean[] = [];
  kernel.after(10, () => {
    void kernel.freeze(
      new Promise((resolve) => {
        setTimeout(() => {
          isDone = true;
          resolve(undefined);
        }, 1);
      }),
    );
  });
  kernel.after(20, () => void seen.push(isDone));
  await runUntil(kernel, EPOCH_US + 100, () => undefined);
  expect(seen).toEqual([true]);
});
