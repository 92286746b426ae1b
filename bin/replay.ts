/**
 * Station: `reckoner replay [DIR]`: a journal through the same core, compared command by command.
 *
 * For post-mortems it stops at any tick and prints the world as it was; the hash beside it equals the
 * live one of that tick.
 */
import { Replay } from "../hotpath/replay.ts";
import { copyBook, worldStatus } from "../hotpath/world-status.ts";
import { type Command, type Ending, EXIT } from "./command.ts";
import { findJournal } from "./journal-folder.ts";

const US_PER_S = 1_000_000;

export const replayCommand: Command = {
  notes: ["Without DIR the newest run in the configured journal folder is taken."],
  operands: [{ name: "DIR", summary: "folder of one run", required: false }],
  flags: [
    { name: "tick", kind: "count", summary: "stop after this tick and print the world" },
    { name: "book", kind: "text", summary: "also print the levels of this instrument" },
    {
      name: "config",
      kind: "text",
      summary: "configuration file",
      standard: "reckoner.yaml if there",
    },
  ],
  fields: [
    ["directory, runId", "the journal that was replayed"],
    [
      "lastSeq, tailBytes",
      "last record that a commit mark covers, and bytes after it that were cut",
    ],
    ["ticks, marketEvents, controlEvents, commands", "what was applied, and what came out"],
    ["checkpoints", "fingerprints compared on the way, all equal"],
    ["commandHash, stateHash", "of all commands, and of the world where the replay stopped"],
    [
      "recordedSeconds, seconds, timesRealTime",
      "span of the journal, time taken, and their quotient",
    ],
    ["divergence", "null, or the first disagreement: seq, tick, what"],
    ["world", "with --tick: sessions, books and counters at that tick"],
    ["book", "with --book: its levels in ticks and lots"],
  ],
  run(invocation): Promise<Ending> {
    const found = findJournal(invocation.operands[0], invocation.flags.get("config"));
    if (!found.ok) return Promise.resolve(found.ending);
    const { directory, journal } = found;
    const tickText = invocation.flags.get("tick");
    const replay = new Replay(journal);
    const started = performance.now();
    replay.run(tickText === undefined ? undefined : Number(tickText));
    const seconds = (performance.now() - started) / 1000;
    const { runId, lastSeq, tailBytes } = journal;
    const recordedSeconds = (replay.lastUs - replay.firstUs) / US_PER_S;
    const json = {
      directory,
      runId,
      lastSeq,
      tailBytes,
      ticks: replay.world?.tick ?? 0,
      marketEvents: replay.marketEvents,
      controlEvents: replay.controlEvents,
      commands: replay.commands,
      checkpoints: replay.checkpoints,
      commandHash: replay.commandHash,
      stateHash: replay.stateHash,
      recordedSeconds,
      seconds: Number(seconds.toFixed(3)),
      timesRealTime: Number((recordedSeconds / seconds).toFixed(1)),
      divergence: replay.divergence ?? null,
      ...worldOf(replay, tickText !== undefined, invocation.flags.get("book")),
    };
    const lines = linesOf(replay, json);
    if (replay.divergence === undefined) {
      return Promise.resolve({ exitCode: EXIT.ok, lines, json });
    }
    const { seq, tick, what } = replay.divergence;
    return Promise.resolve({
      exitCode: EXIT.failed,
      lines,
      json,
      error: `at sequence ${seq}, tick ${tick}: ${what}`,
    });
  },
};

function worldOf(replay: Replay, isWanted: boolean, book: string | undefined): object {
  const { world } = replay;
  if (world === undefined) return {};
  const slot = world.slots.find(({ instrument }) => instrument.id === book);
  return {
    ...(isWanted ? { world: worldStatus(world, world.nowUs, {}) } : {}),
    ...(book === undefined ? {} : { book: slot === undefined ? null : copyBook(slot) }),
  };
}

function linesOf(
  replay: Replay,
  json: { readonly runId: string; readonly timesRealTime: number },
): string[] {
  const { world } = replay;
  const lines = [
    `run ${json.runId}: ${world?.tick ?? 0} ticks, ${replay.commands} commands, ` +
      `${replay.checkpoints} checkpoints equal, ${json.timesRealTime} times real time`,
    `commands ${replay.commandHash}  state ${replay.stateHash}`,
  ];
  if (world === undefined) return lines;
  for (const { instrument, state, seq, bid, ask, levels } of worldStatus(world, world.nowUs, {})
    .books) {
    lines.push(
      `  ${instrument.padEnd(26)} ${state.padEnd(9)} ${seq} ${bid} / ${ask} ${levels} levels`,
    );
  }
  return lines;
}
