/**
 * Station: an order that nobody speaks of -> when to ask, and when an answer proves something.
 *
 * No time alone ends an order. "Not accepted" needs the venue's own window to have closed, its back end to
 * have given up, and two answers "no such order", asked far enough apart and late enough that even a source
 * that lags has seen everything (RELIABILITY 3.1). An order is never sent again; it is only asked about.
 */
import { assert } from "../../../contracts/assert.ts";
import { isSettled, type Order } from "./order.ts";
import { isLive } from "./transitions.ts";

/** All in microseconds. A drill divides every one of them by the same number. */
export type InquiryRules = {
  /** Largest error of our clock against the venue's, for which orders are still sent. */
  readonly clockErrorUs: number;
  /** How long a request may still be at work inside the venue after its window has closed. */
  readonly backEndUs: number;
  /** How old a picture of orders may be with which the venue answers a query. */
  readonly sourceLagUs: number;
  /** Between two answers that are to agree. */
  readonly agreeGapUs: number;
  readonly backoffUs: number;
  readonly backoffUsMax: number;
  /** A question unanswered for this long is asked again. */
  readonly answerUs: number;
  /** An order that should end at once and of which nothing was heard for this long. */
  readonly quietUs: number;
  /** The same for an order that rests. */
  readonly restCheckUs: number;
};

/** The proposal of RELIABILITY 3.1; the lag is that of its fault O13. */
export const INQUIRY_RULES: InquiryRules = {
  clockErrorUs: 500_000,
  backEndUs: 10_000_000,
  sourceLagUs: 5_000_000,
  agreeGapUs: 2_000_000,
  backoffUs: 250_000,
  backoffUsMax: 5_000_000,
  answerUs: 5_000_000,
  quietUs: 2_000_000,
  restCheckUs: 30_000_000,
};

/** Answers take this long on a busy machine, however fast the rest of the world is. */
const ANSWER_US_MIN = 2_000_000;

/** The same rules in a faster world. Asserts that nothing becomes zero. */
export function divideRules(rules: InquiryRules, divisor: number): InquiryRules {
  assert(divisor >= 1, "rules are only ever made faster");
  const scaled = (us: number): number => Math.max(1, Math.round(us / divisor));
  return {
    clockErrorUs: scaled(rules.clockErrorUs),
    backEndUs: scaled(rules.backEndUs),
    sourceLagUs: scaled(rules.sourceLagUs),
    agreeGapUs: scaled(rules.agreeGapUs),
    backoffUs: scaled(rules.backoffUs),
    backoffUsMax: scaled(rules.backoffUsMax),
    // A venue that answers late is not a faster one: what was asked must be able to count.
    answerUs: Math.max(scaled(rules.answerUs), Math.min(rules.answerUs, ANSWER_US_MIN)),
    quietUs: scaled(rules.quietUs),
    restCheckUs: scaled(rules.restCheckUs),
  };
}

/** From when on an answer "no such order" is evidence: its request can no longer become an order. */
export function closedUs(order: Order, rules: InquiryRules): number {
  const window = order.windowUs + 2 * rules.clockErrorUs;
  return order.sentUs + window + rules.backEndUs + rules.sourceLagUs;
}

/** Sets when to ask next, after something was heard of the order or its state has changed. */
export function scheduleHeard(order: Order, rules: InquiryRules, nowUs: number): void {
  const { inquiry } = order;
  inquiry.askedUs = 0;
  inquiry.askedCount = 0;
  inquiry.notFoundCount = 0;
  inquiry.dueUs = dueAfterHearing(order, rules, nowUs);
}

function dueAfterHearing(order: Order, rules: InquiryRules, nowUs: number): number {
  if (isSettled(order)) return 0;
  if (order.state === "unknown") return nowUs;
  // At an end, but trades are missing: they are usually only late, on a stream of their own.
  if (!isLive(order.state)) return nowUs + rules.backoffUs;
  const rests = order.state === "open" && order.timeInForce === "gtc" && order.cancelUs === 0;
  return nowUs + (rests ? rules.restCheckUs : rules.quietUs);
}

/** Something demands a question now: a refusal that proves nothing, a contradiction, an adoption. */
export function askAtOnce(order: Order, nowUs: number): void {
  const { inquiry } = order;
  // A question under way answers this one too.
  if (inquiry.askedUs === 0 && (inquiry.dueUs === 0 || inquiry.dueUs > nowUs)) {
    inquiry.dueUs = nowUs;
  }
}

/** Whether the venue is to be asked about this order now. */
export function isAskDue(order: Order, nowUs: number): boolean {
  return order.inquiry.dueUs > 0 && order.inquiry.dueUs <= nowUs;
}

/** Notes that the question `requestId` leaves now. An earlier one, unanswered, is no longer waited for. */
export function markAsked(
  order: Order,
  rules: InquiryRules,
  requestId: number,
  nowUs: number,
): void {
  const { inquiry } = order;
  inquiry.askedUs = nowUs;
  inquiry.requestId = requestId;
  inquiry.askedCount++;
  inquiry.dueUs = nowUs + rules.answerUs;
}

/** The question failed: no evidence either way. */
export function onAskFailed(order: Order, rules: InquiryRules, nowUs: number): void {
  order.inquiry.askedUs = 0;
  order.inquiry.dueUs = nowUs + backoffUs(rules, order.inquiry.askedCount);
}

/** What the answers "no such order" amount to. */
export type Verdict =
  /** Nothing yet. */
  | "undecided"
  /** It was never accepted, and cannot be any more. */
  | "notAccepted"
  /** It existed and is gone; a reading of the account has to show whether trades are missing. */
  | "gone";

/**
 * The venue knows no such order. Counts the answer if it is evidence, and sets when to ask again.
 * `requestId` tells whether it belongs to the latest question, whose time is known.
 */
export function onNotFound(
  order: Order,
  rules: InquiryRules,
  requestId: number,
  nowUs: number,
): Verdict {
  const { inquiry } = order;
  if (inquiry.askedUs === 0 || inquiry.requestId !== requestId) return verdictOf(order, rules);
  const askedUs = inquiry.askedUs;
  inquiry.askedUs = 0;
  if (askedUs >= closedUs(order, rules)) {
    if (inquiry.notFoundCount === 0) inquiry.notFoundFirstUs = askedUs;
    inquiry.notFoundCount++;
    inquiry.notFoundLastUs = askedUs;
  }
  const verdict = verdictOf(order, rules);
  inquiry.dueUs = nextAskUs(order, rules, nowUs);
  return verdict;
}

/** Two answers that agree, far enough apart; and of an order never heard of, not one sign of life. */
export function verdictOf(order: Order, rules: InquiryRules): Verdict {
  const { inquiry } = order;
  if (!isLive(order.state) || inquiry.notFoundCount < 2) return "undecided";
  if (inquiry.notFoundLastUs - inquiry.notFoundFirstUs < rules.agreeGapUs) return "undecided";
  return hasEvidence(order) ? "gone" : "notAccepted";
}

/** Whether anything has ever shown that the venue had this order. */
export function hasEvidence(order: Order): boolean {
  return order.orderId !== "" || order.ackUs > 0 || order.filledLots > 0 || order.reportedLots > 0;
}

function nextAskUs(order: Order, rules: InquiryRules, nowUs: number): number {
  if (isSettled(order)) return 0;
  const { inquiry } = order;
  const usual = nowUs + backoffUs(rules, inquiry.askedCount);
  const closed = closedUs(order, rules);
  // Evidence begins at the close: the question there is not delayed by a backoff that overshoots it.
  if (nowUs < closed) return Math.min(usual, closed);
  return inquiry.notFoundCount === 1 ? inquiry.notFoundFirstUs + rules.agreeGapUs : usual;
}

/** Doubles with each question, up to its most. No chance in it: two orders rarely begin together. */
export function backoffUs(rules: InquiryRules, askedCount: number): number {
  const doublings = Math.min(Math.max(askedCount - 1, 0), 30);
  return Math.min(rules.backoffUs * 2 ** doublings, rules.backoffUsMax);
}

/** In silences: ten seconds in life. A cancel is dear at Kraken, 8 of a limit that falls by one a second. */
const CANCEL_PATIENCE = 5;

/** What is to be done about an order whose fill is waited for. */
export type FillStep = "wait" | "query" | "cancel" | "done";

/**
 * The policy of a fill that does not come: ask; if it still rests, cancel; then only the venue's truth
 * ends it. `timeoutUs` counts from the sending. Asking goes by the order's own schedule after the first.
 * A cancel may never have left, or not have arrived: where the venue has said since that the order rests
 * still, it is canceled again.
 */
export function fillStep(
  order: Order,
  rules: InquiryRules,
  timeoutUs: number,
  nowUs: number,
): FillStep {
  if (isSettled(order)) return "done";
  const timeoutAtUs = order.sentUs + timeoutUs;
  if (nowUs < timeoutAtUs) return "wait";
  const { inquiry } = order;
  // Nothing was asked or heard since the time was up: the answer may make everything else needless.
  if (inquiry.askedUs === 0 && order.heardUs < timeoutAtUs && inquiry.askedCount === 0)
    return "query";
  const againUs = order.cancelUs + CANCEL_PATIENCE * rules.quietUs;
  const isOutdone = order.heardUs > order.cancelUs && nowUs >= againUs;
  const mayCancel = order.state === "open" && inquiry.askedUs === 0;
  if (mayCancel && (order.cancelUs === 0 || isOutdone)) return "cancel";
  return isAskDue(order, nowUs) ? "query" : "wait";
}
