/**
 * Station: the processes that are measured (simulated venues, engine) and what can be asked of them.
 *
 * Both are the ones that `reckoner start` runs, over real sockets, with the standard limits; only the
 * market is smaller. Whoever opens a rig closes it; nothing here judges what is answered.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VenueId } from "../../contracts/ids.ts";
import type { ResyncRecord } from "../../contracts/resync.ts";
import { type Config, parseConfig } from "../../contracts/schema/config.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import type { FaultRecord } from "../../local/venues/fault-desk.ts";
import type { FaultKind } from "../../local/venues/fault-plan.ts";
import { type Child, startChild } from "../child.ts";
import { askLoopback, type LoopbackAnswer } from "../loopback.ts";
import { VENUES_SCRIPT, type VenueAddresses } from "../venues.ts";

/** The two processes; tests name others. */
export type Scripts = { readonly engine: string; readonly venues: string };
const SCRIPTS: Scripts = { engine: "hotpath/main.ts", venues: VENUES_SCRIPT };
/** The venues that are measured; the others repair their books in other ways and have other faults. */
export const BENCH_VENUES = ["binance-spot", "binance-usdm"] as const satisfies readonly VenueId[];
const READY_MS_MAX = 60_000;
const SPOT_INSTRUMENTS = 8;
const USDM_INSTRUMENTS = 6;
/** Ten diffs a second for each instrument, which is the pace of the venues' own fastest stream. */
const DIFFS_PER_SECOND = 10 * (SPOT_INSTRUMENTS + USDM_INSTRUMENTS);
/** Small enough that a fault every few seconds never meets the venue's request weight. */
const SNAPSHOT_LEVELS = 100;
/** Without trades each venue is one session, and a fault every few seconds stays within its dials. */
const STREAMS = { trades: false };
/** The delays of a distant venue, as the specification of the measure names them. */
const DELAY_ARGS = ["--dial-ms", "100:500", "--subscribe-ms", "50:200", "--snapshot-ms", "100:500"];

export type RigOptions = {
  readonly seed: number;
  readonly hasDelays: boolean;
  /** File that takes the log of both processes, or null. */
  readonly logFile: string | null;
};

/** An environment that could not be set up; the message is one sentence. */
export class RigError extends Error {}

/** Flags of the simulated venues. */
export function venuesArgs(options: RigOptions): string[] {
  return [
    "--with-parent",
    ...["--seed", String(options.seed)],
    ...["--spot-instruments", String(SPOT_INSTRUMENTS)],
    ...["--usdm-instruments", String(USDM_INSTRUMENTS)],
    ...["--diffs-per-second", String(DIFFS_PER_SECOND)],
    ...["--faults-per-minute", "0"],
    ...(options.hasDelays ? DELAY_ARGS : []),
  ];
}

/** The standard configuration, with a journal of its own, small snapshots and no trades. */
export function benchConfig(journalFolder: string): Config {
  const venue = {
    environment: "simulated",
    snapshotLevels: SNAPSHOT_LEVELS,
    streams: STREAMS,
  };
  const parsed = parseConfig({
    instance: "resync-bench",
    journal: { directory: journalFolder },
    venues: Object.fromEntries(BENCH_VENUES.map((id) => [id, venue])),
  });
  if (!parsed.ok) throw new RigError("the configuration of the bench does not fit its schema");
  return parsed.config;
}

/** Starts both processes; rejects with a `RigError` when one does not come up. */
export async function openRig(options: RigOptions, scripts = SCRIPTS): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-resync-bench-"));
  const children: Child[] = [];
  try {
    const venues = await startOne([scripts.venues, ...venuesArgs(options)], children, options);
    const addresses = JSON.parse(venues) as VenueAddresses;
    const file = join(folder, "config.yaml");
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(benchConfig(join(folder, "journal"))));
    const engineArgs = ["--config", file, "--venues", JSON.stringify(addresses)];
    const engine = await startOne(
      [scripts.engine, ...engineArgs, "--admin-port", "0", "--json-ready"],
      children,
      options,
    );
    const { admin } = JSON.parse(engine) as { readonly admin: string };
    return new Rig(admin, String(addresses.control), () => closeAll(children, folder));
  } catch (error) {
    await closeAll(children, folder);
    throw error;
  }
}

async function closeAll(children: readonly Child[], folder: string): Promise<void> {
  for (const child of children.toReversed()) await child.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Starts a script and resolves to the first line it prints. */
async function startOne(
  args: readonly string[],
  children: Child[],
  options: RigOptions,
): Promise<string> {
  let lastWords = "it said nothing";
  const first = Promise.withResolvers<string>();
  const child = startChild({
    args,
    tied: true,
    onLine: first.resolve,
    onErrorLine: (line) => {
      lastWords = line;
      if (options.logFile !== null) appendFileSync(options.logFile, `${line}\n`);
    },
  });
  children.push(child);
  const timer = setTimeout(() => child.process.kill("SIGTERM"), READY_MS_MAX);
  const outcome = await Promise.race([first.promise, child.ended]);
  clearTimeout(timer);
  if (typeof outcome === "string") return outcome;
  throw new RigError(`${args[0]} ended with ${outcome} before it was up: ${lastWords}`);
}

/** Both processes, running. Each question throws a `RigError` when it is not answered. */
export class Rig {
  readonly admin: string;
  readonly control: string;
  readonly close: () => Promise<void>;

  constructor(admin: string, control: string, close: () => Promise<void>) {
    this.admin = admin;
    this.control = control;
    this.close = close;
  }

  async status(): Promise<EngineStatus> {
    return bodyOf<EngineStatus>(await askLoopback(`${this.admin}/status`));
  }

  async resyncs(): Promise<readonly ResyncRecord[]> {
    return bodyOf<readonly ResyncRecord[]>(await askLoopback(`${this.admin}/resyncs`));
  }

  /** The fault's record, or null when the venues refused it. */
  async inject(venue: VenueId, kind: FaultKind): Promise<FaultRecord | null> {
    const answer = await askLoopback(`${this.control}/faults`, { venue, kind });
    return answer.ok && answer.status === 422 ? null : bodyOf<FaultRecord>(answer);
  }

  /** The record of a fault as it is now. */
  async fault(faultId: number): Promise<FaultRecord> {
    const faults = bodyOf<readonly FaultRecord[]>(await askLoopback(`${this.control}/faults`));
    const found = faults.find((fault) => fault.faultId === faultId);
    if (found === undefined) throw new RigError(`the venues do not know fault ${faultId}`);
    return found;
  }
}

function bodyOf<T>(answer: LoopbackAnswer): T {
  if (!answer.ok) throw new RigError(answer.reason);
  if (answer.status !== 200) throw new RigError(`an answer has status ${answer.status}`);
  return answer.body as T;
}
