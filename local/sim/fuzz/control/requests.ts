/**
 * Station: bodies of requests and commands -> fuzzers of the strict reader of JSON and of every schema that
 * widens or narrows what an engine may do.
 *
 * A schema is believed as far as the judge finds each accepted word in its own list of them: no field that
 * nobody knows, nothing that cannot be printed, no number beyond its bounds.
 */
import { isDeepStrictEqual } from "node:util";
import { AMOUNT_CEILINGS, limitsFault, NUMBER_BOUNDS } from "../../../../contracts/risk-limits.ts";
import {
  parseDrainRequest,
  parseKillRequest,
  parseLimitsRequest,
} from "../../../../contracts/schema/operator.ts";
import { parseOperatorCommand } from "../../../../contracts/schema/operator-command.ts";
import {
  approveBody,
  cancelAllBody,
  drainBody,
  flattenBody,
  killBody,
  limitsBody,
  modeBody,
  reasonBody,
  resyncBody,
} from "../../../../functions/control-api/schemas.ts";
import { parseStrictJson } from "../../../../functions/control-api/strict-json.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import {
  bareOf,
  itemsOf,
  Members,
  plainOf,
  readStrictTree,
  type Tree,
} from "../oracle/json-tree.ts";
import { exactOf } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

const LIMITS = JSON.stringify({
  ...Object.fromEntries(Object.entries(NUMBER_BOUNDS).map(([name, { max }]) => [name, max])),
  ...Object.fromEntries(Object.keys(AMOUNT_CEILINGS).map((name) => [name, "1.5"])),
  reserve: { USDT: "100" },
  allowlist: ["binance-spot:BTCUSDT"],
});

const BODIES: readonly string[] = [
  '{"scope":"all","target":"","reason":"drill of the week"}',
  '{"scope":"venue","target":"binance-spot","by":"ada","reason":"its feed lies"}',
  '{"policy":"cancelOnly","by":"ada"}',
  '{"mode":"exitsOnly","reason":"while away"}',
  '{"instrument":"binance-spot:BTCUSDT","reason":"looks wrong"}',
  '{"venue":"","reason":"all of them"}',
  '{"confirm":"reckoner","reason":"out of it"}',
  `{"payloadHash":"${"0f".repeat(32)}","reason":"seen"}`,
  `{"limits":${LIMITS},"reason":"smaller"}`,
  `{"version":7,"limits":${LIMITS},"by":"ada","reason":"smaller"}`,
];

const command = (action: string): string =>
  `{"schemaVersion":1,"commandId":"cmd-1_A","engine":"reckoner","action":${action},"by":"ada","reason":"","askedUs":1763000000000000,"expiresUs":1763000060000000}`;
const COMMANDS: readonly string[] = [
  '{"kind":"applyLimits","version":3}',
  '{"kind":"kill","scope":"all","target":""}',
  '{"kind":"release","scope":"venue","target":"kraken"}',
  '{"kind":"setMode","mode":"noNewPositions"}',
  '{"kind":"pause"}',
  '{"kind":"drain","policy":"cancelOnly"}',
  '{"kind":"cancelAll","venue":"kucoin"}',
  '{"kind":"resync","instrument":"kraken:BTC/USD"}',
].map(command);

const decoder = new TextDecoder();
const DEPTH_MAX = 10;

export const strictJson: Fuzzer = {
  name: "strict JSON of requests",
  guards: "functions/control-api/strict-json.ts",
  prepare: () =>
    readerBench<{ readonly value: unknown }>({
      corpus: [...BODIES, '[1,-2.5e3,true,null,"\\u00e9 \\n",{"a":{"b":[]}}]', "0"],
      makeReader: () => (input) => {
        const read = parseStrictJson(decoder.decode(input));
        return read.ok ? { value: read.value } : undefined;
      },
      judge: ({ value }, input) => {
        const text = decoder.decode(input);
        const tree = readStrictTree(new TextEncoder().encode(text));
        if (tree === undefined) return "what is no JSON is taken for it";
        return firstBroken([
          [isDeepStrictEqual(value, plainOf(tree)), "it is another value"],
          [depthOf(tree) <= DEPTH_MAX, "it is deeper than it may be"],
          [isUnambiguous(tree), "two readers could read it differently"],
        ]);
      },
    }),
};

function depthOf(tree: Tree): number {
  const inner = tree instanceof Members ? tree.values : itemsOf(tree);
  return inner === undefined ? 0 : 1 + Math.max(0, ...inner.map(depthOf));
}

const NAMES_REFUSED = ["__proto__", "constructor", "prototype"];

/** No key twice, no key of the language's own, and no whole number that a double is not exactly. */
function isUnambiguous(tree: Tree): boolean {
  if (tree instanceof Members) {
    const isOnce = new Set(tree.keys).size === tree.keys.length;
    const isPlain = tree.keys.every((key) => !NAMES_REFUSED.includes(key));
    return isOnce && isPlain && tree.values.every(isUnambiguous);
  }
  const items = itemsOf(tree);
  if (items !== undefined) return items.every(isUnambiguous);
  const value = exactOf(bareOf(tree));
  if (value === undefined) return true;
  const unit = 10n ** BigInt(value.places);
  const isWhole = value.units % unit === 0n;
  return !isWhole || Number.isSafeInteger(Number(value.units / unit));
}

type Accepted = { readonly name: string; readonly value: unknown };

const READERS: readonly (readonly [name: string, read: (body: unknown) => unknown])[] = [
  ["kill", (body) => killBody.safeParse(body).data],
  ["mode", (body) => modeBody.safeParse(body).data],
  ["resync", (body) => resyncBody.safeParse(body).data],
  ["cancelAll", (body) => cancelAllBody.safeParse(body).data],
  ["drain", (body) => drainBody.safeParse(body).data],
  ["flatten", (body) => flattenBody.safeParse(body).data],
  ["approve", (body) => approveBody.safeParse(body).data],
  ["reason", (body) => reasonBody.safeParse(body).data],
  ["limits", (body) => limitsBody.safeParse(body).data],
  ["adminKill", (body) => valueIn(parseKillRequest(body))],
  ["adminDrain", (body) => valueIn(parseDrainRequest(body))],
  ["adminLimits", (body) => valueIn(parseLimitsRequest(body))],
];

function valueIn(read: { readonly ok: boolean; readonly request?: unknown }): unknown {
  return read.ok ? read.request : undefined;
}

/** Which fields each body may have, and no others. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  kill: ["scope", "target", "reason"],
  mode: ["mode", "reason"],
  resync: ["instrument", "reason"],
  cancelAll: ["venue", "reason"],
  drain: ["policy", "reason"],
  flatten: ["confirm", "reason"],
  approve: ["payloadHash", "reason"],
  reason: ["reason"],
  limits: ["limits", "reason"],
  adminKill: ["scope", "target", "by", "reason"],
  adminDrain: ["policy", "by"],
  adminLimits: ["version", "limits", "by", "reason"],
};

export const requestBodies: Fuzzer = {
  name: "bodies of requests",
  guards: "functions/control-api/schemas.ts",
  prepare: () =>
    readerBench<readonly Accepted[]>({
      corpus: BODIES,
      makeReader: () => (input) => {
        const body = parsed(input);
        const accepted = READERS.flatMap(([name, read]) => {
          const value = read(body);
          return value === undefined ? [] : [{ name, value }];
        });
        return accepted.length > 0 ? accepted : undefined;
      },
      judge: (accepted, input) => {
        const tree = readStrictTree(new TextEncoder().encode(decoder.decode(input)));
        for (const { name, value } of accepted) {
          const fault = judgeBody(name, value, tree);
          if (fault !== undefined) return `${name}: ${fault}`;
        }
        return undefined;
      },
    }),
};

function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(input));
  } catch {
    // No JSON: every schema is shown that there is nothing.
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;
/** Nothing that begins a line of its own or turns the direction of what stands beside it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}]/u;

function judgeBody(name: string, value: unknown, tree: Tree | undefined): string | undefined {
  const fields = value as Fields;
  const known = FIELDS[name] ?? [];
  const said = tree instanceof Members ? tree.keys : [];
  const { reason, by, scope, target } = fields;
  const isBounded = fields.limits === undefined || areBounded(fields.limits as Fields);
  const words = [reason, by].filter((word) => word !== undefined);
  return firstBroken([
    [said.every((key) => known.includes(key)), "a field that nobody knows"],
    [words.every((word) => typeof word === "string" && !UNPRINTABLE.test(word)), "no word"],
    [scope === undefined || (scope === "all") === (target === ""), "a scope of another target"],
    [isBounded, "a limit beyond its bounds"],
  ]);
}

/** Every number within its bounds, every amount at most its ceiling; and the reader itself agrees. */
function areBounded(limits: Fields): boolean {
  const areNumbers = Object.entries(NUMBER_BOUNDS).every(([name, { min, max }]) => {
    const value = limits[name];
    return typeof value === "number" && value >= min && value <= max;
  });
  const areAmounts = Object.entries(AMOUNT_CEILINGS).every(([name, ceiling]) => {
    const value = limits[name];
    const exact = exactOf(typeof value === "string" ? value : undefined);
    if (exact === undefined || exact.units < 0n) return false;
    return exact.units <= BigInt(ceiling) * 10n ** BigInt(exact.places);
  });
  return areNumbers && areAmounts && limitsFault(limits) === undefined;
}

const ACTION_FIELDS: Readonly<Record<string, readonly string[]>> = {
  applyLimits: ["version"],
  kill: ["scope", "target"],
  release: ["scope", "target"],
  setMode: ["mode"],
  pause: [],
  resume: [],
  drain: ["policy"],
  flatten: [],
  cancelAll: ["venue"],
  resync: ["instrument"],
};
const COMMAND_FIELDS = [
  "schemaVersion",
  "commandId",
  "engine",
  "action",
  "by",
  "reason",
  "askedUs",
  "expiresUs",
];

export const operatorCommands: Fuzzer = {
  name: "commands of operators",
  guards: "contracts/schema/operator-command.ts",
  prepare: () =>
    readerBench({
      corpus: COMMANDS,
      makeReader: () => (input) => {
        const read = parseOperatorCommand(parsed(input));
        return read.ok ? read.command : undefined;
      },
      judge: ({ action, by, reason, commandId, engine, askedUs, expiresUs }, input) => {
        const tree = readStrictTree(new TextEncoder().encode(decoder.decode(input)));
        const keys = tree instanceof Members ? tree.keys : [];
        const inner = tree instanceof Members ? tree.get("action") : undefined;
        const said = inner instanceof Members ? inner.keys : [];
        const known = ["kind", ...(ACTION_FIELDS[action.kind] ?? [])];
        const isOfAll = !("scope" in action) || (action.scope === "all") === (action.target === "");
        return firstBroken([
          [keys.every((key) => COMMAND_FIELDS.includes(key)), "a field that nobody knows"],
          [said.every((key) => known.includes(key)), "an action with a field of another"],
          [isOfAll, "a scope of another target"],
          [![by, reason].some((word) => /\p{Cc}/u.test(word)), "a word with a line of its own"],
          [
            /^[A-Za-z0-9_-]{1,128}$/.test(commandId) && /^[a-z0-9]/.test(engine),
            "a name that is none",
          ],
          [[askedUs, expiresUs].every(Number.isSafeInteger), "a time that is none"],
        ]);
      },
    }),
};
