/**
 * Budget 13: the black box. A venue in a process of its own sends a diff over TLS loopback and stops the clock
 * when it has read the order; the engines are processes of their own and take turns.
 *
 * Ours is the whole path from the socket to the socket: reader, decoder, loop, core, journal ring, intent
 * log, desk, transport. The decision itself is left out: every diff is answered, whatever it says.
 */
import type { EngineResult } from "./bench-venue.ts";
import { atMost, type BenchOptions, median, quantile, type Row, shown } from "./measure.ts";
import { openPeers, type Peer } from "./tls-peers.ts";

const ENGINES = ["echo", "ours", "usual"] as const;
type EngineName = (typeof ENGINES)[number];

export async function blackBoxBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rounds = isQuick ? 5 : 9;
  const messages = isQuick ? 600 : 1500;
  const rows: Row[] = [];
  for (const profile of ["quiet", "wide"] as const) {
    const results = await runBox(rounds, messages, profile);
    rows.push(...rowsOf(results, profile));
  }
  return rows;
}

type Rounds = ReadonlyMap<string, readonly (readonly number[])[]>;

async function runBox(rounds: number, messages: number, profile: string): Promise<Rounds> {
  const room = openPeers();
  try {
    const words = [String(rounds), String(messages), profile];
    const venue = room.start("./bench-venue.ts", words);
    const { port } = (await venue.answer()) as { port: number };
    const engines: Peer[] = [];
    for (const name of ENGINES) {
      const engine = room.start("./bench-engine.ts", [String(port), name, profile]);
      await engine.answer();
      engines.push(engine);
    }
    venue.say("go\n");
    const results = (await venue.answer()) as readonly EngineResult[];
    return new Map(results.map(({ engine, rounds: each }) => [engine, each]));
  } finally {
    await room.close();
  }
}

function rowsOf(results: Rounds, profile: string): Row[] {
  const of = (name: EngineName, share: number): number[] =>
    (results.get(name) ?? []).map((us) => quantile(us, share));
  const ratio = (other: EngineName, share: number): number => {
    const theirs = of(other, share);
    return median(of("ours", share).map((us, round) => us / (theirs[round] ?? Number.NaN)));
  };
  const note = (share: number): string => {
    const [echo, ours, usual] = ENGINES.map((name) => median(of(name, share)));
    return `echo ${shown(echo ?? 0)}, ours ${shown(ours ?? 0)}, usual ${shown(usual ?? 0)} us`;
  };
  return [
    atMost(
      13,
      `black box, ${profile}: p50 against an echo`,
      1.15,
      ratio("echo", 0.5),
      "x echo",
      note(0.5),
    ),
    atMost(
      13,
      `black box, ${profile}: p99 against an echo`,
      1.35,
      ratio("echo", 0.99),
      "x echo",
      note(0.99),
    ),
    atMost(
      13,
      `black box, ${profile}: p50 against the usual stack`,
      0.6,
      ratio("usual", 0.5),
      "x usual",
    ),
  ];
}
