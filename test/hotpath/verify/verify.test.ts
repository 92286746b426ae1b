// Goal: what verify says of made-up recordings is what is in them; bad files are refused with their place.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type RecordedLine,
  RecordingError,
  readRecording,
} from "../../../hotpath/verify/recording.ts";
import {
  decimalsOf,
  snapshotSymbol,
  stepText,
  surveyRecording,
} from "../../../hotpath/verify/survey.ts";
import { type VerifyReport, verifyRecording } from "../../../hotpath/verify/verify.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-verify-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const START = 1_723_161_253_000_000;

function pair(index: number, message: string): string {
  return `${START + index * 1000} ${message}`;
}

function depth(first: number, last: number, bids: string, asks: string): string {
  const head = `{"stream":"abcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"ABCUSDT",`;
  return `${head}"U":${first},"u":${last},"b":[${bids}],"a":[${asks}]}}`;
}

function quote(id: number, bid: string, ask: string): string {
  return `{"stream":"abcusdt@bookTicker","data":{"u":${id},"s":"ABCUSDT","b":"${bid}","B":"1.00","a":"${ask}","A":"2.00"}}`;
}

const SNAPSHOT =
  '{"lastUpdateId":10,"bids":[["100.00","1.00"],["99.50","4.00"]],"asks":[["101.00","2.00"],["102.25","1.00"]]}';

const GOOD = [
  depth(8, 9, '["99.00","7.00"]', ""),
  SNAPSHOT,
  quote(12, "100.50", "101.00"),
  depth(10, 12, '["100.50","1.00"]', ""),
  depth(13, 14, '["100.50","0.00"]', ""),
  quote(14, "100.00", "101.00"),
];

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.map((line, index) => pair(index, line)).join("\n")}\n`);
  return file;
}

async function verify(file: string): Promise<VerifyReport> {
  const survey = await surveyRecording(file, readRecording(file));
  return verifyRecording(survey, new Map(), readRecording(file));
}

describe("a made-up recording", () => {
  test("is applied and compared update by update, the buffered ones included", async () => {
    const report = await verify(write("good", GOOD));
    expect(report).toMatchObject({ deltas: 3, applied: 2, compared: 2, unequal: 0, breaks: [] });
    expect(report.symbols[0]).toMatchObject({
      tickSize: "0.01",
      lotSize: "1",
      isLive: true,
      isInferred: true,
    });
  });

  test("with a quote that differs is unequal, with both sides shown", async () => {
    const lines = [...GOOD.slice(0, 5), quote(14, "99.75", "101.00")];
    const report = await verify(write("unequal", lines));
    expect(report.unequal).toBe(1);
    expect(report.differences[0]).toMatchObject({
      seq: 14,
      book: [10000, 1, 10100, 2],
      quote: [9975, 1, 10100, 2],
    });
  });

  test("with a missing update breaks at the next one and is trusted no more", async () => {
    const lines = [...GOOD, depth(17, 18, "", ""), depth(19, 20, "", "")];
    const report = await verify(write("gap", lines));
    expect(report.breaks).toEqual([{ symbol: "ABCUSDT", line: 7, cause: "sequenceGap", seq: 14 }]);
    expect(report.symbols[0]).toMatchObject({ isLive: false, untrusted: 1, applied: 2 });
  });

  test("with a refused message counts it and voids the book it was about", async () => {
    const lines = [...GOOD, depth(15, 15, '["100.5e1","1.00"]', "")];
    const report = await verify(write("refused", lines));
    expect(report).toMatchObject({ refused: 1, breaks: [{ cause: "malformedFrames", line: 7 }] });
  });

  test("reads known steps where the rules list the symbol", async () => {
    const file = write("known", GOOD);
    const survey = await surveyRecording(file, readRecording(file));
    const known = new Map([["ABCUSDT", { tickSize: "0.25", lotSize: "0.01" }]]);
    const report = await verifyRecording(survey, known, readRecording(file));
    expect(report.symbols[0]).toMatchObject({ tickSize: "0.25", isInferred: false, compared: 2 });
  });

  test("reads as JSON lines and from gzip alike", async () => {
    const lines = GOOD.map((raw, index) => {
      const isRest = raw === SNAPSHOT;
      const stream = isRest ? "rest:https://x/depth?symbol=ABCUSDT&limit=5" : "ws1";
      return JSON.stringify({ recv_ts: 1_617_647_602.5 + index, stream, raw });
    });
    const more = [JSON.stringify({ recv_ts: null, stream: "ws:send", raw: "{}" }), ""];
    const file = join(folder, "lines.jsonl.gz");
    writeFileSync(file, gzipSync([...more, ...lines].join("\n")));
    expect(await verify(file)).toMatchObject({ applied: 2, compared: 2, unequal: 0, snapshots: 1 });
  });

  test("with a snapshot that is none counts it as refused", async () => {
    const report = await verify(write("badsnap", [...GOOD, '{"lastUpdateId":"x"}']));
    expect(report.refused).toBe(1);
  });
});

async function all(file: string): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(file)) lines.push(line);
  return lines;
}

describe("a file that is no recording is refused by name and line", () => {
  const cases: readonly (readonly [string, string | Buffer | null, RegExp])[] = [
    ["missing", null, /there is no such file/],
    ["empty", "", /the file is empty/],
    ["emptygz", gzipSync(""), /the file is empty/],
    ["foreign", "hello world\n", /foreign:1: expected/],
    ["shortstamp", "12345 {}\n", /shortstamp:1: expected/],
    ["badjson", '{"recv_ts":1,\n', /badjson:1: the line is not JSON/],
    ["nostream", '{"recv_ts":1}\n', /nostream:1: "stream" is missing/],
    ["noraw", '{"recv_ts":1,"stream":"ws"}\n', /noraw:1: "raw" is missing/],
    [
      "cutgz",
      gzipSync(GOOD.map((line, i) => pair(i, line)).join("\n")).subarray(0, 120),
      /damaged after line/,
    ],
  ];

  test.each(cases)("%s", async (name, content, message) => {
    const file = join(folder, name);
    if (content !== null) writeFileSync(file, content);
    await expect(all(file)).rejects.toThrow(message);
    await expect(all(file)).rejects.toBeInstanceOf(RecordingError);
  });

  test("a folder is no recording either", async () => {
    await expect(all(folder)).rejects.toThrow(/cannot be read \(EISDIR\)/);
  });

  test("a recording of an unknown venue", async () => {
    const file = write("unknown", ['{"channel":"book","data":[]}', "not json at all"]);
    await expect(surveyRecording(file, readRecording(file))).rejects.toThrow(
      /no depth update of a venue/,
    );
  });
});

describe("steps", () => {
  test.each([
    ["1.50000000", 1],
    ["0.00000001", 8],
    ["100", 0],
    ["100.000", 0],
    ["1e-7", 0],
    [7, 0],
  ])("%s has %i places", (text, places) => expect(decimalsOf(text)).toBe(places));

  test("are written as venues write them", () => {
    expect([0, 1, 8].map(stepText)).toEqual(["1", "0.1", "0.00000001"]);
  });

  test("a snapshot without an address belongs to the only symbol, or to none", () => {
    expect(snapshotSymbol("", new Map([["A", 1]]))).toBe("A");
    expect(
      snapshotSymbol(
        "",
        new Map([
          ["A", 1],
          ["B", 2],
        ]),
      ),
    ).toBeUndefined();
  });
});
