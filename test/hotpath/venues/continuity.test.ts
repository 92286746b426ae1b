// Goal: each step of the venues' own procedures for a local book, as vectors.
// Sources: "How to manage a local order book correctly", spot as corrected 2025-11-12, USD-M as read 2026-11;
// KuCoin's "Orderbook - Increment" (docs-new/3470068w0).
import { describe, expect, test } from "vitest";
import { CONTINUITY, type Continuity } from "../../../hotpath/core/book/continuity.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";

const { next, stale, gap, broken } = CONTINUITY;

type Vector = readonly [
  step: string,
  bookSeq: number,
  isBridging: boolean,
  seqFirst: number,
  seqLast: number,
  seqPrevious: number,
  verdict: Continuity,
];

const SPOT: readonly Vector[] = [
  ["drop: the event ended before the snapshot", 100, true, 90, 99, 0, stale],
  ["drop: the event ended exactly with the snapshot", 100, true, 95, 100, 0, stale],
  ["first: the snapshot lies inside the event", 100, true, 98, 105, 0, next],
  ["first: the event begins exactly behind it", 100, true, 101, 105, 0, next],
  ["first: the event is one change long", 100, true, 101, 101, 0, next],
  ["first: the snapshot is older than the stream", 100, true, 102, 105, 0, gap],
  ["chain: U is u + 1", 105, false, 106, 110, 0, next],
  ["chain: an event that overlaps", 105, false, 103, 110, 0, next],
  ["chain: one change is missing", 105, false, 107, 110, 0, gap],
  ["chain: ten thousand are missing", 105, false, 10_106, 10_110, 0, gap],
  ["chain: the same event again", 105, false, 101, 105, 0, stale],
  ["chain: an older event again", 105, false, 90, 95, 0, stale],
  ["an event that ends before it begins", 105, false, 110, 106, 0, broken],
  ["the same behind a snapshot", 105, true, 110, 106, 0, broken],
  [
    "the largest exact id",
    Number.MAX_SAFE_INTEGER - 1,
    false,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER,
    0,
    next,
  ],
];

const USDM: readonly Vector[] = [
  ["drop: u is below the snapshot", 100, true, 80, 99, 79, stale],
  ["first: u equals the snapshot's id", 100, true, 90, 100, 89, next],
  ["first: the snapshot lies inside the event", 100, true, 95, 110, 94, next],
  ["first: U equals the snapshot's id", 100, true, 100, 110, 99, next],
  ["first: the event before ended with the snapshot", 100, true, 104, 110, 100, next],
  ["first: the event before ended inside the snapshot", 100, true, 104, 110, 97, next],
  ["first: the snapshot is older than the stream", 100, true, 104, 110, 103, gap],
  ["first: it begins behind the snapshot and says no pu", 100, true, 104, 110, 0, gap],
  ["chain: pu is the u before, ids jump", 110, false, 150, 160, 110, next],
  ["chain: one event is missing", 110, false, 150, 160, 140, gap],
  ["chain: pu is older than the book", 110, false, 150, 160, 105, broken],
  ["chain: the same event again", 110, false, 100, 110, 99, stale],
  ["chain: an older event again", 110, false, 90, 99, 89, stale],
  ["an event that ends before it begins", 110, false, 170, 160, 110, broken],
];

const KUCOIN: readonly Vector[] = [
  ["drop: the message ended before the snapshot", 100, true, 90, 99, 0, stale],
  ["drop: the message ended exactly with the snapshot", 100, true, 95, 100, 0, stale],
  ["first: the snapshot lies inside the message", 100, true, 98, 105, 0, next],
  ["first: the message begins exactly behind it", 100, true, 101, 105, 0, next],
  ["first: the snapshot is older than the stream", 100, true, 102, 105, 0, gap],
  ["chain: sequenceStart is sequenceEnd + 1", 105, false, 106, 110, 0, next],
  ["chain: a message that overlaps", 105, false, 103, 110, 0, next],
  ["chain: one change is missing", 105, false, 107, 110, 0, gap],
  ["chain: ten thousand are missing", 105, false, 10_106, 10_110, 0, gap],
  ["chain: the same message again", 105, false, 101, 105, 0, stale],
  ["a message that ends before it begins", 105, false, 110, 106, 0, broken],
];

describe.each([
  ["binance-spot", SPOT],
  ["binance-usdm", USDM],
  ["kucoin", KUCOIN],
] as const)("%s", (venue, vectors) => {
  test.each(vectors)("%s", (_, bookSeq, isBridging, seqFirst, seqLast, seqPrevious, verdict) => {
    const { continuity } = VENUES[venue];
    expect(continuity(bookSeq, isBridging, seqFirst, seqLast, seqPrevious)).toBe(verdict);
  });
});
