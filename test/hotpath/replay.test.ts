// Goal: a journal replays to the same commands and the same state, twice, or says exactly where it does
// not. Method: real runs recorded by the production recorder, then replayed, cut, flipped and rewritten.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normView } from "../../hotpath/core/journal.ts";
import { exportToFile } from "../../hotpath/io/journal/export.ts";
import { importJournal } from "../../hotpath/io/journal/import.ts";
import { type Journal, openJournal } from "../../hotpath/io/journal/reader.ts";
import { Replay } from "../../hotpath/replay.ts";
import { type RecordedRun, recordRun } from "./recorded-run.ts";

let root = "";
let run: RecordedRun;
let crashed: RecordedRun;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "reckoner-replay-"));
  run = await recordRun({ root, runId: "whole", frames: 1500, dropped: [701, 1102] });
  crashed = await recordRun({ root, runId: "crashed", frames: 400, crash: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function opened(directory: string): Journal {
  const result = openJournal(directory);
  if (!result.ok) throw new Error(result.error.reason);
  return result.journal;
}

function replayed(directory: string, tick?: number): Replay {
  const replay = new Replay(opened(directory));
  replay.run(tick);
  return replay;
}

/** The one segment of a crashed run that is still being written. */
function openSegment(directory: string): string {
  const name = readdirSync(directory)
    .filter((file) => file.endsWith(".seg"))
    .sort()
    .at(-1);
  return join(directory, name ?? "");
}

describe("a replay", () => {
  test("gives the live run's commands and state, twice", () => {
    for (let i = 0; i < 2; i++) {
      const replay = replayed(run.directory);
      expect(replay.divergence).toBeUndefined();
      expect(replay.world?.tick).toBe(run.ticks);
      expect(replay.commandHash).toBe(run.commandHash);
      expect(replay.stateHash).toBe(run.stateHash);
      expect(replay.checkpoints).toBe(30);
    }
  });

  test("saw the gaps that the run had", () => {
    const { world } = replayed(run.directory);
    expect(world?.counters.gaps).toBeGreaterThanOrEqual(2);
  });

  test("stops at any tick, and goes on from there to the same end", () => {
    const replay = new Replay(opened(run.directory));
    expect(replay.run(300)).toBe(true);
    expect(replay.world?.tick).toBe(300);
    const there = replay.stateHash;
    expect(replayed(run.directory, 300).stateHash).toBe(there);
    replay.run();
    expect(replay.stateHash).toBe(run.stateHash);
  });

  test("of an exported and imported journal is the same", async () => {
    const file = join(root, "whole.jsonl");
    const decoders = new Map(["norm.bookDelta", "norm.quote"].map((type) => [type, normView]));
    expect(exportToFile(opened(run.directory), file, { decoders }).ok).toBe(true);
    const imported = join(root, "imported");
    expect((await importJournal(file, imported)).ok).toBe(true);
    const replay = replayed(imported);
    expect(replay.divergence).toBeUndefined();
    expect(replay.stateHash).toBe(run.stateHash);
  });

  test("of a killed run ends at its last commit mark", () => {
    const copy = join(root, "cut");
    cpSync(crashed.directory, copy, { recursive: true });
    const whole = readFileSync(openSegment(copy)).length;
    const before = replayed(copy).world?.tick ?? 0;
    // Bytes that never became a group are a tail.
    writeFileSync(openSegment(copy), Buffer.alloc(37, 1), { flag: "a" });
    expect(replayed(copy).world?.tick).toBe(before);
    truncateSync(openSegment(copy), whole);
    expect(replayed(copy).divergence).toBeUndefined();
  });
});

describe("a replay refuses", () => {
  test("a journal with one flipped bit", () => {
    const copy = join(root, "flipped");
    cpSync(crashed.directory, copy, { recursive: true });
    const file = openSegment(copy);
    const bytes = readFileSync(file);
    bytes[5000] = (bytes[5000] as number) ^ 4;
    writeFileSync(file, bytes);
    expect(openJournal(copy).ok).toBe(false);
  });

  /** Rewrites one exported line and imports the result: a journal that is whole, and not true. */
  async function rewritten(
    name: string,
    rewrite: (line: string) => string | null,
  ): Promise<Replay> {
    const file = join(root, `${name}.jsonl`);
    expect(exportToFile(opened(run.directory), file).ok).toBe(true);
    let done = false;
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .map((line) => {
        const changed = done ? null : rewrite(line);
        if (changed === null) return line;
        done = true;
        return changed;
      });
    expect(done, "the line to rewrite exists").toBe(true);
    writeFileSync(file, lines.join("\n"));
    const directory = join(root, name);
    const imported = await importJournal(file, directory);
    if (!imported.ok) throw new Error(imported.error.reason);
    return replayed(directory);
  }

  const where = (match: RegExp, change: (line: string) => string) => (line: string) =>
    match.test(line) ? change(line) : null;

  test("another command than the core gives", async () => {
    const change = where(/"fetchSnapshot"/, (line) =>
      line.replace('"depthLimit":1000', '"depthLimit":999'),
    );
    expect((await rewritten("command", change)).divergence?.what).toMatch(
      /depthLimit":999.*replayed at tick/,
    );
  });

  test("a raw frame that decodes to other numbers", async () => {
    const change = where(/raw\.frame.*depthUpdate/, (line) =>
      line.replace(/\\"u\\":(\d)/, '\\"u\\":9$1'),
    );
    expect((await rewritten("raw", change)).divergence?.what).toMatch(
      /other numbers than recorded/,
    );
  });

  test("a raw frame that is no event any more", async () => {
    const change = where(/raw\.frame.*depthUpdate/, (line) => line.replace('\\"u\\":', '\\"v\\":'));
    expect((await rewritten("noevent", change)).divergence?.what).toMatch(
      /does not decode to an event/,
    );
  });

  test("a snapshot whose body is none", async () => {
    const change = where(/raw\.snapshot/, (line) => line.replace("lastUpdateId", "lastUpdateIx"));
    expect((await rewritten("snapshot", change)).divergence?.what).toMatch(/body of this snapshot/);
  });

  test("an event of a session that the run does not have", async () => {
    const change = where(/norm\.bookDelta/, (line) => line.replace(/("numbers":\[\d+,)0,/, "$17,"));
    expect((await rewritten("session", change)).divergence?.what).toMatch(/session 7 is none/);
  });

  test("a tick out of order", async () => {
    const change = where(/norm\.bookDelta/, (line) => line.replace(/"tick":(\d+)/, '"tick":9$1'));
    expect((await rewritten("tick", change)).divergence?.what).toMatch(/follows tick/);
  });

  test("a checkpoint of another state, another command stream, another tick", async () => {
    const state = where(/ctl\.checkpoint/, (line) => line.replace(/("stateHash":")./, "$1g"));
    expect((await rewritten("state", state)).divergence?.what).toMatch(/^state hash/);
    const commands = where(/ctl\.checkpoint/, (line) => line.replace(/("commandHash":")./, "$1g"));
    expect((await rewritten("commands", commands)).divergence?.what).toMatch(/^command hash/);
    const tick = where(/ctl\.checkpoint/, (line) => line.replace(/("body":\{"tick":)\d+/, "$11"));
    expect((await rewritten("cptick", tick)).divergence?.what).toMatch(
      /^a checkpoint of tick 1 at/,
    );
  });

  test("a header of a newer version, and events without one", async () => {
    const newer = where(/ctl\.runHeader/, (line) => line.replace('"version":1', '"version":2'));
    expect((await rewritten("newer", newer)).divergence?.what).toMatch(/version 2, newer than 1/);
    const none = where(/ctl\.runHeader/, (line) => line.replace("ctl.runHeader", "ctl.modeChange"));
    expect((await rewritten("headless", none)).divergence?.what).toMatch(/before the run's header/);
  });
});
