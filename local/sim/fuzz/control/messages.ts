/**
 * Station: messages of queues and items of tables -> fuzzers of their readers: facts, alerts, alarms, notices of
 * objects, cursors, leases, versions of limits, heartbeats.
 */
import { createHash } from "node:crypto";
import { type AuditItem, auditText } from "../../../../contracts/audit.ts";
import type { Fact } from "../../../../contracts/history.ts";
import { historyItemOf } from "../../../../contracts/history-item.ts";
import { ENGINE_ID_PATTERN } from "../../../../contracts/keys.ts";
import { AMOUNT_CEILINGS, NUMBER_BOUNDS } from "../../../../contracts/risk-limits.ts";
import { parseFactBatch } from "../../../../contracts/schema/fact.ts";
import { factColumns } from "../../../../functions/compact-archive/fact-columns.ts";
import {
  keysOfNotice,
  readUpload,
  segmentOfKey,
} from "../../../../functions/compact-archive/logic.ts";
import { readAlert, readRoutes, wordsOf } from "../../../../functions/send-alerts/logic.ts";
import { decodeCursor, encodeCursor } from "../../../../functions/stores/cursor.ts";
import { noticesOf, readAlarm } from "../../../../functions/watch-engine/alarm.ts";
import { killsOf } from "../../../../hotpath/control/inherited-kills.ts";
import { leaseOf } from "../../../../hotpath/io/aws/lease-store.ts";
import { limitsVersionOf } from "../../../../hotpath/io/aws/limits-store.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { readerBench } from "../reader-bench.ts";
import { FACTS } from "./sample-facts.ts";

const decoder = new TextDecoder();
type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: the reader is shown that there is nothing.
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const facts: Fuzzer = {
  name: "messages of facts",
  guards: "contracts/schema/fact.ts",
  prepare: () =>
    readerBench<readonly Fact[]>({
      corpus: FACTS.map((fact) => `{"schemaVersion":1,"facts":[${fact}]}`),
      makeReader: () => (input) => {
        const read = parseFactBatch(parsed(decoder.decode(input)));
        if (!read.ok || read.value.length === 0) return undefined;
        // What becomes of them: an item each, and columns. Neither may throw.
        for (const fact of read.value) {
          historyItemOf(fact);
          factColumns(fact.kind, [{ fact, text: "" }]);
        }
        return read.value;
      },
      judge: (all) => {
        for (const fact of all) {
          const fault = judgeFact(fact);
          if (fault !== undefined) return fault;
        }
        return undefined;
      },
    }),
};

const FACT_KEYS = [
  "event_id",
  "event_type",
  "kind",
  "fact_id",
  "engine",
  "run_id",
  "venue",
  "observed_at",
  "ingested_at",
  "schema_version",
  "payload",
];

/** Fields of a fill that are money: text, never a number. */
const MONEY = ["price", "quantity", "quote", "fee"] as const;

function judgeFact(fact: Fact): string | undefined {
  const { pk, sk } = historyItemOf(fact);
  const payload = fact.payload as Fields;
  const isMoney = (key: string): boolean =>
    typeof payload[key] === "string" && /^-?\d+(?:\.\d+)?$/.test(String(payload[key]));
  const sequence = fact.event_id.slice(fact.run_id.length + 1);
  return firstBroken([
    [Object.keys(fact).every((key) => FACT_KEYS.includes(key)), "a field that nobody knows"],
    [ENGINE_ID_PATTERN.test(fact.engine), "an engine that is none"],
    [/^\d{1,16}(?:\.\d{1,6})?$/.test(sequence), "an event without a sequence"],
    [!fact.fact_id.includes("#") && !/\p{Cc}/u.test(fact.fact_id), "an id that breaks its key"],
    [sk.split("#").length === pkParts(sk) && pk !== "", "a key of another form"],
    [fact.kind !== "fill" || MONEY.every(isMoney), "money that is no decimal text"],
    [numbersIn(payload).every(Number.isSafeInteger), "a number that is not exact"],
  ]);
}

/** The parts of a key are as many as its own separators say: a part holds none. */
function pkParts(key: string): number {
  return (key.match(/#/g)?.length ?? 0) + 1;
}

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

const ALERT =
  '{"schemaVersion":1,"incidentId":"killed.reckoner.7","engine":"reckoner","severity":1,"kind":"killed","text":"Everything is killed: drill","atUs":1763000000000000}';
const ALARM =
  '{"AlarmName":"reckoner-heartbeat-missing-paper","AlarmDescription":"severity 2: no heartbeat","NewStateValue":"ALARM","OldStateValue":"OK","NewStateReason":"Threshold Crossed","StateChangeTime":"2026-11-21T20:00:00.000+0000"}';

type Told = {
  readonly alert: ReturnType<typeof readAlert>;
  readonly alarm: ReturnType<typeof readAlarm>;
  readonly routes: ReturnType<typeof readRoutes>;
};

export const alerts: Fuzzer = {
  name: "alerts and alarms",
  guards: "functions/send-alerts/logic.ts",
  prepare: () =>
    readerBench<Told>({
      corpus: [ALERT, ALARM, '{"1":["telegram","email"],"2":[],"3":["webhook"]}'],
      makeReader: () => (input) => {
        const text = decoder.decode(input);
        const alert = readAlert(text);
        const alarm = readAlarm(text, "reckoner", ["paper"], 1_763_000_000_000_000);
        const routes = readRoutes(text);
        noticesOf({ Records: [{ Sns: { Message: parsed(text) } }] });
        if (alert.ok) wordsOf(alert.alert);
        return alert.ok || alarm !== undefined || routes !== undefined
          ? { alert, alarm, routes }
          : undefined;
      },
      judge: ({ alert, alarm, routes }) => {
        const told = alert.ok ? alert.alert : alarm?.alert;
        const lines = told === undefined ? [] : wordsOf(told).subject.split("\n");
        return firstBroken([
          [!alert.ok || !/[\p{Cc}\p{Cf}]/u.test(alert.alert.text), "a text with a line of its own"],
          [told === undefined || [1, 2, 3].includes(told.severity), "a severity that is none"],
          [told === undefined || Number.isSafeInteger(told.atUs), "a time that is none"],
          [alarm === undefined || lines.length > 0, "an alarm without words"],
          [routes === undefined || routes[1].length > 0, "the gravest is told to nobody"],
        ]);
      },
    }),
};

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const KEY = "segments/engine=reckoner/run=run-1/00000003.manifest.json";
const NAME = { engine: "reckoner", runId: "run-1", segment: 3 };
const UPLOAD = `{"schemaVersion":1,"engine":"reckoner","manifest":{"formatVersion":1,"runId":"run-1","segment":3,"createdUs":5,"firstSeq":41,"lastSeq":90,"lastUs":9,"records":50,"recordsByClass":{"raw":50},"bytes":4096,"sha256":"${HASH}","chainStart":"${HASH}","chainEnd":"${HASH}","compressedBytes":900,"compressedSha256":"${HASH}","dropped":[],"droppedFrom":null},"facts":{"count":3,"bytes":99,"sha256":"${HASH}"}}`;

type Noticed = {
  readonly keys: readonly string[];
  readonly upload: ReturnType<typeof readUpload>;
};

export const objectNotices: Fuzzer = {
  name: "notices of objects and uploads",
  guards: "functions/compact-archive/logic.ts",
  prepare: () =>
    readerBench<Noticed>({
      corpus: [
        `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"archive"},"object":{"key":"${KEY.replaceAll("=", "%3D")}","size":1024}}}]}`,
        UPLOAD,
      ],
      makeReader: () => (input) => {
        const text = decoder.decode(input);
        const keys = keysOfNotice(text) ?? [];
        const upload = readUpload(text, NAME);
        return keys.length > 0 || upload.ok ? { keys, upload } : undefined;
      },
      judge: ({ keys, upload }) => {
        for (const key of keys) {
          const name = segmentOfKey(key);
          if (name === undefined) continue;
          const again = `segments/engine=${name.engine}/run=${name.runId}/${String(name.segment).padStart(8, "0")}.manifest.json`;
          if (again !== key) return "two keys are one segment's";
        }
        if (!upload.ok) return undefined;
        const { manifest, facts: twin } = upload.upload;
        const counts = [
          manifest.firstSeq,
          manifest.lastSeq,
          manifest.records,
          manifest.bytes,
          twin.count,
        ];
        return firstBroken([
          [
            counts.every((count) => Number.isSafeInteger(count) && count >= 0),
            "a count that is none",
          ],
          [[manifest.sha256, twin.sha256].every((hash) => /^[0-9a-f]{64}$/.test(hash)), "no hash"],
          [manifest.runId === NAME.runId && manifest.segment === NAME.segment, "another segment"],
        ]);
      },
    }),
};

const QUESTION = ["history", "reckoner", "fill"];

export const cursors: Fuzzer = {
  name: "cursors of pages",
  guards: "functions/stores/cursor.ts",
  prepare: () =>
    readerBench<readonly string[]>({
      corpus: [
        encodeCursor(QUESTION, ["2026-11-21", "1763000000000000#fill-1"]),
        encodeCursor(QUESTION, ["", "é\u0000"]),
      ],
      makeReader: () => (input) => decodeCursor(QUESTION, decoder.decode(input), 2),
      judge: (place) =>
        firstBroken([
          [place.length === 2 && place.every((part) => typeof part === "string"), "another place"],
          [
            decodeCursor(QUESTION, encodeCursor(QUESTION, place), 2)?.join() === place.join(),
            "a place that does not come back",
          ],
          [decodeCursor(["another"], encodeCursor(QUESTION, place), 2) === undefined, "unbound"],
        ]),
    }),
};

const LEASE =
  '{"pk":"a","sk":"b","schemaVersion":1,"account":"main","holder":"run-1","engine":"reckoner","fence":7,"renewals":40,"imageDigest":"sha256:0","schemaHash":"0"}';
const LIMITS = JSON.stringify({
  ...Object.fromEntries(Object.entries(NUMBER_BOUNDS).map(([name, { max }]) => [name, max])),
  ...Object.fromEntries(Object.keys(AMOUNT_CEILINGS).map((name) => [name, "1"])),
  reserve: {},
});
const VERSION = JSON.stringify({
  pk: "a",
  sk: "b",
  schemaVersion: 1,
  engine: "reckoner",
  chain: "limits",
  seq: 3,
  kind: "limits.put",
  atUs: 1,
  by: "ada",
  approvedBy: "",
  reason: "smaller",
  requestId: "r",
  before: "null",
  after: LIMITS,
  previousHash: HASH,
});
const STATUS =
  '{"trading":{"kills":[{"scope":"venue","target":"kraken","by":"ada","reason":"drill","atUs":5}]}}';

type Item = {
  readonly lease: ReturnType<typeof leaseOf>;
  readonly limits: ReturnType<typeof limitsVersionOf>;
  readonly kills: ReturnType<typeof killsOf>;
};

export const items: Fuzzer = {
  name: "items of tables",
  guards: "hotpath/io/aws/limits-store.ts",
  prepare: () =>
    readerBench<Item>({
      corpus: [LEASE, VERSION, STATUS],
      makeReader: () => readItem,
      judge: judgeItem,
    }),
};

function readItem(input: Uint8Array): Item | undefined {
  const text = decoder.decode(input);
  const record = parsed(text);
  const kills = killsOf({ statusJson: text });
  if (!isObject(record)) return kills.length > 0 ? { ...NOTHING, kills } : undefined;
  const lease = leaseOf(record);
  // With a hash that fits its text: otherwise nothing behind the hash would ever be asked.
  const sum = createHash("sha256")
    .update(auditText(record as unknown as AuditItem))
    .digest("hex");
  const limits = limitsVersionOf({ ...record, hash: sum }, "reckoner");
  const isRead = lease !== undefined || limits.kind === "version" || kills.length > 0;
  return isRead ? { lease, limits, kills } : undefined;
}

const NOTHING: Item = { lease: undefined, limits: { kind: "none" }, kills: [] };

function judgeItem({ lease, limits, kills }: Item): string | undefined {
  const version = limits.kind === "version" ? limits.version : undefined;
  const words = [version?.by ?? "", version?.reason ?? ""];
  return firstBroken([
    [
      lease === undefined || (isCount(lease.fence) && isCount(lease.renewals)),
      "a fence that is none",
    ],
    [lease === undefined || typeof lease.holder === "string", "a holder that is none"],
    [version === undefined || (isCount(version.version) && version.version > 0), "no version"],
    [words.every((word) => typeof word === "string"), "a version by nobody"],
    // A kill with an odd time is a kill: to lose it would be the worse mistake.
    [
      kills.every((kill) => Number.isSafeInteger(kill.atUs) && kill.target !== undefined),
      "no kill",
    ],
  ]);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
