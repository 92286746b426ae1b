/**
 * Station: one account -> everything that must be right before it trades, as a list of checks.
 *
 * Reads the key's rights, the venue's clock, balances and fees, and sends one order to the venue's order
 * test. It trades nothing: what it could send has no way to the matcher. Each check says what was seen;
 * one that fails does not keep the others from being made, unless it is the connection itself.
 */
import type { VenueId } from "../../contracts/ids.ts";
import { boundsOf } from "../core/filters.ts";
import { type Instrument, lotsToText, ticksToText } from "../core/instrument.ts";
import type { BalanceView, FeeView } from "../core/trade/events.ts";
import { nowUs } from "../io/clock.ts";
import { RestClient } from "../io/rest-client.ts";
import type { AccountAddresses, AccountKeys, Execution } from "../venues/execution.ts";
import type { Venue, VenueAddresses } from "../venues/venue.ts";
import { AccountProbe, PROBE_EPOCH } from "./account-probe.ts";
import { type ClockMeasured, measureClock } from "./clock.ts";
import { readKeyRights, rightsFault } from "./key-rights.ts";
import { smallOrder } from "./small-order.ts";
import { touchOf } from "./touch.ts";

export type CheckName =
  | "keyRights"
  | "clock"
  | "account"
  | "balances"
  | "filters"
  | "fees"
  | "orderTest";

/** `unknown` where the venue does not tell: no reason to refuse, and none to rely on. */
export type Check = {
  readonly name: CheckName;
  readonly result: "good" | "bad" | "unknown";
  readonly text: string;
};

export type PreflightReport = {
  readonly venue: VenueId;
  readonly checks: readonly Check[];
  /** Our clock and the venue's: the venue's less ours, and how far that may be wrong. */
  readonly clockOffsetUs: number | null;
  readonly clockErrorUs: number | null;
  readonly balances: readonly BalanceView[];
  readonly fees: readonly (Omit<FeeView, "instrument"> & { readonly instrument: string })[];
};

export type PreflightOptions = {
  readonly venue: Venue;
  readonly execution: Execution;
  /** Market data: rules, clock, books. */
  readonly addresses: VenueAddresses;
  readonly account: AccountAddresses;
  readonly keys: AccountKeys;
  /** Numbered from 0; the first is used for the test order. */
  readonly instruments: readonly Instrument[];
  readonly clockOffsetUsMax: number;
};

const READ_TIMEOUT_MS = 5000;
const OPEN_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = 10_000;
const US_PER_MS = 1000;
/** Fees are read one by one at most venues; so many show what the account pays. */
export const FEES_READ_MAX = 8;

/** Checks one account. Never throws for what a venue does. */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const { venue, execution, account, keys, addresses } = options;
  const instruments = options.instruments.slice(0, FEES_READ_MAX);
  const client = new RestClient(addresses.rest, venue.weightHeader, { budgetOf: venue.budgetOf });
  const probe = new AccountProbe(execution.makeDesk, instruments, account, keys);
  try {
    const rights = await checkRights(execution, account.rest, keys);
    const clock = await measureClock(venue, client);
    const report = await checkAccount(probe, { ...options, instruments }, clock, client);
    const clockCheck = judgeClock(clock, options.clockOffsetUsMax);
    return {
      venue: venue.id,
      checks: [rights, clockCheck, ...report.checks],
      clockOffsetUs: clock?.offsetUs ?? null,
      clockErrorUs: clock?.errorUs ?? null,
      balances: report.balances,
      fees: report.fees.map((fee) => ({
        ...fee,
        instrument: instruments[fee.instrument]?.symbol ?? "",
      })),
    };
  } finally {
    await probe.close();
    await client.close();
  }
}

async function checkRights(execution: Execution, rest: string, keys: AccountKeys): Promise<Check> {
  const read = await readKeyRights(execution, rest, keys);
  const name = "keyRights";
  switch (read.kind) {
    case "untold":
      return { name, result: "unknown", text: "the venue does not tell what a key may do" };
    case "failed":
      return { name, result: "bad", text: `the venue did not tell: ${read.reason}` };
    case "rights": {
      const fault = rightsFault(read.rights);
      if (fault !== "") return { name, result: "bad", text: fault };
      const { mayTrade, mayWithdraw, isIpRestricted } = read.rights;
      const isTold = mayWithdraw === false && isIpRestricted === true;
      const words = [
        `trades: ${wordOf(mayTrade)}`,
        `withdraws: ${wordOf(mayWithdraw)}`,
        `restricted to addresses: ${wordOf(isIpRestricted)}`,
      ];
      return { name, result: isTold ? "good" : "unknown", text: words.join(", ") };
    }
  }
}

function wordOf(flag: boolean | undefined): string {
  if (flag === undefined) return "not told";
  return flag ? "yes" : "no";
}

function judgeClock(clock: ClockMeasured | undefined, offsetUsMax: number): Check {
  const name = "clock";
  if (clock === undefined) return { name, result: "bad", text: "the venue does not tell the time" };
  const { offsetUs, errorUs } = clock;
  const ms = (us: number): string => (us / US_PER_MS).toFixed(1);
  const isNear = Math.abs(offsetUs) <= offsetUsMax + errorUs;
  const side = offsetUs >= 0 ? "behind" : "ahead of";
  const limit = isNear ? "" : `, more than ${ms(offsetUsMax)} ms`;
  const text = `${ms(Math.abs(offsetUs))} ms ${side} the venue, known to ${ms(errorUs)} ms${limit}`;
  return { name, result: isNear ? "good" : "bad", text };
}

type AccountSeen = Pick<PreflightReport, "checks" | "balances"> & {
  readonly fees: readonly FeeView[];
};

async function checkAccount(
  probe: AccountProbe,
  options: PreflightOptions,
  clock: ClockMeasured | undefined,
  client: RestClient,
): Promise<AccountSeen> {
  const opened = await openProbe(probe);
  if (opened.result !== "good") return { checks: [opened], balances: [], fees: [] };
  const balances = await readBalances(probe);
  const fees = await readFees(probe, options.instruments);
  const filters = checkBounds(options.instruments);
  const orderTest = await testOrder(probe, options, clock?.offsetUs ?? 0, client);
  return {
    checks: [opened, balances.check, filters, fees.check, orderTest],
    balances: balances.balances,
    fees: fees.fees,
  };
}

async function openProbe(probe: AccountProbe): Promise<Check> {
  const timeoutUs = OPEN_TIMEOUT_MS * US_PER_MS;
  const event = await probe.ask(
    { type: "openAccount", venue: 0, epoch: PROBE_EPOCH, timeoutUs },
    ["accountReady", "accountClosed"],
    OPEN_TIMEOUT_MS + READ_TIMEOUT_MS,
  );
  const name = "account";
  if (event?.type === "accountReady") {
    return { name, result: "good", text: "connected, logged on and subscribed" };
  }
  const reason = event?.type === "accountClosed" ? event.reason : "no answer in time";
  return { name, result: "bad", text: `it cannot be opened: ${reason}` };
}

async function readBalances(
  probe: AccountProbe,
): Promise<{ readonly check: Check; readonly balances: readonly BalanceView[] }> {
  const event = await probe.ask(
    { type: "readAccount", venue: 0, requestId: 1, tradesSinceUs: nowUs() },
    ["accountRead"],
    ANSWER_TIMEOUT_MS,
  );
  const name = "balances";
  if (event?.type !== "accountRead" || event.outcome === "failed") {
    const reason = event?.type === "accountRead" ? event.reason : "no answer in time";
    return { check: { name, result: "bad", text: `they cannot be read: ${reason}` }, balances: [] };
  }
  const { balances, openOrders } = event;
  const orders = openOrders.length === 1 ? "1 open order" : `${openOrders.length} open orders`;
  const text = `${balances.length} assets, ${orders}`;
  return { check: { name, result: balances.length > 0 ? "good" : "bad", text }, balances };
}

async function readFees(
  probe: AccountProbe,
  instruments: readonly Instrument[],
): Promise<{ readonly check: Check; readonly fees: readonly FeeView[] }> {
  const fees = new Map<number, FeeView>();
  const types = ["feesRead", "feesFailed"] as const;
  let event = await probe.ask({ type: "readFees", venue: 0 }, types, ANSWER_TIMEOUT_MS);
  while (event?.type === "feesRead") {
    for (const fee of event.fees) fees.set(fee.instrument, fee);
    if (instruments.every(({ index }) => fees.has(index))) break;
    event = await probe.next(types, ANSWER_TIMEOUT_MS);
  }
  const list = [...fees.values()];
  const missing = instruments.length - list.length;
  const name = "fees";
  if (missing === 0) {
    const bps = (ppb: number): string => `${ppb / 100_000} bp`;
    const taker = list.map(({ takerPpb }) => takerPpb);
    const text = `taker ${bps(Math.min(...taker))} to ${bps(Math.max(...taker))}`;
    return { check: { name, result: "good", text }, fees: list };
  }
  const reason = event?.type === "feesFailed" ? event.reason : "no answer in time";
  const text = `${missing} of ${instruments.length} are not known: ${reason}`;
  return { check: { name, result: "bad", text }, fees: list };
}

function checkBounds(instruments: readonly Instrument[]): Check {
  const bad = instruments.find((instrument) => !boundsOf(instrument).isReadable);
  const name = "filters";
  if (bad !== undefined) {
    return { name, result: "bad", text: `the filters of ${bad.symbol} cannot be read` };
  }
  return { name, result: "good", text: `read for ${instruments.length} instruments` };
}

/** One small order at the touch of the first instrument, to the venue's order test. */
async function testOrder(
  probe: AccountProbe,
  { venue, execution, instruments }: PreflightOptions,
  offsetUs: number,
  client: RestClient,
): Promise<Check> {
  const name = "orderTest";
  const [instrument] = instruments;
  if (!execution.features.orderTest || instrument === undefined) {
    return { name, result: "unknown", text: "the venue has no order test" };
  }
  const bidTicks = await touchOf(venue, client, instrument);
  if (bidTicks === 0) return { name, result: "bad", text: `${instrument.symbol} shows no book` };
  const order = smallOrder(instrument, bidTicks, nowUs() + offsetUs, execution);
  const event = await probe.ask(
    order,
    ["orderTested", "orderRefused", "orderNotSent"],
    ANSWER_TIMEOUT_MS,
  );
  const price = ticksToText(instrument, order.priceTicks);
  const what = `buy ${lotsToText(instrument, order.lots)} ${instrument.symbol} at ${price}`;
  switch (event?.type) {
    case "orderTested":
      return { name, result: "good", text: `${what}: would be accepted` };
    case "orderRefused": {
      const { code, text } = event.refusal;
      return { name, result: "bad", text: `${what}: ${code} ${text}`.trim() };
    }
    case "orderNotSent":
      return { name, result: "bad", text: `${what}: ${event.reason}` };
    default:
      return { name, result: "bad", text: `${what}: no answer in time` };
  }
}
