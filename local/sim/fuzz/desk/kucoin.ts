/**
 * Station: pushes and answers of KuCoin -> a fuzzer of their readers, all of which are shown each message.
 *
 * Numbers come in quotes or bare, times in three units; whatever a message leaves out is said to be left out.
 */
import { assert } from "../../../../contracts/assert.ts";
import { instrumentOf } from "../../../../hotpath/core/instrument.ts";
import type {
  BalanceView,
  FeeView,
  FillView,
  OrderView,
} from "../../../../hotpath/core/trade/events.ts";
import type { Told } from "../../../../hotpath/io/trade/account-answers.ts";
import { parseKeyRights } from "../../../../hotpath/venues/kucoin/execute/facts.ts";
import {
  exchangeUsOf,
  fieldsOf,
  listOf,
  parseFields,
} from "../../../../hotpath/venues/kucoin/execute/json.ts";
import { eventsOfPush } from "../../../../hotpath/venues/kucoin/execute/pushes.ts";
import {
  balanceOfRow,
  feeOfRow,
  fillOfRow,
  orderOfAnswer,
} from "../../../../hotpath/venues/kucoin/execute/reports.ts";
import { targetOf } from "../../../../hotpath/venues/kucoin/execute/ticket.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { type Claim, firstBroken } from "../oracle/claims.ts";
import {
  bareOf,
  isPresent,
  itemsOf,
  memberOf,
  readStrictTree,
  stringOf,
  type Tree,
} from "../oracle/json-tree.ts";
import { exactOf } from "../oracle/numbers.ts";
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

const made = instrumentOf(
  {
    id: "kucoin:BTC-USDT",
    venue: "kucoin",
    symbol: "BTC-USDT",
    tickSize: "0.1",
    lotSize: "0.001",
    quoteAsset: "USDT",
  },
  3,
);
assert(made !== undefined, "the steps are good");
const instrument = made;
const symbols = new Map([[instrument.symbol, instrument]]);

const push = (topic: string, data: string): string =>
  `{"topic":"${topic}","type":"message","subject":"orderChange","userId":"633559791e1cbc0001f319bc","channelType":"private","data":${data}}`;
const MATCH =
  '{"canceledSize":"0","clientOid":"rk00001-00000001","filledSize":"0.010","liquidity":"taker","feeType":"takerFee","matchPrice":"52000.1","matchSize":"0.010","orderId":"6720da3fa30a360007f5f832","orderTime":1730206271588,"orderType":"limit","originSize":"0.015","price":"52000.1","remainSize":"0.005","side":"buy","size":"0.015","status":"match","symbol":"BTC-USDT","tradeId":"11116472408358913","ts":1730206271616000000,"type":"match"}';
const RECEIVED =
  '{"clientOid":"rk00001-00000001","orderId":"6720da3fa30a360007f5f832","orderTime":1730206271588,"orderType":"limit","originSize":"0.015","side":"buy","status":"new","symbol":"BTC-USDT","ts":1730206271616000000,"type":"received","price":"52000.1"}';
const CANCELED = MATCH.replace('"type":"match"', '"type":"canceled","cancelReason":"STP"');
const HELD =
  '{"accountId":"548674591753","currency":"USDT","total":"21.133773386762","available":"20.132773386762","hold":"1.001","availableChange":"-0.5005","holdChange":"0.5005","relationContext":{"symbol":"BTC-USDT","orderId":"6721d0632db25b0007071fdc"},"relationEvent":"trade.hold","relationEventId":"354689988084000","time":"1730269283892"}';
const ORDER =
  '{"id":"6717422bd51c29000775ea03","clientOid":"rk00001-00000001","symbol":"BTC-USDT","opType":"DEAL","type":"limit","side":"buy","price":"52000.0","size":"0.010","funds":"0.677","dealSize":"0.004","dealFunds":"0.67","fee":"0.0006","feeCurrency":"USDT","timeInForce":"GTC","cancelReason":"","createdAt":1729577515444,"lastUpdatedAt":1729577515473,"inOrderBook":false,"active":true}';
const FILL =
  '{"id":19814995255305,"orderId":"6717422bd51c29000775ea03","counterOrderId":"67174228135f9e000709da8c","tradeId":11029373945659392,"symbol":"BTC-USDT","side":"buy","liquidity":"taker","type":"limit","forceTaker":false,"price":"67717.6","size":"0.010","funds":"0.677176","fee":"0.000677176","feeRate":"0.001","feeCurrency":"USDT","createdAt":1729577515473}';
const ok = (data: string): string => `{"code":"200000","data":${data}}`;

const CORPUS: readonly string[] = [
  push("/spotMarket/tradeOrdersV2", MATCH),
  push("/spotMarket/tradeOrdersV2", RECEIVED),
  push("/spotMarket/tradeOrdersV2", CANCELED),
  push("/account/balance", HELD),
  ok(ORDER),
  ok(`{"items":[${FILL}],"lastId":19814995255305}`),
  ok('[{"id":"1","currency":"USDT","type":"trade","balance":"1.5","available":"1","holds":"0.5"}]'),
  ok('[{"symbol":"BTC-USDT","takerFeeRate":"0.001","makerFeeRate":"-0.0001"}]'),
  ok(
    '{"remark":"x","apiKey":"k","apiVersion":3,"permission":"General,Spot","ipWhitelist":"1.2.3.4"}',
  ),
  ok(
    '{"token":"2neAiuYvAU61ZD","instanceServers":[{"endpoint":"wss://ws-api-spot.kucoin.com/","encrypt":true,"protocol":"websocket","pingInterval":18000,"pingTimeout":10000}]}',
  ),
];

type All = NonNullable<ReturnType<typeof readAll>>;

export const kucoinMessages: Fuzzer = {
  name: "kucoin private messages",
  guards: "hotpath/venues/kucoin/execute/reports.ts",
  prepare: () =>
    readerBench<All>({
      corpus: CORPUS,
      makeReader: () => {
        const listener = new Listener("kucoin", [instrument]);
        return (input) => {
          const all = readAll(input);
          listener.hear(all?.events ?? [], [all?.order], all?.fills);
          return all;
        };
      },
      judge: judgeAll,
    }),
};

/** Everything that any reader makes of a message. */
function readAll(input: Uint8Array) {
  const fields = parseFields(input);
  const ticket = targetOf(input, "dial-1");
  const rights = parseKeyRights(input);
  if (fields === undefined) return undefined;
  const data = fieldsOf(fields.data);
  const rows = listOf(fields.data) ?? [];
  const items = listOf(data?.items) ?? [];
  const told = data === undefined ? [] : eventsOfPush(fields, symbols);
  const events = told.filter(({ type }) => type !== "accountContradicted");
  const order = data === undefined ? undefined : orderOfAnswer(data, symbols).view;
  const fills = items.map((row) => fillOfRow(row, instrument, "rk").view);
  const balances = rows.map(balanceOfRow);
  const fees = rows.map((row) => feeOfRow(row, symbols));
  const lists: readonly (readonly unknown[])[] = [events, [order], fills, balances, fees, [ticket]];
  const isRead = lists.some((list) => list.some((each) => each !== undefined));
  const isKey = rights.mayTrade !== undefined;
  return isRead || isKey ? { events, order, fills, balances, fees, ticket, rights } : undefined;
}

function judgeAll(all: All, input: Uint8Array): string | undefined {
  const tree = readStrictTree(input);
  const data = memberOf(tree, "data");
  // Of a ticket an odd number is read as none, and of a key only words are read.
  if (tree === undefined) return "what is no JSON is a message";
  const rows = itemsOf(data) ?? [];
  const items = itemsOf(memberOf(data, "items")) ?? [];
  return (
    firstOf(all.events, (event) => judgeEvent(event, data)) ??
    judgeOrder(all.order, data, ANSWER) ??
    firstOf(all.fills, (fill, i) => judgeFill(fill, items[i], ROW)) ??
    firstOf(all.balances, (balance, i) => judgeBalance(balance, rows[i], "holds")) ??
    firstOf(all.fees, (fee, i) => judgeFee(fee, rows[i])) ??
    judgeKey(all, data)
  );
}

function firstOf<Item>(
  items: readonly Item[],
  judge: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const fault = judge(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Under which keys each kind of message has what. */
type OrderKeys = {
  readonly size: string;
  readonly filled: string;
  readonly id: string;
  readonly times: readonly string[];
};
const ANSWER: OrderKeys = {
  size: "size",
  filled: "dealSize",
  id: "id",
  times: ["lastUpdatedAt", "createdAt"],
};
const PUSH: OrderKeys = { size: "size", filled: "filledSize", id: "orderId", times: ["ts"] };
type FillKeys = { readonly price: string; readonly size: string; readonly time: string };
const ROW: FillKeys = { price: "price", size: "size", time: "createdAt" };
const MATCHED: FillKeys = { price: "matchPrice", size: "matchSize", time: "ts" };

function judgeEvent(event: Told, data: Tree | undefined): string | undefined {
  switch (event.type) {
    case "orderReported": {
      const type = stringOf(memberOf(data, "type"));
      const origin = isPresent(memberOf(data, "originSize")) ? "originSize" : "size";
      const size = type === "update" ? "size" : origin;
      return judgeOrder(event.order, data, { ...PUSH, size });
    }
    case "orderFilled":
      return judgeFill(event.fill, data, MATCHED);
    case "balanceReported":
      return firstOf(event.balances, (balance) => judgeBalance(balance, data, "hold"));
    default:
      return undefined;
  }
}

/** The microseconds of a time in any of the venue's three units; 0 where it is none. */
function isTime(us: number, said: Tree | undefined): boolean {
  const text = wordOfTree(said) ?? "";
  if (us === 0) return !/^[1-8]\d{12}$/.test(text);
  const isMs = text.length === 13;
  return isMs ? BigInt(text) * 1000n === BigInt(us) : text.startsWith(String(us));
}

/** A number of steps, or -1 where the message leaves the number out. */
function isSaid(
  steps: number,
  said: Tree | undefined,
  isRight: (text?: string) => boolean,
): boolean {
  const isLeftOut = !isPresent(said) || stringOf(said) === "";
  return isLeftOut ? steps === -1 || steps === 0 : isRight(stringOf(said));
}

function judgeOrder(
  view: OrderView | undefined,
  data: Tree | undefined,
  { size, filled, id, times }: OrderKeys,
): string | undefined {
  if (view === undefined) return undefined;
  const at = (key: string) => memberOf(data, key);
  const { lots, filledLots, priceTicks } = view;
  const time = times.map(at).find(isPresent);
  const claims: Claim[] = [
    [view.orderId === wordOfTree(at(id)), "an order has another id"],
    [view.side === stringOf(at("side")), "an order has another side"],
    [isTime(view.exchangeUs, time), "an order's time is not what was sent"],
  ];
  if (view.instrument >= 0) {
    claims.push(
      [stringOf(at("symbol")) === instrument.symbol, "an order of another symbol"],
      [isSaid(lots, at(size), (text) => isLots(lots, text, instrument)), "its size is another"],
      [
        isSaid(filledLots, at(filled), (text) => isLots(filledLots, text, instrument)),
        "what is filled is another",
      ],
      [
        isSaid(priceTicks, at("price"), (text) => isTicks(priceTicks, text, instrument)),
        "its price is another",
      ],
      [lots < 0 || filledLots <= lots, "more is filled than was ordered"],
    );
  }
  return judgeOrderView(view) ?? firstBroken(claims);
}

function judgeFill(
  view: FillView | undefined,
  row: Tree | undefined,
  { price, size, time: timeKey }: FillKeys,
): string | undefined {
  if (view === undefined) return undefined;
  const at = (key: string) => memberOf(row, key);
  const time = at(timeKey);
  return (
    judgeFillView(view) ??
    firstBroken([
      [view.tradeId === wordOfTree(at("tradeId")), "a fill has another id"],
      [
        view.orderId === (wordOfTree(at("orderId")) ?? "") || view.orderId === "",
        "of another order",
      ],
      [view.side === stringOf(at("side")), "a fill has another side"],
      [isTicks(view.priceTicks, stringOf(at(price)), instrument), "its price is another"],
      [isLots(view.lots, stringOf(at(size)), instrument), "its size is another"],
      [view.fee === "" || view.fee === wordOfTree(at("fee")), "its fee is another"],
      [isTime(view.exchangeUs, time), "its time is not what was sent"],
    ])
  );
}

function judgeBalance(
  view: BalanceView | undefined,
  row: Tree | undefined,
  held: string,
): string | undefined {
  if (view === undefined) return undefined;
  const at = (key: string) => memberOf(row, key);
  return (
    judgeBalances([view]) ??
    firstBroken([
      [view.asset === stringOf(at("currency")), "a balance of another asset"],
      [view.free === wordOfTree(at("available")), "what is free is another"],
      [view.held === wordOfTree(at(held)), "what is held is another"],
    ])
  );
}

function judgeFee(fee: FeeView | undefined, row: Tree | undefined): string | undefined {
  if (fee === undefined) return undefined;
  return firstBroken([
    [isRate(fee.makerPpb, memberOf(row, "makerFeeRate")), "the maker's rate is another"],
    [isRate(fee.takerPpb, memberOf(row, "takerFeeRate")), "the taker's rate is another"],
  ]);
}

const PPB = 1_000_000_000n;

function isRate(ppb: number, said: Tree | undefined): boolean {
  const value = exactOf(wordOfTree(said));
  if (value === undefined || !Number.isSafeInteger(ppb)) return false;
  return value.units * PPB === BigInt(ppb) * 10n ** BigInt(value.places);
}

function judgeKey({ rights, ticket }: All, data: Tree | undefined): string | undefined {
  const words = (stringOf(memberOf(data, "permission")) ?? "")
    .split(",")
    .map((word) => word.trim());
  const mayMove = words.some((word) => /^(?:withdraw|transfer)/i.test(word));
  const server = itemsOf(memberOf(data, "instanceServers"))?.[0];
  const endpoint = stringOf(memberOf(server, "endpoint"));
  const { mayTrade, mayWithdraw } = rights;
  return firstBroken([
    [
      mayTrade === undefined || mayTrade === words.includes("Spot"),
      "the right to trade is guessed",
    ],
    [mayTrade === undefined || mayWithdraw === mayMove, "the right to withdraw is guessed"],
    [ticket === undefined || isTarget(ticket.url, endpoint), "a ticket leads elsewhere"],
    [ticket === undefined || bareOf(memberOf(server, "pingInterval")) !== undefined, "no pace"],
    [exchangeUsOf("") === 0, "no time is no time"],
  ]);
}

function isTarget(url: string, endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(url)) return false;
  return url.startsWith(`${endpoint}?token=`) && new URL(url).host === new URL(endpoint).host;
}
