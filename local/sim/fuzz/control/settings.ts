/**
 * Station: text of a configuration file, and lines of an exported journal -> fuzzers of their readers.
 *
 * Settings are read once and believed from then on, so the judge holds every accepted number against the bounds
 * that the schema publishes, by a walk of its own. A line of an export must lead back to the same bytes.
 */

import type { Envelope } from "../../../../contracts/envelope.ts";
import { JOURNAL_CLASSES } from "../../../../contracts/journal.ts";
import { configJsonSchema } from "../../../../contracts/schema/config.ts";
import { envelopeSchema, exportHeaderSchema } from "../../../../contracts/schema/envelope.ts";
import type { FieldNode } from "../../../../contracts/schema/field-form.ts";
import { readConfig } from "../../../../hotpath/config.ts";
import {
  decodePayload,
  encodeEnvelope,
  type RecordFields,
} from "../../../../hotpath/io/journal/envelope.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { readerBench } from "../reader-bench.ts";

const decoder = new TextDecoder();

const YAML = `# An example
instance: reckoner
journal:
  directory: .reckoner/journal
  retainBytes: 8589934592 # 8 GiB
  retainHours: 72
  sync: group
admin: { port: 9464 }
venues:
  binance-spot:
    environment: production
    instruments: [BTCUSDT, "ETHUSDT"]
    streams: {depth: 100ms, bookTicker: true, trades: no}
    snapshotLevels: 1000
limits:
  silenceFloorMs: 500
  clockOffsetMsMax: 250
`.replace("trades: no", "trades: false");
const JSON_SETTINGS =
  '{"instance":"reckoner","journal":{"retainHours":0.5,"sync":"off"},"admin":{"port":0},"venues":{"kraken":{"environment":"custom","restUrl":"http://127.0.0.1:1","wsUrl":"ws://127.0.0.1:1","instruments":["BTC/USD"],"weightShare":0.8}},"limits":{"silenceFloorMs":500,"queueDelayMs":1000}}';

type Config = Extract<ReturnType<typeof readConfig>, { readonly ok: true }>["config"];

export const settings: Fuzzer = {
  name: "configuration files",
  guards: "hotpath/config.ts",
  prepare: () => {
    const schema = configJsonSchema();
    return readerBench<Config>({
      corpus: [YAML, JSON_SETTINGS],
      makeReader: () => (input) => {
        const read = readConfig(decoder.decode(input));
        return read.ok ? read.config : undefined;
      },
      judge: (config) => faultIn(config, schema, ""),
    });
  },
};

/** The first value that its own node of the schema does not allow. */
function faultIn(value: unknown, node: FieldNode | undefined, path: string): string | undefined {
  if (typeof value === "number") {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = node ?? {};
    const isWhole = node?.type !== "integer" || Number.isSafeInteger(value);
    const isWithin = value >= minimum && value <= maximum;
    return isWhole && isWithin ? undefined : `${path} is beyond its bounds`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const known = node?.properties?.[name] ?? ofEach(node);
    if (known === undefined) return `${path}.${name} is a field that nobody knows`;
    const fault = faultIn(inner, known, `${path}.${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function ofEach(node: FieldNode | undefined): FieldNode | undefined {
  const each = node?.additionalProperties;
  return typeof each === "object" ? each : undefined;
}

const envelope = (type: string, venue: string, payload: string, raw: string): string =>
  `{"event_id":"run-1:41","event_type":"${type}","venue":${venue},"observed_at":1763000000000000,"ingested_at":1763000000000000,"schema_version":1,"payload":${payload}${raw}}`;
const LINES: readonly string[] = [
  envelope(
    "raw.frame",
    '"kraken"',
    '{"shard":2,"epoch":3,"away_us":0,"kind":1}',
    ',"raw":{"text":"{}\\u00e9"}',
  ),
  envelope(
    "raw.frame",
    '"kucoin"',
    '{"shard":-1,"epoch":3,"away_us":0,"kind":1}',
    ',"raw":{"base64":"/w=="}',
  ),
  envelope("norm.quote", "null", '{"tick":7,"numbers":[1,2.5,-3]}', ',"raw":{"seq":40}'),
  envelope("ctl.event", "null", '{"tick":7,"body":{"type":"timer","a":[1]}}', ""),
  envelope("cmd.command", "null", '{"tick":7,"text":"{ }"}', ""),
  envelope("ctl.event", "null", '{"bytes_base64":"AAAA"}', ""),
  '{"format":"reckoner-journal-jsonl","format_version":1,"run_id":"run-1","first_seq":1,"last_seq":9,"retired":[]}',
];

type Line = { readonly record: RecordFields | undefined; readonly isHeader: boolean };

export const exportedLines: Fuzzer = {
  name: "lines of an exported journal",
  guards: "hotpath/io/journal/envelope.ts",
  prepare: () => readerBench<Line>({ corpus: LINES, makeReader: () => readLine, judge: judgeLine }),
};

function readLine(input: Uint8Array): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(input));
  } catch {
    // No JSON: the import says so by its line.
    return undefined;
  }
  const isHeader = exportHeaderSchema.safeParse(value).success;
  const read = envelopeSchema.safeParse(value);
  if (!read.success) return isHeader ? { record: undefined, isHeader } : undefined;
  const record = recordOf(read.data);
  return record === undefined ? undefined : { record, isHeader };
}

function recordOf(data: Envelope): RecordFields | undefined {
  const [name = ""] = data.event_type.split(".");
  const classCode = (JOURNAL_CLASSES as readonly string[]).indexOf(name);
  const decoded = decodePayload(classCode, data);
  if (!decoded.ok) return undefined;
  const { schema_version: schemaVersion, ingested_at: atUs, event_type: eventType } = data;
  return { seq: 41, classCode, schemaVersion, atUs, eventType, payload: decoded.payload };
}

/** Written again and read again, it is the same bytes. */
function judgeLine({ record }: Line): string | undefined {
  if (record === undefined) return undefined;
  const again = encodeEnvelope("run-1", record, () => null);
  const text = JSON.stringify(again);
  const back = decodePayload(record.classCode, JSON.parse(text) as Envelope);
  const isSame = back.ok && Buffer.compare(back.payload, record.payload) === 0;
  return firstBroken([
    [isSame, "a line that does not lead back to its bytes"],
    [again.observed_at <= again.ingested_at, "seen before it came"],
  ]);
}
