// Goal: what real work takes of real time decides nothing: nothing happens between its beginning and its end.
import { expect, test } from "vitest";
import { EPOCH_US, Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { runUntil, settlePromises } from "../../../../local/sim/kernel/run-kernel.ts";

const realWork = (turns: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const turn = (left: number): void => {
    if (left === 0) resolve();
    else setImmediate(() => turn(left - 1));
  };
  turn(turns);
  return promise;
};

test.each([0, 1, 20])(
  "work of %i turns that a promise begins is over before the next step",
  async (turns) => {
    const kernel = new Kernel();
    const said: string[] = [];
    const begin = async (): Promise<void> => {
      await Promise.resolve();
      await kernel.freeze(realWork(turns));
      said.push("done");
    };
    kernel.at(EPOCH_US + 10, kernel.world, () => void begin());
    kernel.at(EPOCH_US + 20, kernel.world, () => said.push("next"));
    await runUntil(kernel, EPOCH_US + 15, () => undefined);
    await settlePromises(kernel);
    await runUntil(kernel, EPOCH_US + 30, () => undefined);
    expect(said).toEqual(["done", "next"]);
  },
);

test("work that fails ends its wait too", async () => {
  const kernel = new Kernel();
  const failing = kernel.freeze(realWork(3).then(() => Promise.reject(new Error("refused"))));
  const seen = failing.catch((error: unknown) => String(error));
  await settlePromises(kernel);
  expect(kernel.frozen).toBeUndefined();
  expect(await seen).toContain("refused");
});
