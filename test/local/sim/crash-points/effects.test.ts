// Goal: every effect has its number, and at the one that was chosen the process ends, once.
import { describe, expect, test } from "vitest";
import { Effects, ProcessEnded, upToEnd } from "../../../../local/sim/crash-points/effects.ts";

describe("effects", () => {
  test("are counted by kind, and all of them happen where no end is planned", () => {
    const effects = new Effects(
      () => 7,
      () => expect.fail("nobody ends"),
    );
    expect([effects.begin("disk"), effects.begin("delivery"), effects.begin("disk")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(effects.count).toBe(3);
    expect(effects.counts).toMatchObject({ disk: 2, delivery: 1, message: 0 });
  });

  test("end the process just before the chosen one, and never again", () => {
    const ended: string[] = [];
    const effects = new Effects(
      () => 7,
      (kind) => ended.push(kind),
    );
    effects.endBefore = 2;
    expect(effects.begin("disk")).toBe(true);
    expect(effects.begin("message")).toBe(false);
    expect(effects.begin("disk")).toBe(true);
    expect(ended).toEqual(["message"]);
    expect(effects.counts.message).toBe(0);
  });

  test("leave another trace where one comes at another moment, or is of another kind", () => {
    const traceOf = (nowUs: number, kind: "disk" | "dial"): number => {
      const effects = new Effects(
        () => nowUs,
        () => undefined,
      );
      effects.begin("disk");
      effects.begin(kind);
      return effects.trace;
    };
    const traces = [traceOf(1, "disk"), traceOf(1, "dial"), traceOf(2, "disk")];
    expect(new Set(traces).size).toBe(3);
    expect(traceOf(1, "disk")).toBe(traces[0]);
  });

  test("say of a process that it has ended to whatever code of it still runs", () => {
    const steps: string[] = [];
    upToEnd(() => {
      steps.push("before");
      throw new ProcessEnded();
    });
    upToEnd(() => steps.push("another"));
    expect(steps).toEqual(["before", "another"]);
    expect(() =>
      upToEnd(() => {
        throw new RangeError("a fault of its own");
      }),
    ).toThrow("a fault of its own");
  });
});
