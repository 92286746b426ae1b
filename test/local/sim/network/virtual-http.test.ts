// Goal: venues see all lives of an engine come from one address, so that limits of addresses bind them together.
import { expect, test } from "vitest";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { hostOf } from "../../../../local/sim/network/virtual-http.ts";

test("lives of one engine are of one host, and other processes of their own", () => {
  const kernel = new Kernel();
  const hosts = ["engine-00001", "engine-00002", "kraken"].map((name) =>
    hostOf(kernel.makeProcess(name)),
  );
  expect(hosts).toEqual(["engine", "engine", "kraken"]);
});
