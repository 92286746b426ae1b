/**
 * Station: frames that are no market data -> a fuzzer of the notices they become. Every venue's reader is shown
 * the notices of all.
 */

import type { Notice } from "../../../../hotpath/core/decode/decoder.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import {
  bareOf,
  itemsOf,
  Members,
  memberOf,
  readLooseTree,
  stringOf,
  type Tree,
} from "../oracle/json-tree.ts";
import { isWhole, microsOf } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

const IDS = ["binance-spot", "kraken", "kucoin"] as const;
type Id = (typeof IDS)[number];

const WORDS_MAX = 200;

export const notices: Fuzzer = {
  name: "notices",
  guards: "hotpath/venues/kraken/notice.ts",
  prepare: () =>
    readerBench<readonly Notice[]>({
      corpus: [
        '{"result":null,"id":7}',
        '{"code":2,"msg":"Invalid request: property name must be a string","id":7}',
        '{"error":{"code":3,"msg":"Invalid JSON"},"id":null}',
        '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
        '{"method":"subscribe","req_id":1234,"result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,"time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"}',
        '{"error":"Currency pair not supported","method":"subscribe","req_id":9,"success":false}',
        '{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z","time_out":"2023-09-24T14:10:23.799703Z"}',
        '{"id":"1545910660739","type":"welcome"}',
        '{"id":"17","type":"pong","timestamp":1728958018391}',
        '{"id":"3","type":"error","code":404,"data":"topic /xx is not found"}',
        '{"id":"1545910660740","type":"ack"}',
      ],
      makeReader: () => {
        const decoders = IDS.map((id) => VENUES[id].makeDecoder([]));
        return (input) => {
          const all = decoders.map((decoder) => decoder.parseNotice(input));
          return all.some(({ type }) => type !== "unknown") ? all : undefined;
        };
      },
      judge: (all, input) => {
        const tree = readLooseTree(input);
        for (const [i, notice] of all.entries()) {
          const fault = judgeOne(IDS[i] ?? "kraken", notice, tree);
          if (fault !== undefined) return `${IDS[i]}: ${fault}`;
        }
        return undefined;
      },
    }),
};

function judgeOne(id: Id, notice: Notice, tree: Tree | undefined): string | undefined {
  const type = stringOf(memberOf(tree, "type"));
  const isShutdown =
    stringOf(memberOf(tree, "stream")) === "!serverShutdown" ||
    stringOf(memberOf(tree, "e")) === "serverShutdown";
  switch (notice.type) {
    case "unknown":
      return firstBroken([
        [notice.text.length <= WORDS_MAX, "an unknown notice is told at length"],
      ]);
    case "subscribed":
      return firstBroken([
        [isSubscribed(id, tree), "an acknowledgement that was not sent"],
        [isId(id, tree, notice.requestId), "an acknowledgement of another request"],
      ]);
    case "refused":
      return firstBroken([
        [isRefused(id, tree), "a refusal that was not sent"],
        [notice.reason.length <= WORDS_MAX, "a refusal is told at length"],
        [notice.requestId === undefined || isId(id, tree, notice.requestId), "of another request"],
      ]);
    case "shutdownAnnounced":
      return firstBroken([[isShutdown, "a shutdown that was not announced"]]);
    case "greeted":
      return firstBroken([[type === "welcome", "a greeting that was not sent"]]);
    case "ponged":
      return judgePong(id, notice, tree);
  }
}

function judgePong(
  id: Id,
  { pingId, venueUs }: Extract<Notice, { type: "ponged" }>,
  tree: Tree | undefined,
): string | undefined {
  if (!isId(id, tree, pingId)) return "the answer to another ping";
  if (stringOf(memberOf(tree, id === "kraken" ? "method" : "type")) !== "pong") {
    return "what is no pong is one";
  }
  if (venueUs === undefined) return undefined;
  return microsOf(stringOf(memberOf(tree, "time_in"))) === venueUs
    ? undefined
    : "the venue's time is not what was sent";
}

function isId(id: Id, tree: Tree | undefined, value: number): boolean {
  const said = memberOf(tree, id === "kraken" ? "req_id" : "id");
  if (id === "binance-spot") return Number(bareOf(said)) === value;
  const digits = id === "kucoin" ? (stringOf(said) ?? bareOf(said)) : bareOf(said);
  return isWhole(digits, value) || Number(digits) === value;
}

function isSubscribed(id: Id, tree: Tree | undefined): boolean {
  switch (id) {
    case "binance-spot":
      return bareOf(memberOf(tree, "result")) === "null";
    case "kraken":
      return (
        stringOf(memberOf(tree, "method")) === "subscribe" &&
        bareOf(memberOf(tree, "success")) === "true"
      );
    case "kucoin":
      return stringOf(memberOf(tree, "type")) === "ack";
  }
}

function isRefused(id: Id, tree: Tree | undefined): boolean {
  switch (id) {
    case "binance-spot": {
      const error = memberOf(tree, "error");
      const inside = error instanceof Members || itemsOf(error) !== undefined ? error : tree;
      return memberOf(inside, "code") !== undefined;
    }
    case "kraken":
      return (
        bareOf(memberOf(tree, "success")) === "false" ||
        stringOf(memberOf(tree, "error")) !== undefined
      );
    case "kucoin":
      return stringOf(memberOf(tree, "type")) === "error";
  }
}
