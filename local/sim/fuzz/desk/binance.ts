/**
 * Station: answers and user data of Binance spot -> a fuzzer of their readers, all of which are shown each
 * message, because nothing but the shape tells a report from a trade.
 */

import { instrumentOf } from "../../../../hotpath/core/instrument.ts";
import type { FeeView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import { feesOf } from "../../../../hotpath/venues/binance-spot/execute/commission.ts";
import { parseKeyRights, usageOf } from "../../../../hotpath/venues/binance-spot/execute/facts.ts";
import { parseFrame } from "../../../../hotpath/venues/binance-spot/execute/json.ts";
import {
  balancesOf,
  balancesOfEvent,
  fillOfAnswer,
  fillOfReport,
  fillOfTrade,
  orderOfAnswer,
  orderOfReport,
} from "../../../../hotpath/venues/binance-spot/execute/reports.ts";
import { eventsOfUserData } from "../../../../hotpath/venues/binance-spot/execute/user-data.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import {
  bareOf,
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
  isSameId,
  isTicks,
  isTimeOf,
  judgeBalances,
  judgeFillView,
  judgeOrderView,
  wordOfTree,
} from "./views.ts";

const MS = 1000;
const made = instrumentOf(
  {
    id: "binance-spot:BTCUSDT",
    venue: "binance-spot",
    symbol: "BTCUSDT",
    tickSize: "0.01000000",
    lotSize: "0.00001000",
    baseAsset: "BTC",
    quoteAsset: "USDT",
  },
  3,
);

const PLACED =
  '{"symbol":"BTCUSDT","orderId":12510053279,"orderListId":-1,"clientOrderId":"rk00001-00000001","transactTime":1660801715639,"price":"23416.10000000","origQty":"0.00847000","executedQty":"0.00847000","origQuoteOrderQty":"0.000000","cummulativeQuoteQty":"198.33521500","status":"FILLED","timeInForce":"GTC","type":"LIMIT","side":"SELL","workingTime":1660801715639,"fills":[{"price":"23416.10000000","qty":"0.00635000","commission":"0.000000","commissionAsset":"BNB","tradeId":1650422481},{"price":"23416.50000000","qty":"0.00212000","commission":"0.000000","commissionAsset":"BNB","tradeId":1650422482}]}';
const QUERIED =
  '{"symbol":"BTCUSDT","orderId":12569099453,"orderListId":-1,"clientOrderId":"4d96324ff9d44481926157","price":"23416.10000000","origQty":"0.00847000","executedQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"NEW","side":"SELL","time":1660801715639,"updateTime":1660801717945,"isWorking":true}';
const CANCELED = QUERIED.replace(
  '"orderListId"',
  '"origClientOrderId":"rk00001-00000001","orderListId"',
);
const TRADE =
  '{"symbol":"BTCUSDT","id":1650422481,"orderId":12569099453,"orderListId":-1,"price":"23416.10000000","qty":"0.00635000","quoteQty":"148.69223500","commission":"0.00000000","commissionAsset":"BNB","time":1660801715793,"isBuyer":false,"isMaker":true,"isBestMatch":true}';
const REPORT =
  '{"e":"executionReport","E":1499405658658,"s":"BTCUSDT","c":"rk00001-00000001","S":"BUY","o":"LIMIT","f":"GTC","q":"1.00000000","p":"0.10000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4293153,"l":"0.50000000","z":"0.50000000","L":"0.10000000","n":"0.001","N":"BTC","T":1499405658657,"t":9007199254740993,"I":8641984,"w":true,"m":false,"M":false,"O":1499405658657,"Z":"0.05000000","Y":"0.05000000"}';
const POSITION =
  '{"e":"outboundAccountPosition","E":1564034571105,"u":1564034571073,"B":[{"a":"ETH","f":"10000.000000","l":"0.000000"},{"a":"BTC","f":"-1.5","l":"0"}]}';
const MOVE =
  '{"e":"balanceUpdate","E":1573200697110,"a":"ABC","d":"100.00000000","T":1573200697068}';
const ACCOUNT =
  '{"makerCommission":15,"balances":[{"asset":"BNB","free":"0.00000000","locked":"0.00000000"},{"asset":"BTC","free":"1.3447112","locked":"0.08600000"}],"permissions":["SPOT"]}';
const COMMISSION =
  '{"symbol":"BTCUSDT","standardCommission":{"maker":"0.00000010","taker":"0.00000020","buyer":"0.00000030","seller":"0.00000040"},"specialCommission":{"maker":"0.01000000","taker":"0.02000000","buyer":"0.03000000","seller":"0.04000000"},"taxCommission":{"maker":"0.00000112","taker":"0.00000114","buyer":"0.00000118","seller":"0.00000116"},"discount":{"enabledForAccount":true,"enabledForSymbol":true,"discountAsset":"BNB","discount":"0.75000000"}}';
const RIGHTS =
  '{"ipRestrict":true,"createTime":1698645219000,"enableInternalTransfer":false,"enableFutures":false,"enableReading":true,"enableSpotAndMarginTrading":true,"enableWithdrawals":false,"enableMargin":false}';
const USAGE =
  '{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":70}';

type Messages = NonNullable<ReturnType<typeof readAll>>;

export const binanceMessages: Fuzzer = {
  name: "binance-spot private messages",
  guards: "hotpath/venues/binance-spot/execute/reports.ts",
  prepare: () =>
    readerBench<Messages>({
      corpus: [
        PLACED,
        QUERIED,
        CANCELED,
        TRADE,
        REPORT,
        POSITION,
        MOVE,
        ACCOUNT,
        COMMISSION,
        RIGHTS,
        USAGE,
      ],
      makeReader: () => {
        const listener = new Listener("binance-spot", made === undefined ? [] : [made]);
        return (input) => {
          const all = readAll(input);
          const orders = [all?.answer, all?.report];
          listener.hear(all?.events ?? [], orders, [all?.reportFill, all?.trade]);
          return all;
        };
      },
      judge: judgeAll,
    }),
};

const symbols = new Map(made === undefined ? [] : [[made.symbol, made]]);

/** Everything that any reader makes of a message; undefined where none makes anything of it. */
function readAll(input: Uint8Array) {
  const fields = parseFrame(input);
  if (fields === undefined || made === undefined) return undefined;
  const of = { clientId: "rk", orderId: "7", instrument: made };
  const events = eventsOfUserData(fields, symbols);
  const all = {
    answer: orderOfAnswer(fields, symbols).view,
    report: orderOfReport(fields, symbols).view,
    reportFill: fillOfReport(fields, of).view,
    trade: fillOfTrade(fields, of).view,
    fills: (Array.isArray(fields.fills) ? (fields.fills as readonly unknown[]) : []).map((fill) =>
      typeof fill === "object" && fill !== null
        ? fillOfAnswer({ ...fill }, fields, of).view
        : undefined,
    ),
    balances: balancesOf(fields.balances),
    moved: balancesOfEvent(fields.B),
    fees: feesOf(fields, made).view,
    rights: parseKeyRights(input),
    usage: usageOf(fields),
    events,
  };
  const { fills, rights, events: told, ...rest } = all;
  const isRead =
    Object.values(rest).some((each) => each !== undefined) ||
    fills.some((each) => each !== undefined) ||
    Object.values(rights).some((each) => each !== undefined) ||
    told.some(({ type }) => type !== "accountGap" && type !== "accountContradicted");
  return isRead ? all : undefined;
}

function judgeAll(all: Messages, input: Uint8Array): string | undefined {
  const tree = readStrictTree(input);
  if (tree === undefined) return "what is no JSON is a message";
  return (
    judgeOrders(all, tree) ??
    judgeFills(all, tree) ??
    judgeMoney(all, tree) ??
    judgeRights(all, tree) ??
    judgeEvents(all)
  );
}

const ANSWER_KEYS = ["orderId", "origQty", "executedQty", "price", "symbol"] as const;
const REPORT_KEYS = ["i", "q", "z", "p", "s"] as const;
type OrderKeys = typeof ANSWER_KEYS | typeof REPORT_KEYS;

function judgeOrders({ answer, report }: Messages, tree: Tree): string | undefined {
  const times = ["transactTime", "updateTime", "time"].map((key) => bareOf(memberOf(tree, key)));
  const time = times.find((each) => each !== undefined && each !== "null");
  return (
    judgeOrder(answer, tree, ANSWER_KEYS, time) ??
    judgeOrder(report, tree, REPORT_KEYS, bareOf(memberOf(tree, "T")))
  );
}

function judgeOrder(
  view: OrderView | undefined,
  tree: Tree,
  [id, quantity, filled, price, symbol]: OrderKeys,
  time: string | undefined,
): string | undefined {
  if (view === undefined || made === undefined) return undefined;
  const text = (key: string) => stringOf(memberOf(tree, key));
  const isFollowed = view.instrument >= 0;
  const { lots, filledLots, priceTicks, orderId } = view;
  return (
    judgeOrderView(view) ??
    firstBroken([
      [isSameId(orderId, memberOf(tree, id)), "an order has another id"],
      [!orderId.startsWith("-"), "an order has a number below nothing"],
      [isTimeOf(view.exchangeUs, time, MS), "an order's time is not what was sent"],
      [!isFollowed || text(symbol) === made.symbol, "an order of another symbol"],
      [!isFollowed || isLots(lots, text(quantity), made), "its quantity is another"],
      [!isFollowed || isLots(filledLots, text(filled), made), "what is filled is another"],
      [!isFollowed || isTicks(priceTicks, text(price), made), "its price is another"],
      [filledLots <= lots, "more is filled than was ordered"],
    ])
  );
}

function judgeFills(all: Messages, tree: Tree): string | undefined {
  const rows = itemsOf(memberOf(tree, "fills")) ?? [];
  const pairs = [
    [all.reportFill, tree, ["t", "L", "l", "n"]],
    [all.trade, tree, ["id", "price", "qty", "commission"]],
    ...all.fills.map(
      (fill, i) => [fill, rows[i], ["tradeId", "price", "qty", "commission"]] as const,
    ),
  ] as const;
  for (const [view, row, [id, price, quantity, fee]] of pairs) {
    if (view === undefined || made === undefined) continue;
    const text = (key: string) => wordOfTree(memberOf(row, key));
    const fault = judgeFillView(view);
    if (fault !== undefined) return fault;
    if (!isSameId(view.tradeId, memberOf(row, id))) return "a fill has another id";
    const isRight =
      isTicks(view.priceTicks, text(price), made) &&
      isLots(view.lots, text(quantity), made) &&
      view.fee === text(fee);
    if (!isRight) return "a fill's numbers are not what was sent";
  }
  return undefined;
}

function judgeMoney({ balances, moved, fees }: Messages, tree: Tree): string | undefined {
  const lists = [
    [balances, "balances", ["asset", "free", "locked"]],
    [moved, "B", ["a", "f", "l"]],
  ] as const;
  for (const [views, key, [asset, free, held]] of lists) {
    const rows = itemsOf(memberOf(tree, key));
    for (const [i, view] of (views ?? []).entries()) {
      const row = rows?.[i];
      const isRight =
        view.asset === stringOf(memberOf(row, asset)) &&
        view.free === wordOfTree(memberOf(row, free)) &&
        view.held === wordOfTree(memberOf(row, held));
      if (!isRight) return "a balance is not what was sent";
    }
    const fault = judgeBalances(views ?? []);
    if (fault !== undefined) return fault;
  }
  return fees === undefined ? undefined : judgeFees(fees, tree);
}

const PPB_DECIMALS = 9;
const NAMES = ["standardCommission", "specialCommission", "taxCommission"] as const;

/** Never less than what the parts add up to, and no more than a unit for each of them above it. */
function judgeFees({ makerPpb, takerPpb }: FeeView, tree: Tree): string | undefined {
  return judgeRate(tree, "maker", makerPpb) ?? judgeRate(tree, "taker", takerPpb);
}

const SUM_PLACES = 40;

function judgeRate(tree: Tree, key: "maker" | "taker", ppb: number): string | undefined {
  if (!Number.isSafeInteger(ppb) || ppb < 0) return "a rate is no number of parts";
  let sum = 0n;
  for (const name of NAMES) {
    const part = memberOf(tree, name);
    const own = worthOf(memberOf(part, key));
    const [buyer, seller] = [worthOf(memberOf(part, "buyer")), worthOf(memberOf(part, "seller"))];
    if (own === undefined || buyer === undefined || seller === undefined) {
      return "a rate that cannot be read is taken for none";
    }
    sum += own + (buyer > seller ? buyer : seller);
  }
  const least = sum / 10n ** BigInt(SUM_PLACES - PPB_DECIMALS) - 1n;
  const isRight = BigInt(ppb) >= least && BigInt(ppb) <= least + 10n;
  return isRight ? undefined : "a rate is not what was sent";
}

/** A rate in units of the fortieth place; nothing where none is told. */
function worthOf(said: Tree | undefined): bigint | undefined {
  if (said === undefined) return 0n;
  const value = exactOf(stringOf(said));
  if (value === undefined || value.places > SUM_PLACES) return undefined;
  return value.units * 10n ** BigInt(SUM_PLACES - value.places);
}

/** A right is known only where it was told; what is not told is not denied. */
function judgeRights({ rights, usage }: Messages, tree: Tree): string | undefined {
  const flag = (key: string): boolean | undefined => {
    const word = bareOf(memberOf(tree, key));
    return word === "true" ? true : word === "false" ? false : undefined;
  };
  if (rights.mayTrade !== flag("enableSpotAndMarginTrading"))
    return "the right to trade is guessed";
  if (rights.isIpRestricted !== flag("ipRestrict")) return "the restriction is guessed";
  const ways = [flag("enableWithdrawals"), flag("enableInternalTransfer")];
  if (ways.includes(true) && rights.mayWithdraw !== true) return "a right to withdraw is not seen";
  if (ways[0] === undefined && rights.mayWithdraw === false) {
    return "a right to withdraw is denied that nobody spoke of";
  }
  const isCounted = usage === undefined || Number.isSafeInteger(usage.used);
  return isCounted ? undefined : "a usage is no number";
}

function judgeEvents({ events }: Messages): string | undefined {
  for (const event of events) {
    const fault =
      event.type === "orderReported"
        ? judgeOrderView(event.order)
        : event.type === "orderFilled"
          ? judgeFillView(event.fill)
          : event.type === "balanceReported"
            ? judgeBalances(event.balances)
            : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}
