// Goal: a question to an account ends with its answer, or with nothing after its time; and nothing real can be placed.
import { afterEach, expect, test } from "vitest";
import type { AccountCommand, PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import { AccountProbe, PROBE_EPOCH } from "../../../hotpath/preflight/account-probe.ts";
import type { Desk, DeskPorts } from "../../../hotpath/venues/execution.ts";
import { order } from "../venues/binance-spot/execute/desk-rig.ts";

const OPEN = { type: "openAccount", venue: 0, epoch: PROBE_EPOCH, timeoutUs: 1_000_000 } as const;
const probes: AccountProbe[] = [];

afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close();
});

/** A probe whose desk does what a test says with each command. */
function probeOf(onCommand: (command: AccountCommand, ports: DeskPorts) => void): AccountProbe {
  const makeDesk = ({ ports }: { ports: DeskPorts }): Desk => ({
    execute: (command) => onCommand(command, ports),
    onOpen: () => undefined,
    onText: () => undefined,
    onClosed: () => undefined,
    onAnswer: () => undefined,
    onDue: () => undefined,
  });
  const nowhere = { rest: "", stream: "", orders: "" };
  const keys = { apiKey: "", secret: "", passphrase: "" };
  const probe = new AccountProbe(makeDesk, [], nowhere, keys);
  probes.push(probe);
  return probe;
}

const shared = { venue: 0, epoch: PROBE_EPOCH, recvUs: 1 } as const;

test("an answer that comes in the same turn, or later, is the answer", async () => {
  const probe = probeOf((_, { emit }) => {
    emit({ ...shared, type: "accountReady" });
    setImmediate(() => emit({ ...shared, type: "accountClosed", reason: "later" }));
  });
  expect(await probe.ask(OPEN, ["accountReady"], 1000)).toMatchObject({ type: "accountReady" });
  expect(await probe.next(["accountClosed"], 1000)).toMatchObject({ reason: "later" });
});

test("silence ends after its time, and what comes then answers the next question", async () => {
  let late = (): void => undefined;
  const probe = probeOf((_, { emit }) => {
    late = () => emit({ ...shared, type: "feesFailed", reason: "late" });
  });
  await probe.ask(OPEN, ["accountReady"], 1);
  expect(await probe.ask({ type: "readFees", venue: 0 }, ["feesFailed"], 1)).toBeUndefined();
  late();
  expect(await probe.next(["feesFailed"], 1000)).toMatchObject({ reason: "late" });
});

test("an order that is no test never reaches the desk", async () => {
  const placed: PlaceOrder[] = [];
  const probe = probeOf((command) => {
    if (command.type === "placeOrder") placed.push(command);
  });
  await probe.ask(OPEN, ["accountReady"], 1);
  const told = await probe.ask(order(), ["orderNotSent"], 1000);
  expect(told).toMatchObject({
    type: "orderNotSent",
    reason: expect.stringContaining("intent log"),
  });
  expect(placed).toEqual([]);
});
