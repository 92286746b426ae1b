/**
 * Station: entries of Kraken's private channels, and bodies of its signed reads -> fuzzers of their readers.
 *
 * Entries are sparse and an order is remembered from its first one, so the judge of a stream asks only of
 * what an entry itself says; what was remembered is another entry's word.
 */
import { assert } from "../../../../contracts/assert.ts";
import { parseExactJson } from "../../../../hotpath/core/decode/exact-json.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import type { FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import type { Told } from "../../../../hotpath/io/trade/account-answers.ts";
import { pairIndex } from "../../../../hotpath/venues/kraken/execute/asset-names.ts";
import {
  balancesOf,
  countOf,
  type Fields,
  KnownOrders,
  ledgerOf,
} from "../../../../hotpath/venues/kraken/execute/executions.ts";
import {
  balancesOfBody,
  bodyOf,
  feesOfBody,
  fieldsOf,
  fillOfRow,
  orderOfRow,
} from "../../../../hotpath/venues/kraken/execute/reads.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import {
  bareOf,
  itemsOf,
  Members,
  memberOf,
  readStrictTree,
  stringOf,
  type Tree,
} from "../oracle/json-tree.ts";
import { exactOf, isWhole, microsOf } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";
import { Listener } from "./listener.ts";
import {
  isLots,
  isTicks,
  judgeBalances,
  judgeFillView,
  judgeOrderView,
  wordOfTree,
} from "./views.ts";

const INSTRUMENTS: readonly Instrument[] = ["BTC/USD", "ETH/BTC"].map((symbol, index) => {
  const [baseAsset = "", quoteAsset = ""] = symbol.split("/");
  const rules = { id: `kraken:${symbol}`, venue: "kraken", symbol, baseAsset, quoteAsset } as const;
  const steps = { tickSize: index === 0 ? "0.1" : "0.00001", lotSize: "0.00000001" };
  const instrument = instrumentOf({ ...rules, ...steps }, index);
  assert(instrument !== undefined, "the steps are good");
  return instrument;
});

const NEW =
  '{"order_id":"OK4GJX-KSTLS-7DZZO5","order_userref":3,"symbol":"BTC/USD","order_qty":0.00500000,"cum_cost":0.0,"time_in_force":"GTC","exec_type":"pending_new","side":"sell","order_type":"limit","limit_price_type":"static","limit_price":26500.0,"stop_price":0.0,"order_status":"pending_new","fee_usd_equiv":0.0,"fee_ccy_pref":"fciq","timestamp":"2023-09-22T10:33:05.709950Z","cl_ord_id":"rk00001-00000001"}';
const FILLED =
  '{"order_id":"OK4GJX-KSTLS-7DZZO5","symbol":"BTC/USD","exec_id":"TYG7OG-OFVUJ-4NYSRY","exec_type":"trade","trade_id":365573,"side":"sell","order_qty":0.00500000,"last_qty":0.00500000,"last_price":26500.1,"liquidity_ind":"t","cost":132.50050,"order_userref":0,"order_status":"filled","order_type":"limit","cum_qty":0.00500000,"cum_cost":132.5005,"timestamp":"2023-09-22T10:33:05.709993Z","fees":[{"asset":"USD","qty":0.3445}]}';
const ENDED =
  '{"timestamp":"2023-09-22T10:33:05.709982Z","order_status":"canceled","exec_type":"canceled","order_userref":0,"order_id":"OK4GJX-KSTLS-7DZZO5","reason":"User requested"}';
const LEDGER =
  '{"ledger_id":"DATKX6-PEHL1-HZKND8","ref_id":"LKAKN2-N3N7WW-NXDW3L","timestamp":"2023-09-22T10:33:05.709993Z","type":"deposit","asset":"USD","asset_class":"currency","category":"trade","wallet_type":"spot","wallet_id":"main","amount":-132.5005,"fee":0.3445,"balance":868.155}';
const BALANCE = '{"asset":"BTC","asset_class":"currency","balance":1.2,"wallets":[]}';

const message = (channel: string, type: string, data: string): string =>
  `{"channel":"${channel}","type":"${type}","data":[${data}],"sequence":4}`;

type Heard = { readonly told: readonly Told[]; readonly sequence: number | undefined };

export const krakenStream: Fuzzer = {
  name: "kraken private stream",
  guards: "hotpath/venues/kraken/execute/executions.ts",
  prepare: () =>
    readerBench<Heard>({
      corpus: [
        message("executions", "update", NEW),
        message("executions", "update", `${NEW},${FILLED}`),
        message("executions", "update", `${NEW},${ENDED}`),
        message("balances", "update", LEDGER),
        message("balances", "snapshot", BALANCE),
      ],
      makeReader: () => {
        const orders = new KnownOrders(INSTRUMENTS);
        const listener = new Listener("kraken", INSTRUMENTS);
        return (input) => {
          const heard = readStream(input, orders);
          listener.hear(heard?.told ?? []);
          return heard;
        };
      },
      judge: judgeStream,
    }),
};

/** As the private session hands messages on: entries one by one, and whatever is no entry is passed over. */
function readStream(input: Uint8Array, orders: KnownOrders): Heard | undefined {
  const fields = parseExactJson(input);
  const { channel, type, data, sequence } = fields ?? {};
  if (!Array.isArray(data)) return undefined;
  const rows = (data as readonly unknown[]).map(fieldsOf).filter((row) => row !== undefined);
  const told: Told[] = [];
  for (const row of rows) {
    if (channel === "executions") told.push(...orders.read(row));
    else if (type === "update") told.push(ledgerOf(row));
  }
  const balances = type === "snapshot" ? balancesOf(data) : undefined;
  if (balances !== undefined) {
    told.push({ type: "balanceReported", balances, cause: "unknown", delta: "", exchangeUs: 0 });
  }
  const isHeard = told.some((event) => event.type !== "accountGap");
  return isHeard ? { told, sequence: countOf(sequence) } : undefined;
}

function judgeStream({ told, sequence }: Heard, input: Uint8Array): string | undefined {
  const tree = readStrictTree(input);
  if (tree === undefined) return "what is no JSON is a message";
  const said = bareOf(memberOf(tree, "sequence"));
  if (sequence !== undefined && !isWhole(said, sequence))
    return "its sequence is not what was sent";
  const entries = itemsOf(memberOf(tree, "data")) ?? [];
  for (const event of told) {
    const fault = judgeTold(event, entries);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function judgeTold(event: Told, entries: readonly Tree[]): string | undefined {
  switch (event.type) {
    case "orderFilled":
      return judgeFillView(event.fill) ?? judgeFill(event.fill, entries);
    case "orderReported":
      return judgeOrderView(event.order) ?? judgeReport(event.order, entries);
    case "balanceReported":
      return judgeBalances(event.balances) ?? judgeMove(event, entries);
    default:
      return undefined;
  }
}

/** Some entry says it, all of it. */
function isSaid(entries: readonly Tree[], says: (entry: Tree) => boolean): string | undefined {
  return entries.some(says) ? undefined : "an event that no entry tells of";
}

function isTime(us: number, entry: Tree): boolean {
  return us === (microsOf(stringOf(memberOf(entry, "timestamp"))) ?? 0);
}

function judgeFill(fill: FillView, entries: readonly Tree[]): string | undefined {
  const instrument = INSTRUMENTS[fill.instrument];
  if (instrument === undefined) return "a fill of no instrument";
  return isSaid(entries, (entry) => {
    const bare = (key: string) => bareOf(memberOf(entry, key));
    const [only, ...more] = itemsOf(memberOf(entry, "fees")) ?? [];
    const fee = more.length === 0 ? bareOf(memberOf(only, "qty")) : undefined;
    return (
      fill.tradeId === stringOf(memberOf(entry, "exec_id")) &&
      fill.orderId === stringOf(memberOf(entry, "order_id")) &&
      isTicks(fill.priceTicks, bare("last_price"), instrument) &&
      isLots(fill.lots, bare("last_qty"), instrument) &&
      (fill.fee === "" || isSame(fill.fee, fee)) &&
      isTime(fill.exchangeUs, entry)
    );
  });
}

function isSame(text: string, said: string | undefined): boolean {
  const [one, other] = [exactOf(text), exactOf(said)];
  if (one === undefined || other === undefined) return false;
  return one.units * 10n ** BigInt(other.places) === other.units * 10n ** BigInt(one.places);
}

function judgeReport(order: OrderView, entries: readonly Tree[]): string | undefined {
  const instrument = INSTRUMENTS[order.instrument];
  // More filled than ordered is told as it is: the core alarms.
  return isSaid(entries, (entry) => {
    const quantity = exactOf(bareOf(memberOf(entry, "order_qty")));
    const isRead = instrument !== undefined && quantity !== undefined;
    const text = bareOf(memberOf(entry, "order_qty"));
    return (
      order.orderId === stringOf(memberOf(entry, "order_id")) &&
      isTime(order.exchangeUs, entry) &&
      stringOf(memberOf(entry, "order_status")) !== undefined &&
      (!isRead || isLots(order.lots, text, instrument) || !isWholeLots(text, instrument))
    );
  });
}

/** Whether a quantity is one of this instrument at all; others leave what was known before. */
function isWholeLots(text: string | undefined, instrument: Instrument): boolean {
  const value = exactOf(text);
  if (value === undefined || text?.startsWith("-") === true) return false;
  const scaled = value.units * 10n ** BigInt(instrument.quantityDecimals);
  const step = BigInt(instrument.lotUnits) * 10n ** BigInt(value.places);
  return scaled % step === 0n && scaled / step <= BigInt(Number.MAX_SAFE_INTEGER);
}

type Move = Extract<Told, { readonly type: "balanceReported" }>;

function judgeMove({ balances, delta }: Move, entries: readonly Tree[]): string | undefined {
  for (const { asset, total } of balances) {
    const fault = isSaid(
      entries,
      (entry) =>
        asset === stringOf(memberOf(entry, "asset")) &&
        isSame(total, bareOf(memberOf(entry, "balance"))) &&
        (delta === "" || isSame(delta, bareOf(memberOf(entry, "amount")))),
    );
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const ROW =
  '{"refid":null,"userref":0,"cl_ord_id":"rk00001-00000001","status":"open","opentm":1616666559.8974,"closetm":0,"starttm":0,"expiretm":0,"descr":{"pair":"XBTUSD","type":"buy","ordertype":"limit","price":"30010.0","price2":"0","leverage":"none","order":"buy 1.25 XBTUSD @ limit 30010.0"},"vol":"1.25000000","vol_exec":"0.37500000","cost":"11253.7","fee":"0.00000","price":"30010.0","reason":null,"trades":["TCCCTY-WE2O6-P3NB37"]}';
const TRADE_ROW =
  '{"ordertxid":"OQCLML-BW3P3-BUCMWZ","postxid":"TKH2SE-M7IF5-CFI7LT","pair":"XXBTZUSD","time":1616667796.8802,"type":"buy","ordertype":"limit","price":"30010.0","cost":"600.20000","fee":"0.00000","vol":"0.02000000","margin":"0.00000","misc":"","trade_id":40274859,"maker":true}';
const BODIES: readonly string[] = [
  `{"error":[],"result":{"open":{"OQCLML-BW3P3-BUCMWZ":${ROW}}}}`,
  `{"error":[],"result":{"closed":{"O37652-RJWRT-IMO74O":${ROW.replace('"open"', '"closed"').replace("0.375", "1.25")}},"count":1}}`,
  `{"error":[],"result":{"trades":{"TCCCTY-WE2O6-P3NB37":${TRADE_ROW}},"count":2346}}`,
  '{"error":[],"result":{"ZUSD":{"balance":"25435.21","hold_trade":"8249.76"},"XXBT":{"balance":"1.2435","hold_trade":"0.8423","credit":"1","credit_used":"0.5"}}}',
  '{"error":[],"result":{"currency":"ZUSD","volume":"0.0000","fees":{"XXBTZUSD":{"fee":"0.2600","minfee":"0.1000","maxfee":"0.2600"}},"fees_maker":{"XXBTZUSD":{"fee":"0.1600"}}}}',
  '{"error":["EOrder:Insufficient funds"]}',
];

const pairs = pairIndex(INSTRUMENTS);

type Read = NonNullable<ReturnType<typeof readBody>>;

export const krakenBodies: Fuzzer = {
  name: "kraken signed reads",
  guards: "hotpath/venues/kraken/execute/reads.ts",
  prepare: () =>
    readerBench<Read>({
      corpus: BODIES,
      makeReader: () => {
        const listener = new Listener("kraken", INSTRUMENTS);
        return (input) => {
          const read = readBody(input);
          listener.hear([], read?.orders, read?.fills);
          return read;
        };
      },
      judge: judgeBody,
    }),
};

function rowsIn(result: Fields | undefined, key: string): [string, unknown][] {
  return Object.entries(fieldsOf(result?.[key]) ?? {});
}

/** Everything that any reader makes of a body. */
function readBody(input: Uint8Array) {
  const body = bodyOf(input);
  const result = body.kind === "result" ? body.result : undefined;
  const rows = [...rowsIn(result, "open"), ...rowsIn(result, "closed")];
  const orders = rows.flatMap(([id, row]) => orderOfRow(id, row, pairs)?.order ?? []);
  const fills = rowsIn(result, "trades").flatMap(([id, row]) => {
    const fill = fillOfRow(id, row, pairs, () => "rk");
    return fill === undefined || fill === "other" ? [] : [fill];
  });
  const balances = result === undefined ? undefined : balancesOfBody(result);
  const fees = result === undefined ? undefined : feesOfBody(result, pairs);
  const error = body.kind === "error" ? body.text : "";
  const isRead = [orders, fills, balances ?? [], fees ?? []].some(({ length }) => length > 0);
  return isRead || error !== "" ? { orders, fills, balances, fees, error } : undefined;
}

function judgeBody(read: Read, input: Uint8Array): string | undefined {
  const tree = readStrictTree(input);
  if (tree === undefined) return "what is no JSON is a body";
  const [error] = itemsOf(memberOf(tree, "error")) ?? [];
  if (read.error !== "" && read.error !== stringOf(error)) return "an error that was not sent";
  const result = memberOf(tree, "result");
  const rows = ["open", "closed"].map((key) => memberOf(result, key));
  return (
    firstOf(read.orders, (order) => judgeOrderView(order) ?? judgeRow(order, rows)) ??
    firstOf(
      read.fills,
      (fill) => judgeFillView(fill) ?? judgeTrade(fill, memberOf(result, "trades")),
    ) ??
    judgeBalances(read.balances ?? []) ??
    judgeHoldings(read, result) ??
    judgeFees(read, result)
  );
}

function firstOf<Item>(
  items: readonly Item[],
  judge: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const fault = judge(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Microseconds of seconds with a fraction, rounded to the nearest. */
function isSeconds(us: number, said: Tree | undefined): boolean {
  const value = exactOf(/^[^eE]*$/.test(stringOf(said) ?? "") ? wordOfTree(said) : undefined);
  if (value === undefined || us === 0) return us === 0;
  const scaled = value.units * 1_000_000n;
  const unit = 10n ** BigInt(value.places);
  const rest = BigInt(us) * unit - scaled;
  // A microsecond is forgiven: at this size a double is that exact and no more.
  return Number.isSafeInteger(us) && (rest < 0n ? -rest : rest) <= 2n * unit;
}

function judgeRow(order: OrderView, lists: readonly (Tree | undefined)[]): string | undefined {
  const row = lists
    .map((list) => (list instanceof Members ? list.get(order.orderId) : undefined))
    .findLast((each) => each !== undefined);
  if (row === undefined) return "an order that was not listed";
  const instrument = INSTRUMENTS[order.instrument];
  const descr = memberOf(row, "descr");
  const times = [memberOf(row, "closetm"), memberOf(row, "opentm")];
  if (instrument === undefined) return undefined;
  return firstBroken([
    [isLots(order.lots, wordOfTree(memberOf(row, "vol")), instrument), "its quantity is another"],
    [
      isLots(order.filledLots, wordOfTree(memberOf(row, "vol_exec")), instrument),
      "its fill is another",
    ],
    [
      isTicks(order.priceTicks, wordOfTree(memberOf(descr, "price")), instrument),
      "its price is another",
    ],
    [times.some((time) => isSeconds(order.exchangeUs, time)), "its time is another"],
  ]);
}

function judgeTrade(fill: FillView, list: Tree | undefined): string | undefined {
  const row = list instanceof Members ? list.get(fill.tradeId) : undefined;
  const instrument = INSTRUMENTS[fill.instrument];
  if (row === undefined || instrument === undefined) return "a trade that was not listed";
  const text = (key: string) => wordOfTree(memberOf(row, key));
  return firstBroken([
    [isLots(fill.lots, text("vol"), instrument), "its quantity is another"],
    [isTicks(fill.priceTicks, text("price"), instrument), "its price is another"],
    [fill.fee === "" || isSame(fill.fee, text("fee")), "its fee is another"],
    [isSeconds(fill.exchangeUs, memberOf(row, "time")), "its time is another"],
  ]);
}

/** Total is what is held there; free is what is left of it and of the credit. */
function judgeHoldings({ balances }: Read, result: Tree | undefined): string | undefined {
  if (balances === undefined) return undefined;
  if (!(result instanceof Members)) return "balances of what is no list of them";
  const totals = new Set(result.values.map((row) => wordOfTree(memberOf(row, "balance")) ?? ""));
  const isRight = balances.every(({ total }) => [...totals].some((said) => isSame(total, said)));
  return isRight ? undefined : "a balance that was not sent";
}

function judgeFees({ fees }: Read, result: Tree | undefined): string | undefined {
  const rates = memberOf(result, "fees");
  for (const { takerPpb, makerPpb } of fees ?? []) {
    if (![takerPpb, makerPpb].every((ppb) => Number.isSafeInteger(ppb) && ppb >= 0)) {
      return "a rate is no number of parts";
    }
    const said = rates instanceof Members ? rates.values : [];
    if (!said.some((row) => isPercent(takerPpb, memberOf(row, "fee")))) return "a rate not sent";
  }
  return undefined;
}

/** Whether parts per billion are so many percent, rounded up. */
function isPercent(ppb: number, said: Tree | undefined): boolean {
  const value = exactOf(wordOfTree(said));
  if (value === undefined) return false;
  const scaled = value.units * 10_000_000n;
  const unit = 10n ** BigInt(value.places);
  return BigInt(ppb) * unit >= scaled && BigInt(ppb) * unit < scaled + unit;
}
