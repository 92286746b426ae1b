/**
 * Station: none; every fuzzer of the house, one for each reader of what others have written.
 */
import { alerts, cursors, facts, items, objectNotices } from "./control/messages.ts";
import { operatorCommands, requestBodies, strictJson } from "./control/requests.ts";
import { exportedLines, settings } from "./control/settings.ts";
import { binanceMessages } from "./desk/binance.ts";
import { krakenBodies, krakenStream } from "./desk/kraken.ts";
import { kucoinMessages } from "./desk/kucoin.ts";
import { books } from "./differential/books.ts";
import { money } from "./differential/money.ts";
import { orders } from "./differential/orders.ts";
import type { Fuzzer } from "./fuzzer.ts";
import { heads } from "./journal/heads.ts";
import { intents } from "./journal/intents.ts";
import { manifests, orderStates, tradingStates } from "./journal/saved-states.ts";
import { segments } from "./journal/segments.ts";
import { binanceFuzzers } from "./market/binance.ts";
import { clocks } from "./market/clocks.ts";
import { krakenFrames } from "./market/kraken.ts";
import { kucoinFuzzers } from "./market/kucoin.ts";
import { notices } from "./market/notices.ts";
import { rulesFuzzer } from "./market/rules.ts";
import { decimals } from "./numbers/decimals.ts";
import { times } from "./numbers/times.ts";

export const FUZZERS: readonly Fuzzer[] = [
  ...binanceFuzzers("binance-spot"),
  ...binanceFuzzers("binance-usdm"),
  krakenFrames,
  ...kucoinFuzzers,
  notices,
  clocks,
  rulesFuzzer("binance-spot"),
  rulesFuzzer("binance-usdm"),
  rulesFuzzer("kraken"),
  rulesFuzzer("kucoin"),
  binanceMessages,
  krakenStream,
  krakenBodies,
  kucoinMessages,
  decimals,
  times,
  segments,
  heads,
  intents,
  manifests,
  orderStates,
  tradingStates,
  exportedLines,
  settings,
  strictJson,
  requestBodies,
  operatorCommands,
  facts,
  alerts,
  objectNotices,
  cursors,
  items,
  books,
  money,
  orders,
];
