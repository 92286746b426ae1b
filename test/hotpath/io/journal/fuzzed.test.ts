// Goal: what the fuzzers once found in the readers of what is on the disk stays mended. All of it has checksums
// that hold: only then are the readers behind them asked.
import { describe, expect, test } from "vitest";
import { crc32cOfFew } from "../../../../contracts/crc32c.ts";
import { CLASS_RAW } from "../../../../contracts/journal.ts";
import { readSegment } from "../../../../functions/compact-archive/segment.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import { readTrading } from "../../../../hotpath/core/trade/restored.ts";
import {
  decodeHead,
  encodeHeadSlot,
  HEAD_FILE_BYTES,
} from "../../../../hotpath/io/journal/head.ts";
import { completeRecord } from "../../../../hotpath/io/journal/record.ts";
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
} from "../../../../hotpath/io/journal/segment.ts";
import { decodeIntent, IntentEncoder } from "../../../../hotpath/io/trade/intent-record.ts";
import { makeOrders, OPTIONS, placed } from "../../core/order/fixture.ts";
import { order } from "../../venues/binance-spot/execute/desk-rig.ts";
import { rawPayload, recordOf } from "./fixture.ts";

const HEADER = {
  runId: "run-1",
  segment: 3,
  firstSeq: 1,
  createdUs: 1_763_000_000_000_000,
  chain: new Uint8Array(32),
  kept: true,
};

describe("a segment", () => {
  test("whose header counts what cannot be counted is refused by both readers", () => {
    const bad = [Number.NEGATIVE_INFINITY, Number.NaN, 0, -1, 1.5, 2 ** 60];
    for (const odd of [
      ...bad.map((segment) => ({ segment })),
      ...bad.map((firstSeq) => ({ firstSeq })),
    ]) {
      const bytes = encodeSegmentHeader({ ...HEADER, ...odd });
      expect(decodeSegmentHeader(bytes), JSON.stringify(odd)).toMatchObject({ kind: "damaged" });
      expect(readSegment(bytes), JSON.stringify(odd)).toMatchObject({ ok: false });
    }
  });

  test("with a hole of a billion sequences takes no more memory than one without", () => {
    const seq = 2 ** 50;
    const record = recordOf(seq, { classCode: CLASS_RAW, type: 1 }, rawPayload("{}", 1));
    completeRecord(record, new DataView(record.buffer), { at: 0, end: record.length, seq });
    const bytes = new Uint8Array(Buffer.concat([encodeSegmentHeader(HEADER), record]));
    // The archive asks for a mark as well, and that is the only fault.
    expect(readSegment(bytes)).toEqual({ ok: false, reason: "no commit mark ends the segment" });
  });
});

test("a slot of the head file that counts what cannot be counted leaves the other one", () => {
  const file = new Uint8Array(HEAD_FILE_BYTES);
  const head = { runId: "run-1", counter: 8, ackedSeq: 40, segment: 2, offset: 4096 };
  file.set(encodeHeadSlot(head), 0);
  for (const counter of [Number.NaN, Number.POSITIVE_INFINITY, -1, 9.5]) {
    file.set(encodeHeadSlot({ ...head, counter }), 4096);
    expect(decodeHead(file), String(counter)).toEqual({ kind: "head", head });
  }
});

test("an intent that says what no order says is none, and is not asserted on", () => {
  const encoder = new IntentEncoder();
  const forged = (at: number, value: number): Uint8Array => {
    const bytes = encoder.bytes.slice(0, encoder.encode(order()));
    const view = new DataView(bytes.buffer);
    view.setFloat64(at, value, true);
    view.setUint32(4, crc32cOfFew(bytes, 8, bytes.length), true);
    return bytes;
  };
  const [PRICE_AT, LOTS_AT, STAMP_AT] = [72, 80, 104];
  expect(decodeIntent(forged(PRICE_AT, 5), 0)).toMatchObject({ order: { priceTicks: 5 } });
  expect(decodeIntent(forged(LOTS_AT, 5), 0)).toMatchObject({ order: { lots: 5 } });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 60]) {
    for (const at of [PRICE_AT, LOTS_AT, STAMP_AT]) {
      expect(decodeIntent(forged(at, value), 0), `${at} ${value}`).toMatchObject({ kind: "none" });
    }
  }
  for (const value of [0, -1]) {
    expect(decodeIntent(forged(PRICE_AT, value), 0)).toMatchObject({ kind: "none" });
    expect(decodeIntent(forged(LOTS_AT, value), 0)).toMatchObject({ kind: "none" });
  }
});

describe("a saved state", () => {
  test("that names an order twice is damaged, and is not asserted on", () => {
    const orders = makeOrders();
    placed(orders, 1);
    const state = JSON.parse(exportOrders(orders)) as { live: string[] };
    expect(importOrders(JSON.stringify(state), OPTIONS)).toMatchObject({ kind: "orders" });
    state.live.push(...state.live);
    expect(importOrders(JSON.stringify(state), OPTIONS)).toEqual({
      kind: "damaged",
      reason: "the sets of orders hold what the orders say",
    });
  });

  test("that counts below nothing is damaged", () => {
    const good = {
      version: 1,
      orders: "{}",
      cycleCount: 1,
      opportunityCount: 2,
      openCycles: [1],
      dust: {},
    };
    expect(readTrading(JSON.stringify(good))).toMatchObject({ ok: true });
    for (const part of [{ cycleCount: -1 }, { opportunityCount: -2 }, { openCycles: [-1] }]) {
      expect(readTrading(JSON.stringify({ ...good, ...part }))).toMatchObject({ ok: false });
    }
  });
});
