// Goal: the edges of recorded triangles are exact at every state, for every venue and format.
// Method: generated recordings whose fractions are known from plain maps.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ending } from "../../../bin/command.ts";
import { verifyCommand } from "../../../bin/verify.ts";
import {
  type EdgeState,
  type EdgesReport,
  parseFeeBps,
} from "../../../hotpath/verify/edge-tracker.ts";
import { type Recording, verifyEdges } from "../../../hotpath/verify/edges.ts";
import { readRecording } from "../../../hotpath/verify/recording.ts";
import { surveyRecording } from "../../../hotpath/verify/survey.ts";
import {
  BINANCE,
  BINANCE_OBJECTS,
  KRAKEN,
  KUCOIN,
  type Made,
  makeTriangle,
  type Product,
  type Wish,
} from "./triangle-recordings.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-edges-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, made: Made, isPacked = false): string[] {
  return made.files.map((lines, i) => {
    const file = join(folder, `${name}-${i}`);
    const content = `${lines.join("\n")}\n`;
    writeFileSync(file, isPacked ? gzipSync(content) : content);
    return file;
  });
}

async function recordingsOf(files: readonly string[]): Promise<Recording[]> {
  return Promise.all(
    files.map(async (file) => ({
      file,
      survey: await surveyRecording(file, readRecording(file)),
      lines: () => readRecording(file),
    })),
  );
}

async function statesOf(
  files: readonly string[],
  feeBps: string,
): Promise<{ readonly states: EdgeState[]; readonly edges: EdgesReport }> {
  const states: EdgeState[] = [];
  const recordings = await recordingsOf(files);
  const onState = (state: EdgeState): void => void states.push(state);
  const { edges } = await verifyEdges(recordings, new Map(), { feeBps, onState });
  return { states, edges };
}

const NAMES = ["USDT>BTC>ETH", "USDT>ETH>BTC"] as const;

/** What is wrong about an edge that should be `product` less one; "" for nothing. */
function fault(
  view: EdgeState["edges"][string] | undefined,
  product: Product,
  fee: bigint,
): string {
  if (view === undefined) return "no edge";
  // The fee is in hundredths of a basis point: so much of a million is kept of each leg.
  const kept = 1_000_000n - fee;
  const net = { n: product.n * kept ** 3n, d: product.d * 1_000_000n ** 3n };
  for (const [name, found, { n, d }] of [
    ["gross", view.gross, product],
    ["net", view.net, net],
  ] as const) {
    const num = BigInt(found.num);
    const den = BigInt(found.den);
    if (den <= 0n || num * d !== (n - d) * den) return name;
    // Rounded down: the text is at most the edge, and less than its last digit below it.
    const bps = BigInt(found.bps.replace(".", ""));
    const exact = (n - d) * 100_000_000n;
    if (!/^-?\d+\.\d{4}$/.test(found.bps)) return `${name} text`;
    if (bps * d > exact || (bps + 1n) * d <= exact) return `${name} bps`;
  }
  return "";
}

const WISHES: readonly (readonly [string, Wish])[] = [
  ["binance", { dialect: BINANCE, seed: 1, changes: 400 }],
  ["binance with ties", { dialect: BINANCE, seed: 2, changes: 400, hasTies: true }],
  ["binance in objects", { dialect: BINANCE_OBJECTS, seed: 3, changes: 300 }],
  ["binance in one file", { dialect: BINANCE_OBJECTS, seed: 4, changes: 300, isOneFile: true }],
  ["kucoin", { dialect: KUCOIN, seed: 5, changes: 300 }],
  ["kucoin in one file", { dialect: KUCOIN, seed: 6, changes: 300, isOneFile: true }],
  ["kraken", { dialect: KRAKEN, seed: 7, changes: 300 }],
  ["kraken in one file", { dialect: KRAKEN, seed: 8, changes: 300, isOneFile: true }],
];

describe.each(WISHES)("a recorded triangle of %s", (name, wish) => {
  test("has at each state the edges that its books have, both ways, gross and net", async () => {
    const made = makeTriangle(wish);
    const { states, edges } = await statesOf(write(name, made, wish.seed % 2 === 0), "7.25");
    expect(states.length).toBe(made.states.length);
    expect(states.length).toBeGreaterThan(200);
    for (const [i, expected] of made.states.entries()) {
      const { recvUs, file, symbol, change, edges: found } = states[i] as EdgeState;
      expect({ recvUs, file, symbol, change }).toEqual({
        recvUs: expected.recvUs,
        file: expected.file,
        symbol: expected.symbol,
        change: expected.change,
      });
      const wrong = NAMES.map((one, at) =>
        fault(found[one], expected.products[at] as Product, 725n),
      );
      expect(wrong).toEqual(["", ""]);
    }
    const updates = made.states.filter(({ change }) => change === "update").length;
    expect(edges).toMatchObject({ states: states.length, updates, feeBps: "7.25", bpsDigits: 4 });
    expect(edges.assets).toEqual(["USDT", "BTC", "ETH"]);
  });

  test("is summed up by counts and by the best state of each direction", async () => {
    const made = makeTriangle(wish);
    const { states, edges } = await statesOf(write(`${name} sum`, made), "0");
    for (const [at, direction] of NAMES.entries()) {
      const report = edges.directions[at];
      const isAbove = ({ n, d }: Product): boolean => n > d;
      const products = made.states.map(({ products: both }) => both[at] as Product);
      expect(report?.direction).toBe(direction);
      expect(report?.aboveZeroGross).toBe(products.filter(isAbove).length);
      expect(report?.aboveZeroNet).toBe(report?.aboveZeroGross);
      const best = products.reduce((most, one) => (one.n * most.d > most.n * one.d ? one : most));
      const first = products.findIndex(({ n, d }) => n * best.d === best.n * d);
      expect(report?.bestGross).toMatchObject({ state: first + 1, recvUs: states[first]?.recvUs });
      expect(report?.bestGross?.num).toBe(states[first]?.edges[direction]?.gross.num);
      expect(report?.bestNet).toEqual(report?.bestGross);
    }
  });
});

describe("a triangle whose book breaks", () => {
  test("has no state until the book is live again, and the break is told", async () => {
    const made = makeTriangle({ dialect: BINANCE, seed: 9, changes: 200 });
    const lines = made.files.map((one) => [...one]);
    // One update of the first file is lost: its book is void from the next one on.
    const lost = 40;
    lines[0]?.splice(lost, 1);
    const files = write("broken", { files: lines, states: [] });
    const { states } = await statesOf(files, "10");
    const voidUs = Number((lines[0]?.[lost] ?? "").split(" ")[0]);
    expect(states.length).toBeGreaterThan(20);
    expect(states.every(({ recvUs }) => recvUs < voidUs)).toBe(true);
    const ending = await run([...files]);
    expect(ending.exitCode).toBe(1);
    expect(ending.error).toContain(`BTCUSDT is not to be trusted after line ${lost + 1}`);
  });
});

async function run(
  operands: readonly string[],
  flags: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const invocation = {
    json: true,
    operands,
    flags: new Map(Object.entries(flags)),
    say: () => undefined,
  };
  return verifyCommand.run(invocation);
}

describe("reckoner verify", () => {
  test("with three files tells the edges, each state in a file, and each recording", async () => {
    const made = makeTriangle({ dialect: BINANCE, seed: 10, changes: 700 });
    const files = write("command", made);
    const out = join(folder, "states.ndjson");
    const ending = await run(files, { states: out });
    expect(ending.exitCode).toBe(0);
    expect(ending.json).toMatchObject({
      venue: "binance-spot",
      edges: {
        states: made.states.length,
        feeBps: "10",
        feeSource: "public taker rate of binance-spot",
      },
    });
    expect((ending.json.recordings as unknown[]).length).toBe(3);
    const written = readFileSync(out, "utf8").trimEnd().split("\n");
    expect(written.length).toBe(made.states.length);
    const last = JSON.parse(written.at(-1) ?? "") as EdgeState;
    expect(fault(last.edges[NAMES[0]], made.states.at(-1)?.products[0] as Product, 1000n)).toBe("");
    expect(ending.lines.join("\n")).toContain("USDT>BTC>ETH: best gross ");
  });

  test("with one file that holds a triangle tells its edges beside the rest", async () => {
    const made = makeTriangle({ dialect: BINANCE_OBJECTS, seed: 11, changes: 90, isOneFile: true });
    const ending = await run(write("one", made));
    expect(ending.exitCode).toBe(0);
    expect(ending.json).toMatchObject({ deltas: 92, edges: { states: made.states.length } });
  });

  test("takes assets from the rules where they are given", async () => {
    const made = makeTriangle({ dialect: BINANCE, seed: 12, changes: 60 });
    const rules = join(folder, "rules.json");
    const row = (symbol: string, baseAsset: string, quoteAsset: string): unknown => ({
      symbol,
      baseAsset,
      quoteAsset,
      status: "TRADING",
      filters: [
        { filterType: "PRICE_FILTER", tickSize: "0.00000100" },
        { filterType: "LOT_SIZE", stepSize: "0.00001000" },
      ],
    });
    const symbols = [row("BTCUSDT", "X", "Z"), row("ETHBTC", "Y", "X"), row("ETHUSDT", "Y", "Z")];
    writeFileSync(rules, JSON.stringify({ symbols }));
    const ending = await run(write("ruled", made), { rules });
    expect(ending.json).toMatchObject({
      edges: { assets: ["Z", "X", "Y"], states: made.states.length },
    });
  });

  test.each(["-1", "10000", "1e2", "abc", ""])("refuses a fee of %j", async (fee) => {
    expect(parseFeeBps(fee)).toBeUndefined();
    const files = write("fee", makeTriangle({ dialect: BINANCE, seed: 13, changes: 9 }));
    const ending = await run(files, { "fee-bps": fee });
    expect(ending).toMatchObject({ exitCode: 2, error: expect.stringContaining("--fee-bps") });
  });

  test("refuses what is no triangle, of two venues, or the same twice", async () => {
    const [a = "", b = "", c = ""] = write(
      "bad",
      makeTriangle({ dialect: BINANCE, seed: 14, changes: 60 }),
    );
    const [other = ""] = write("other", makeTriangle({ dialect: KUCOIN, seed: 15, changes: 60 }));
    for (const [files, words] of [
      [[a, b], "form a triangle"],
      [[a, a, b], "records BTCUSDT again"],
      [[a, b, other], "beside others"],
    ] as const) {
      const ending = await run(files);
      expect(ending).toMatchObject({ exitCode: 2, error: expect.stringContaining(words) });
    }
    const ending = await run([a, b, c], { triangle: "USDT>SOL>BTC" });
    expect(ending.error).toContain("USDT>SOL>BTC is not one of USDT>BTC>ETH");
    const unwritable = await run([a, b, c], { states: join(folder, "no", "such", "folder") });
    expect(unwritable).toMatchObject({ exitCode: 2, error: expect.stringContaining("--states") });
  });

  test("believes no edge of a recording with a message that cannot be read or a quote that differs", async () => {
    const made = makeTriangle({ dialect: BINANCE, seed: 17, changes: 90 });
    const [first = [], ...rest] = made.files;
    const last = first.at(-1) ?? "";
    const at = last.split(" ")[0];
    const seq = /"u":(\d+)/.exec(last)?.[1];
    const quote = `{"stream":"btcusdt@bookTicker","data":{"u":${seq},"s":"BTCUSDT","b":"1.00","B":"1.00000","a":"2.00","A":"1.00000"}}`;
    for (const [line, words] of [
      [`${at} ${quote}`, "differ from what the recording says"],
      [`${at} {"stream":"btcusdt@de`, "could not be read"],
    ] as const) {
      const ending = await run(
        write("doubtful", { files: [[...first, line], ...rest], states: [] }),
      );
      expect(ending).toMatchObject({ exitCode: 1, error: expect.stringContaining(words) });
    }
  });

  test("says so when the three books were never live together", async () => {
    const made = makeTriangle({ dialect: BINANCE, seed: 16, changes: 60 });
    // The second file has lost its snapshot.
    const lines = made.files.map((one, i) => (i === 1 ? one.slice(1) : one));
    const ending = await run(write("quiet", { files: lines, states: [] }));
    expect(ending).toMatchObject({ exitCode: 1, error: expect.stringContaining("never live") });
  });
});
