// Goal: the published schema is the one the code holds, and accepts what the type allows.
import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { type Envelope, eventIdOf } from "../../../contracts/envelope.ts";
import {
  envelopeJsonSchema,
  envelopeSchema,
  exportHeaderSchema,
} from "../../../contracts/schema/envelope.ts";

const PUBLISHED = new URL("../../../docs/schema/envelope.json", import.meta.url);

const RAW: Envelope = {
  event_id: eventIdOf("run-a", 1),
  event_type: "raw.frame",
  venue: "binance-spot",
  observed_at: 1,
  ingested_at: 2,
  schema_version: 1,
  payload: { shard: 0, epoch: 1, away_us: 1, kind: 0 },
  raw: { text: "{}" },
};

describe("the envelope's schema", () => {
  test("is published as it is; `npx vitest run test/contracts/schema -u` writes it anew", async () => {
    expect(fs.existsSync(PUBLISHED)).toBe(true);
    const text = `${JSON.stringify(envelopeJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(PUBLISHED.pathname);
  });

  test.each<[string, Partial<Envelope>]>([
    ["raw text", {}],
    ["raw bytes", { raw: { base64: "AP8=" } }],
    ["norm", { event_type: "norm.trade", payload: { tick: 1, numbers: [1.5] }, raw: { seq: 4 } }],
    [
      "ctl",
      { event_type: "ctl.event", venue: null, payload: { tick: 1, body: [null] }, raw: undefined },
    ],
    ["text", { event_type: "cmd.command", payload: { tick: 1, text: "{ }" } }],
    ["bytes", { payload: { bytes_base64: "" } }],
  ])("accepts %s", (_, change) => {
    expect(envelopeSchema.safeParse({ ...RAW, ...change }).success).toBe(true);
  });

  test.each([
    ["event_id", "run-a"],
    ["event_id", "../x:1"],
    ["event_id", "run-a:0"],
    ["event_type", "raw.unheard"],
    ["event_type", "mark.commit"],
    ["venue", "mars"],
    ["observed_at", 1.5],
    ["ingested_at", -1],
    ["ingested_at", 2 ** 53],
    ["schema_version", 0],
    ["payload", 7],
    ["payload", { tick: "1", numbers: [] }],
    ["payload", { shard: 0.5, epoch: 1, away_us: 1, kind: 0 }],
    ["raw", { text: 7 }],
    ["raw", { base64: "%%" }],
  ])("names %s when it is %j", (field, value) => {
    const parsed = envelopeSchema.safeParse({ ...RAW, [field]: value });
    expect(parsed.error?.issues[0]?.path[0]).toBe(field);
  });

  test("refuses a field it does not know, and a missing one", () => {
    expect(envelopeSchema.safeParse({ ...RAW, extra: 1 }).success).toBe(false);
    const { venue: _, ...withoutVenue } = RAW;
    expect(envelopeSchema.safeParse(withoutVenue).success).toBe(false);
  });

  test("of an export's first line knows its own format only", () => {
    const header = {
      format: "reckoner-journal-jsonl",
      format_version: 1,
      run_id: "run-a",
      first_seq: 1,
      last_seq: 0,
      retired: [],
    };
    expect(exportHeaderSchema.safeParse(header).success).toBe(true);
    expect(exportHeaderSchema.safeParse({ ...header, format: "other" }).success).toBe(false);
    expect(exportHeaderSchema.safeParse({ ...header, run_id: "a/b" }).success).toBe(false);
  });
});
