/**
 * Station: core, the life of one account's connection: open, reconcile, be ready, be lost, open again.
 *
 * Nothing may be opened at a venue while its account is not ready: without the private stream a fill would
 * be seen late or never. Ready means logged on, read, and in agreement with what we believe. The decisions
 * are all here; the edge dials when told and tells what befell.
 */
import { assert } from "../../../contracts/assert.ts";
import type { AccountPhase } from "../../../contracts/trading-status.ts";
import type { CoreCommand } from "../commands.ts";
import { takeDials } from "../dials.ts";
import type { VenueState } from "../world.ts";
import type { FeeView } from "./events.ts";
import type { TradingPlan, VenueTrading } from "./plan.ts";

/** An account is dialed for at most this long. */
const OPEN_TIMEOUT_US = 10_000_000;
/** A question without an answer is asked again after this. */
const READ_TIMEOUT_US = 15_000_000;
/** A reading that has not made the account ready is followed by the next one. */
export const READ_AGAIN_US = 1_000_000;
/** A fee older than this is asked for again. */
const FEES_AGE_US = 3_600_000_000;
const BACKOFF_FACTOR = 2;
/** Kraken recommends 60 s, renewed every 15 to 30 (book of its API, cancel_all_orders_after, 2026-08). */
const DEAD_MAN_US = 60_000_000;
const DEAD_MAN_RENEW_US = 20_000_000;

export type Account = {
  readonly plan: VenueTrading;
  phase: AccountPhase;
  epoch: number;
  failures: number;
  nextOpenUs: number;
  openedUs: number;
  readyUs: number;
  heardUs: number;
  /** The question under way, 0 for none. */
  readRequestId: number;
  readAskedUs: number;
  /** Since when the venue's limits have had no room for a reading that is due; 0 when they have. */
  readHeldUs: number;
  /** From one question to the next while it is ready; set by each answer, and so 0 before the first. */
  readIntervalUs: number;
  readUs: number;
  /** When the last reading that agreed with us was asked for, and when this account was first opened. */
  agreedUs: number;
  firstUs: number;
  feesAskedUs: number;
  /** By instrument; none for an instrument whose fee nobody has told. */
  readonly fees: Map<number, FeeView>;
  feesUs: number;
  /** No request before this: the venue said 429 or 418. */
  silentUntilUs: number;
  /** Something about the account that only a person, or a clean reconciliation, clears. */
  blockedReason: string;
  deadManArmedUs: number;
};

export function makeAccount(plan: VenueTrading): Account {
  return {
    plan,
    phase: "closed",
    epoch: 0,
    failures: 0,
    nextOpenUs: 0,
    openedUs: 0,
    readyUs: 0,
    heardUs: 0,
    readRequestId: 0,
    readAskedUs: 0,
    readHeldUs: 0,
    readIntervalUs: 0,
    readUs: 0,
    agreedUs: 0,
    firstUs: 0,
    feesAskedUs: 0,
    fees: new Map(),
    feesUs: 0,
    silentUntilUs: 0,
    blockedReason: "",
    deadManArmedUs: 0,
  };
}

/** Dials; the answer is `accountReady` or `accountClosed` of this epoch. */
export function openAccount(account: Account, nowUs: number, outbox: CoreCommand[]): void {
  assert(account.phase === "closed", "an account is opened when it is closed");
  account.phase = "opening";
  if (account.firstUs === 0) account.firstUs = nowUs;
  account.epoch++;
  account.openedUs = nowUs;
  outbox.push({
    type: "openAccount",
    venue: account.plan.venue,
    epoch: account.epoch,
    timeoutUs: OPEN_TIMEOUT_US,
  });
}

/** The connection is gone (or never came): everything it could have told us is unknown from here. */
export function onAccountLost(account: Account, plan: TradingPlan, nowUs: number): void {
  // What it took to open a connection that then held for long says nothing of the next one.
  if (account.phase === "ready" && nowUs - account.readyUs > plan.backoffCapUs)
    account.failures = 0;
  const pauseUs = Math.min(
    plan.backoffCapUs,
    account.failures === 0 ? 0 : plan.backoffInitialUs * BACKOFF_FACTOR ** (account.failures - 1),
  );
  account.failures++;
  account.phase = "closed";
  account.nextOpenUs = Math.max(nowUs + pauseUs, account.silentUntilUs);
  account.readRequestId = 0;
  account.feesAskedUs = 0;
  account.deadManArmedUs = 0;
}

/** The venue wants silence until then: it is not dialed before either. A shorter one ends no longer one. */
export function hush(account: Account, untilUs: number): void {
  account.silentUntilUs = Math.max(account.silentUntilUs, untilUs);
  account.nextOpenUs = Math.max(account.nextOpenUs, account.silentUntilUs);
}

/** Ends a connection that is not believed any more. */
export function closeAccount(
  account: Account,
  plan: TradingPlan,
  reason: string,
  nowUs: number,
  outbox: CoreCommand[],
): void {
  if (account.phase === "closed") return;
  outbox.push({ type: "closeAccount", venue: account.plan.venue, epoch: account.epoch, reason });
  onAccountLost(account, plan, nowUs);
}

/** An account's connections are dials of its venue like any other; on paper there are none. */
function openWhenAllowed(
  account: Account,
  venue: VenueState,
  nowUs: number,
  outbox: CoreCommand[],
): void {
  const { mode, dialsToOpen } = account.plan;
  const againUs = mode === "paper" ? 0 : takeDials(venue, dialsToOpen, nowUs);
  if (againUs > 0) account.nextOpenUs = againUs;
  else openAccount(account, nowUs, outbox);
}

/** Whether an account's life goes on by a deadline alone; called whenever a timer fires. */
export function checkAccount(
  account: Account,
  venue: VenueState,
  plan: TradingPlan,
  nowUs: number,
  outbox: CoreCommand[],
): void {
  switch (account.phase) {
    case "closed":
      if (nowUs >= account.nextOpenUs) openWhenAllowed(account, venue, nowUs, outbox);
      return;
    case "opening":
      if (nowUs - account.openedUs > OPEN_TIMEOUT_US) {
        closeAccount(account, plan, "no answer to the logon", nowUs, outbox);
      }
      return;
    case "reconciling":
    case "ready":
      if (nowUs - account.heardUs > plan.accountSilenceUs) {
        closeAccount(account, plan, "the private stream is silent", nowUs, outbox);
        return;
      }
      if (nowUs >= account.silentUntilUs) armDeadMan(account, nowUs, outbox);
      return;
  }
}

/** Whether the answer to a question is missing for too long. */
export function isReadOverdue(account: Account, nowUs: number): boolean {
  return account.readRequestId > 0 && nowUs - account.readAskedUs > READ_TIMEOUT_US;
}

/** Whether the fees of an account that is logged on are to be asked for now. */
export function areFeesDue(account: Account, nowUs: number): boolean {
  if (account.phase === "closed" || account.phase === "opening") return false;
  if (nowUs < account.silentUntilUs) return false;
  const isDue = account.feesUs === 0 || nowUs - account.feesUs > FEES_AGE_US;
  const isAsked = account.feesAskedUs > 0 && nowUs - account.feesAskedUs < READ_TIMEOUT_US;
  return isDue && !isAsked;
}

/** Renewed well before it runs out; on paper nothing rests that it could cancel. */
function armDeadMan(account: Account, nowUs: number, outbox: CoreCommand[]): void {
  const { plan } = account;
  if (!plan.hasDeadMan || plan.mode === "paper") return;
  if (account.deadManArmedUs > 0 && nowUs - account.deadManArmedUs < DEAD_MAN_RENEW_US) return;
  account.deadManArmedUs = nowUs;
  outbox.push({ type: "armDeadMan", venue: plan.venue, timeoutUs: DEAD_MAN_US });
}

/** When this account wants a timer. */
export function accountDueUs(account: Account, plan: TradingPlan): number {
  switch (account.phase) {
    case "closed":
      return account.nextOpenUs;
    case "opening":
      return account.openedUs + OPEN_TIMEOUT_US + 1;
    case "reconciling":
    case "ready": {
      let due = account.heardUs + plan.accountSilenceUs + 1;
      if (account.readRequestId > 0) due = Math.min(due, account.readAskedUs + READ_TIMEOUT_US + 1);
      else if (account.phase === "ready" && account.readHeldUs === 0) {
        due = Math.min(due, account.readAskedUs + account.readIntervalUs);
      } else due = Math.min(due, account.readAskedUs + READ_AGAIN_US / plan.timeDivisor);
      if (account.feesUs === 0) due = Math.min(due, account.feesAskedUs + READ_TIMEOUT_US);
      if (account.deadManArmedUs > 0) {
        due = Math.min(due, account.deadManArmedUs + DEAD_MAN_RENEW_US);
      }
      return Math.max(due, account.silentUntilUs);
    }
  }
}
