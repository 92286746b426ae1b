/**
 * Station: an evaluated candidate -> what is told of it: the record, and the numbers that explain it.
 *
 * Doubles here are for show; what is fired was worked out in integers.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Cycle as Triangle } from "../detect/cycles.ts";
import { type Evaluation, paidAmount, profitAmount } from "../detect/evaluation.ts";
import { ticksToText } from "../instrument.ts";
import { amountToText } from "../money/amount.ts";
import type { World } from "../world.ts";
import type { OpportunityRecord } from "./commands.ts";
import { bpsOf, bpsText } from "./report.ts";
import { stampOf } from "./send.ts";
import type { Trading, VenueDesk } from "./trading.ts";

const BPS = 10_000;
const LEGS = 3;

/** What one unit becomes at the touch of the three books, without fees. For show. */
export function grossAtTouch(world: World, triangle: Triangle): number {
  let product = 1;
  for (const { instrument, isBuy } of triangle.legs) {
    const slot = world.slots[instrument];
    assert(slot !== undefined, "a leg has a book");
    const { priceDecimals, tickUnits } = slot.instrument;
    const tick = tickUnits / 10 ** priceDecimals;
    const { book } = slot;
    product *= isBuy ? 1 / (book.asks.bestTicks * tick) : book.bids.bestTicks * tick;
  }
  return product;
}

/** The same at the size that is fired, depth included. For show. */
export function grossAtSize(evaluation: Evaluation): number {
  let product = 1;
  for (let leg = 0; leg < LEGS; leg++) {
    const paid = evaluation.isWide ? Number(evaluation.wide.paid[leg]) : evaluation.paid[leg];
    const received = evaluation.isWide
      ? Number(evaluation.wide.received[leg])
      : evaluation.received[leg];
    const fee = evaluation.isWide ? Number(evaluation.wide.fees[leg]) : evaluation.fees[leg];
    const terms = evaluation.terms;
    const side = terms?.legs[leg]?.feeSide;
    const grossPaid = (paid as number) - (side === "paid" ? (fee as number) : 0);
    const grossReceived = (received as number) + (side === "received" ? (fee as number) : 0);
    const from = terms?.decimals[leg] ?? 0;
    const to = terms?.decimals[(leg + 1) % LEGS] ?? 0;
    product *= (grossReceived / grossPaid) * 10 ** (from - to);
  }
  return product;
}

export function predictedText(evaluation: Evaluation): string {
  return bpsText(profitAmount(evaluation), paidAmount(evaluation, 0));
}

export function newestExchangeUs(world: World, triangle: Triangle): number {
  let newest = 0;
  for (const { instrument } of triangle.legs) {
    const session = world.sessions[world.slots[instrument]?.session ?? -1];
    newest = Math.max(newest, session?.exchangeMaxUs ?? 0);
  }
  return newest;
}

export function topText(world: World, trade: Trading, index: number): string {
  const slot = world.slots[index];
  const instrument = trade.instruments[index];
  if (slot === undefined || instrument === undefined) return "";
  const { asks, bids } = slot.book;
  return `${ticksToText(instrument, asks.bestTicks)}/${ticksToText(instrument, bids.bestTicks)}`;
}

/** Tells of an opportunity, whatever was made of it. */
export function recordOpportunity(
  world: World,
  trade: Trading,
  desk: VenueDesk,
  triangle: Triangle,
  decision: OpportunityRecord["decision"],
  reason: string,
): void {
  trade.opportunityCount++;
  trade.counts.opportunities++;
  const { evaluation } = desk;
  const isSized = decision === "fired" || decision === "denied" || decision === "suppressed";
  world.outbox.push({
    type: "recordOpportunity",
    opportunity: {
      opportunity: trade.opportunityCount,
      venue: desk.account.plan.venue,
      triangle: triangle.key,
      predictedBps: isSized
        ? predictedText(evaluation)
        : bpsOf((grossAtTouch(world, triangle) - 1) * BPS),
      startAmount: isSized ? amountToText(paidAmount(evaluation, 0)) : "0",
      decision,
      reason,
      books: triangle.legs.map(({ instrument }) => stampOf(world, instrument)),
    },
  });
}
