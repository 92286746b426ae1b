// Goal: a configuration is either right in every field or refused with each fault's field and line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  configHash,
  faultText,
  loadConfig,
  readConfig,
  standardConfig,
} from "../../hotpath/config.ts";

/** The faults of `text` as lines for a person. */
function faultsOf(text: string): string[] {
  const reading = readConfig(text);
  return reading.ok ? [] : reading.faults.map((fault) => faultText("f", fault));
}

describe("a right file", () => {
  test("an empty file means the defaults", () => {
    const config = standardConfig();
    expect(config.instance).toBe("reckoner");
    expect(Object.keys(config.venues)).toEqual(
      expect.arrayContaining(["binance-spot", "binance-usdm", "kucoin"]),
    );
    expect(config.venues["binance-spot"]?.environment).toBe("simulated");
    expect(config.limits.silenceFloorMs).toBe(500);
  });

  test("a field that is given wins and its neighbors keep their defaults", () => {
    const reading = readConfig("limits:\n  queueDelayMs: 77\nvenues:\n  binance-usdm: {}\n");
    expect(reading.ok && reading.config.limits.queueDelayMs).toBe(77);
    expect(reading.ok && reading.config.limits.ancientMs).toBe(standardConfig().limits.ancientMs);
    expect(reading.ok && Object.keys(reading.config.venues)).toEqual(["binance-usdm"]);
  });

  test("nothing in it can be changed afterwards", () => {
    const config = standardConfig();
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits)).toBe(true);
    expect(Object.isFrozen(config.venues["binance-spot"]?.streams)).toBe(true);
  });

  test("its hash follows its content, not its spelling", () => {
    const one = readConfig("limits: {queueDelayMs: 77}");
    const same = readConfig("# words\nlimits:\n  queueDelayMs: 77\n");
    const other = readConfig("limits: {queueDelayMs: 78}");
    if (!(one.ok && same.ok && other.ok)) throw new Error("all three are right");
    expect(configHash(one.config)).toBe(configHash(same.config));
    expect(configHash(one.config)).not.toBe(configHash(other.config));
  });

  test("the example of the repository is right", () => {
    const path = new URL("../../reckoner.example.yaml", import.meta.url);
    expect(faultsOf(readFileSync(path, "utf8"))).toEqual([]);
  });

  test("bounds themselves are inside", () => {
    for (const ms of [50, 3000]) expect(faultsOf(`limits: {silenceFloorMs: ${ms}}`)).toEqual([]);
  });
});

const SPOT = "venues: {binance-spot: ";

describe("a wrong file names the field, the line and what is expected", () => {
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "a word for a number",
      "limits:\n\n  silenceFloorMs: fast\n",
      ['f:3: limits.silenceFloorMs: expected a whole number from 50 to 60000, got "fast"'],
    ],
    [
      "a number below its bound",
      "limits: {silenceFloorMs: 49}",
      ["f:1: limits.silenceFloorMs: expected a whole number from 50 to 60000, got 49"],
    ],
    [
      "a number above its bound",
      "limits: {silenceFloorMs: 60001}",
      ["f:1: limits.silenceFloorMs: expected a whole number from 50 to 60000, got 60001"],
    ],
    [
      "a fraction",
      "limits: {queueDelayMs: 1.5}",
      ["f:1: limits.queueDelayMs: expected a whole number from 1 to 60000, got 1.5"],
    ],
    [
      "not a number at all",
      "limits: {queueDelayMs: .nan}",
      ["f:1: limits.queueDelayMs: expected a whole number from 1 to 60000, got NaN"],
    ],
    [
      "infinity",
      "limits: {silenceFactor: .inf}",
      ["f:1: limits.silenceFactor: expected a number from 2 to 1000, got Infinity"],
    ],
    [
      "forty digits",
      `limits: {queueDelayMs: ${"9".repeat(40)}}`,
      ["f:1: limits.queueDelayMs: expected a whole number from 1 to 60000, got 1e+40"],
    ],
    [
      "a long text, which is shown in part",
      `admin: {port: "${"x".repeat(99)}"}`,
      [`f:1: admin.port: expected a whole number from 0 to 65535, got "${"x".repeat(39)}...`],
    ],
    [
      "an unknown field near a known one",
      "limits:\n  silenceflorMs: 1\n",
      ['f:2: limits.silenceflorMs: there is no such field, did you mean "silenceFloorMs"?'],
    ],
    ["an unknown field near nothing", "xyzxyzxyz: 1", ["f:1: xyzxyzxyz: there is no such field"]],
    [
      "an unknown venue",
      "venues: {binance-spott: {}}",
      ['f:1: venues.binance-spott: there is no such field, did you mean "binance-spot"?'],
    ],
    ["no venue", "venues: {}", ["f:1: venues: must hold at least one venue"]],
    [
      "a section left empty",
      "venues:\n  binance-spot:\n",
      ["f:2: venues.binance-spot: expected a section of fields, got nothing"],
    ],
    ["a list for the whole", "- 1", ["f:1: expected a section of fields, got a list"]],
    [
      "a section for a value",
      "instance: {a: 1}",
      [
        "f:1: instance: expected lower-case letters, digits and dashes, beginning with a letter, got a section",
      ],
    ],
    [
      "an unknown word",
      `${SPOT}{environment: prod}}`,
      [
        'f:1: venues.binance-spot.environment: expected one of production, testnet, simulated, custom, got "prod"',
      ],
    ],
    [
      "an item of a list",
      "venues:\n  binance-spot:\n    instruments:\n      - BTCUSDT\n      - btc\n",
      [
        'f:5: venues.binance-spot.instruments.1: expected a name in capital letters and digits, such as BTCUSDT, got "btc"',
      ],
    ],
    [
      "an empty list",
      `${SPOT}{instruments: []}}`,
      [
        'f:1: venues.binance-spot.instruments: expected "all", or a list, each a name in capital letters and digits, such as BTCUSDT, got an empty list',
      ],
    ],
    [
      "an address without its environment",
      `${SPOT}{restUrl: "https://example.org"}}`,
      ["f:1: venues.binance-spot.restUrl: must be left out unless environment is custom"],
    ],
    [
      "an environment without its addresses",
      `${SPOT}{environment: custom}}`,
      [
        "f:1: venues.binance-spot.restUrl: must be given when environment is custom",
        "f:1: venues.binance-spot.wsUrl: must be given when environment is custom",
      ],
    ],
    [
      "an address of another protocol",
      `${SPOT}{environment: custom, restUrl: "ftp://example.org", wsUrl: "wss://example.org"}}`,
      [
        'f:1: venues.binance-spot.restUrl: expected an address that begins with http:// or https://, got "ftp://example.org"',
      ],
    ],
    [
      "a ring that is no power of two",
      "limits: {marketRingSlots: 3000}",
      ["f:1: limits.marketRingSlots: must be a power of two"],
    ],
    [
      "a floor above its ceiling",
      "limits: {silenceFloorMs: 4000, silenceCeilingMs: 3000}",
      ["f:1: limits.silenceFloorMs: must be at most limits.silenceCeilingMs"],
    ],
    [
      "a first pause above the longest",
      "limits: {backoffInitialMs: 5000, backoffCapMs: 100}",
      ["f:1: limits.backoffInitialMs: must be at most limits.backoffCapMs"],
    ],
    [
      "a cap below two segments",
      "journal: {retainBytes: 16777216}",
      ["f:1: journal.retainBytes: must be at least twice journal.segmentBytes"],
    ],
    ["a field given twice", "admin: {}\nadmin: {}\n", ["f:2: this field is given twice"]],
    ["a tag", "limits: !secret {}\n", ["f:1: Unresolved tag: !secret"]],
  ];

  test.each(table)("%s", (_name, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  test.each(["apiKey", "api_key", "secret", "privateKey", "password", "accessToken"])(
    "%s is refused as a secret wherever it stands, and its value is not repeated",
    (name) => {
      for (const text of [`${name}: hunter2`, `limits: {${name}: hunter2}`]) {
        const [fault = "", ...others] = faultsOf(text);
        expect(fault).toContain(`${name}: keys and other secrets never stand in this file`);
        expect(fault).not.toContain("hunter2");
        expect(others).toEqual([]);
      }
    },
  );

  test("every fault is told, not only the first", () => {
    expect(faultsOf("limits: {queueDelayMs: 0, ancientMs: 0}\nadmin: {prt: 1}\n")).toHaveLength(3);
  });
});

describe("a file on the disk", () => {
  test("is read, and one that cannot be read is refused", () => {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-config-"));
    const path = join(folder, "a.yaml");
    writeFileSync(path, "instance: night\n");
    const reading = loadConfig(path);
    expect(reading.ok && reading.config.instance).toBe("night");
    const gone = loadConfig(join(folder, "b.yaml"));
    expect(!gone.ok && gone.faults[0]?.message).toBe("there is no such file");
    const isFolder = loadConfig(folder);
    expect(!isFolder.ok && isFolder.faults[0]?.message).toBe("the file cannot be read (EISDIR)");
    rmSync(folder, { recursive: true });
  });

  test("a fault without a line or a field is still a sentence", () => {
    expect(faultText("f", { field: "", line: null, message: "gone" })).toBe("f: gone");
    expect(faultText("f", undefined)).toBe("f");
  });
});
