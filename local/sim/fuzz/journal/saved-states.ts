/**
 * Station: texts and files that the engine saves for its next life -> fuzzers of their readers: the state of
 * orders, the file around it, the list of kills, and the manifest of a segment.
 *
 * They come from a disk and may say anything. What is taken must come out as it went in: the judge writes it
 * once more and reads it again.
 */
import { assert } from "../../../../contracts/assert.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { clientIdOf } from "../../../../hotpath/core/order/client-id.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import { readTrading } from "../../../../hotpath/core/trade/restored.ts";
import { decodeManifest, type ManifestRead } from "../../../../hotpath/io/journal/manifest.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { bareOf, itemsOf, memberOf, readStrictTree, stringOf } from "../oracle/json-tree.ts";
import { isWhole } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

const FENCE = 7;
const NOW_US = 1_800_000_000_000_000;
const VENUE = "binance-spot";

const INSTRUMENTS: readonly Instrument[] = ["BTCUSDT", "ETHUSDT"].map((symbol, index) => {
  const names = { baseAsset: symbol.slice(0, 3), quoteAsset: "USDT" };
  const rules = { id: `${VENUE}:${symbol}` as const, venue: VENUE, symbol, ...names } as const;
  const made = instrumentOf({ ...rules, tickSize: "0.01", lotSize: "0.0001" }, index);
  assert(made !== undefined, "the steps are good");
  return made;
});

const OPTIONS = { fence: FENCE, instruments: INSTRUMENTS, venues: [VENUE] } as const;

/** An account with an order under way, one that is done, a stranger's order and a stranger's trade. */
function liveOrders(): Orders {
  const orders = new Orders(OPTIONS);
  orders.openLedger(0, [
    { asset: "USDT", total: "1000", free: "", held: "" },
    { asset: "BTC", total: "1.5", free: "", held: "" },
  ]);
  const place = (command: number): void => {
    orders.applyPlace(
      {
        type: "placeOrder",
        venue: 0,
        instrument: 0,
        command,
        fence: FENCE,
        clientId: clientIdOf(FENCE, command),
        side: "buy",
        timeInForce: "gtc",
        priceTicks: 10_000,
        lots: 10,
        purpose: "open",
        cycle: 1,
        leg: 0,
        stampUs: NOW_US,
        windowUs: 1_000_000,
        limitsVersion: 1,
        books: [],
        isTest: false,
      },
      NOW_US,
    );
  };
  const of = { venue: 0, epoch: 1, recvUs: NOW_US };
  const fill = (clientId: string, orderId: string, tradeId: string, lots: number) => ({
    clientId,
    orderId,
    instrument: 0,
    tradeId,
    side: "buy" as const,
    priceTicks: 10_000,
    lots,
    fee: "0.001",
    feeAsset: "USDT",
    isMaker: false,
    exchangeUs: NOW_US,
  });
  place(1);
  place(2);
  const [one, two] = [clientIdOf(FENCE, 1), clientIdOf(FENCE, 2)];
  orders.applyEvent({ ...of, type: "orderAccepted", clientId: one, orderId: "v1" }, NOW_US);
  const filled = { ...of, type: "orderFilled", source: "stream" } as const;
  orders.applyEvent({ ...filled, fill: fill(one, "v1", "t1", 4) }, NOW_US);
  orders.applyEvent({ ...filled, fill: fill(two, "v2", "t2", 10) }, NOW_US);
  orders.applyEvent({ ...filled, fill: fill("", "v9", "t9", 3) }, NOW_US);
  const view = { clientId: "web_1", orderId: "v8", instrument: 1, side: undefined };
  const numbers = { lots: 5, filledLots: 0, priceTicks: 20, exchangeUs: NOW_US };
  const order = { ...view, state: "open", reason: "", ...numbers } as const;
  orders.applyEvent({ ...of, type: "orderReported", source: "stream", order }, NOW_US);
  return orders;
}

export const orderStates: Fuzzer = {
  name: "saved states of orders",
  guards: "hotpath/core/order/order-state.ts",
  prepare: () =>
    readerBench<string>({
      corpus: [exportOrders(liveOrders()), exportOrders(new Orders(OPTIONS))],
      makeReader: () => (input) => {
        const read = importOrders(new TextDecoder().decode(input), OPTIONS);
        // What was restored must be able to go on and to be saved again.
        return read.kind === "orders" ? exportOrders(read.orders) : undefined;
      },
      judge: (saved, input) => {
        if (readStrictTree(input) === undefined && !hasOddBytes(input)) return "no JSON is a state";
        const again = importOrders(saved, OPTIONS);
        if (again.kind !== "orders") return "what was restored cannot be restored once more";
        return exportOrders(again.orders) === saved ? undefined : "restoring it changes it";
      },
    }),
};

/** Text is decoded leniently here: bytes that are no UTF-8 stand for a mark inside a string. */
function hasOddBytes(input: Uint8Array): boolean {
  return Buffer.from(new TextDecoder().decode(input)).compare(input) !== 0;
}

export const tradingStates: Fuzzer = {
  name: "saved states of trading",
  guards: "hotpath/core/trade/restored.ts",
  prepare: () =>
    readerBench({
      corpus: [
        '{"version":1,"orders":"{}","risk":null,"cycleCount":12,"opportunityCount":40,"openCycles":[11,12],"dust":{"0:BTC":"0.00000012","1:USDT":"-3"}}',
      ],
      makeReader: () => (input) => {
        const read = readTrading(new TextDecoder().decode(input));
        return read.ok ? read.state : undefined;
      },
      judge: ({ version, orders, cycleCount, opportunityCount, openCycles, dust }) =>
        firstBroken([
          [version === 1 && typeof orders === "string", "a state of another form"],
          [[cycleCount, opportunityCount].every(isCount), "a count that is none"],
          [openCycles.every(isCount), "a cycle that has no number"],
          [Object.values(dust).every((text) => /^-?\d+(\.\d+)?$/.test(text)), "dust that is none"],
        ]),
    }),
};

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const MANIFEST = `{"formatVersion":1,"runId":"run-1","segment":3,"createdUs":1763000000000000,"firstSeq":41,"lastSeq":90,"lastUs":1763000000000090,"records":50,"recordsByClass":{"raw":20,"norm":20,"signal":0,"cmd":5,"exec":0,"ctl":5},"bytes":4096,"sha256":"${HASH}","chainStart":"${HASH}","chainEnd":"${HASH}","compressedBytes":900,"compressedSha256":"${HASH}","dropped":[],"droppedFrom":null}`;
const KEPT = MANIFEST.replace('"dropped":[]', '"dropped":["raw","norm"]').replace(
  "null",
  `{"sha256":"${HASH}","bytes":9000,"records":90}`,
);
const COUNTS = [
  "segment",
  "createdUs",
  "firstSeq",
  "lastSeq",
  "lastUs",
  "records",
  "bytes",
] as const;
const HASHES = ["sha256", "chainStart", "chainEnd", "compressedSha256"] as const;

export const manifests: Fuzzer = {
  name: "segment manifests",
  guards: "hotpath/io/journal/manifest.ts",
  prepare: () =>
    readerBench<Extract<ManifestRead, { kind: "manifest" }>["manifest"]>({
      corpus: [MANIFEST, KEPT],
      makeReader: () => (input) => {
        const read = decodeManifest(input);
        return read.kind === "manifest" ? read.manifest : undefined;
      },
      judge: (manifest, input) => {
        const tree = readStrictTree(input);
        const at = (key: string) => memberOf(tree, key);
        const isSaid = (key: (typeof COUNTS)[number]): boolean =>
          isWhole(bareOf(at(key)), manifest[key]) || Number(bareOf(at(key))) === manifest[key];
        return firstBroken([
          [tree !== undefined, "what is no JSON is a manifest"],
          [manifest.runId === stringOf(at("runId")), "a manifest of another run"],
          [COUNTS.every((key) => isSaid(key) && isCount(manifest[key])), "a count is another"],
          [HASHES.every((key) => /^[0-9a-f]{64}$/.test(manifest[key])), "a hash is none"],
          [itemsOf(at("dropped"))?.length === manifest.dropped.length, "other classes are dropped"],
          [
            (manifest.droppedFrom === null) === (manifest.dropped.length === 0),
            "dropped from nothing",
          ],
        ]);
      },
    }),
};
