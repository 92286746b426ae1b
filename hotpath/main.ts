/**
 * The container's entry: flags and configuration in, one engine, one exit code out. The composition root:
 * nothing else in `hotpath` starts anything.
 *
 * Exit codes: 0 asked to end and did, 2 flags or configuration, 3 the world outside (port, network, a
 * venue that refuses this place), 4 the engine halted.
 */
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { crc32c } from "../contracts/crc32c.ts";
import { isVenueId } from "../contracts/ids.ts";
import { leaseMarginUs } from "../contracts/lease.ts";
import type { Config } from "../contracts/schema/config.ts";
import { faultText, loadConfig, standardConfig } from "./config.ts";
import type { Claimed } from "./control/claim.ts";
import { type ControlPlan, controlPlanOf } from "./control/control-plan.ts";
import { readHeritage } from "./control/heritage.ts";
import { standBy } from "./control/stand-by.ts";
import { startAdminServer } from "./io/admin-http.ts";
import { ADMIN_TOKEN_NAME, type AdminToken, openAdminToken } from "./io/admin-token.ts";
import { nowUs } from "./io/clock.ts";
import { lockJournal } from "./io/journal-lock.ts";
import { type Log, openLog } from "./io/log.ts";
import { watchStarter } from "./io/starter.ts";
import type { HotPlan } from "./plan.ts";
import { unsafeKeys } from "./preflight/unsafe-keys.ts";
import { preparePlan, type SimulatedAddresses } from "./prepare.ts";
import {
  type KeysByVenue,
  type LeaseShare,
  prepareTrading,
  type RecoveryCounts,
} from "./prepare-trading.ts";
import { tradedBefore } from "./recover.ts";
import { withSignedDepth } from "./signed-depth.ts";
import { type RunEnd, Supervisor } from "./supervisor.ts";
import { KillList } from "./trading/kill-list.ts";

const EXIT = { ok: 0, usage: 2, outside: 3, halted: 4 } as const;

type Flags = {
  readonly config: Config;
  readonly venues: SimulatedAddresses;
  readonly adminPort: number;
  /** Live trading was armed at the start. */
  readonly isArmed: boolean;
  /** Accounts begin anew: simulated venues that were started anew know nothing of earlier orders. */
  readonly isFresh: boolean;
};

/** Prints what was wrong and ends; only before anything was started. */
function refuse(code: number, sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      venues: { type: "string" },
      "admin-port": { type: "string" },
      "json-ready": { type: "boolean" },
      arm: { type: "boolean" },
      "fresh-accounts": { type: "boolean" },
    },
  });
  const file = values.config;
  const reading = file === undefined ? undefined : loadConfig(file);
  if (reading?.ok === false) {
    refuse(EXIT.usage, reading.faults.map((fault) => faultText(file ?? "", fault)).join("\n"));
  }
  const config = reading?.config ?? standardConfig();
  const live = Object.entries(config.venues).find(([, { trading }]) => trading.mode === "live");
  // Before anything is dialed: whoever did not arm it did not mean it.
  if (live !== undefined && values.arm !== true) {
    refuse(EXIT.usage, `venues.${live[0]}.trading.mode: live trades real money; it wants --arm`);
  }
  const port = Number(values["admin-port"] ?? config.admin.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    refuse(EXIT.usage, `--admin-port: expected 0 to 65535, got "${values["admin-port"]}"`);
  }
  return {
    config,
    venues: readAddresses(values.venues ?? "{}"),
    adminPort: port,
    isArmed: values.arm === true,
    isFresh: values["fresh-accounts"] === true,
  };
}

function readAddresses(text: string): SimulatedAddresses {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return Object.fromEntries(Object.entries(value).filter(([name]) => isVenueId(name)));
  } catch {
    return refuse(EXIT.usage, "--venues: expected the addresses of the simulated venues as JSON");
  }
}

/**
 * `20261121T104530123-1234-1f`: sorts by time, however fast one engine follows another. The end is of the
 * machine's name, because in containers every process has the same number.
 */
function newRunId(): string {
  const stamp = new Date().toISOString().replace(/[-:.Z]/g, "");
  const name = Buffer.from(hostname());
  const machine = crc32c(name, 0, name.length).toString(36);
  return `${stamp}-${process.pid}-${machine}`;
}

function accountOf(end: RunEnd, runId: string): string {
  const { status } = end;
  const { counters, resyncs } = status;
  return JSON.stringify({
    runId,
    halted: status.halted,
    booksLive: status.books.filter(({ state }) => state === "live").length,
    booksTotal: status.books.length,
    frames: counters.frames ?? 0,
    resyncs: resyncs.count,
    resyncMs: resyncs.ms,
    stagesMs: resyncs.stagesMs,
    decisions: counters.decisions ?? 0,
    decisionsOnInvalidBook: counters.decisionsOnInvalidBook ?? 0,
    staleEpochDiscards: counters.staleEpochDiscards ?? 0,
    counters,
    trading: status.trading,
    journal: status.journal,
    stateHash: end.stateHash,
    commandHash: end.commandHash,
  });
}

async function run(): Promise<number> {
  const flags = readFlags();
  const { config } = flags;
  const log = openLog({ instance: config.instance, nowUs });
  const planning = controlPlanOf(config, process.env);
  if (!planning.ok) refuse(planning.isOutside ? EXIT.outside : EXIT.usage, planning.reason);
  const { control } = planning;
  const runId = newRunId();
  // Alone in the folder from here: what is taken up belongs to nobody else.
  const lock = lockJournal(config.journal.directory, process.pid);
  if (!lock.ok) refuse(EXIT.outside, lock.reason);
  let code: number = EXIT.ok;
  if (control === undefined) code = await runWith(flags, { runId, log });
  else {
    const standing = { control, runId, root: config.journal.directory, log };
    const claim = trades(config) ? await standBy(flags.adminPort, standing) : undefined;
    if (claim?.kind === "refused") refuse(EXIT.outside, claim.reason);
    const claimed = claim?.kind === "claimed" ? claim.claimed : undefined;
    if (claim?.kind !== "asked") code = await runWith(flags, { runId, log, control, claimed });
  }
  lock.release();
  return code;
}

function trades({ venues }: Config): boolean {
  return Object.values(venues).some(({ trading }) => trading.mode !== "off");
}

/** What a run is, beside its flags. */
type Life = {
  readonly runId: string;
  readonly log: Log;
  readonly control?: ControlPlan;
  readonly claimed?: Claimed | undefined;
};

/** Refuses while a lease may be held: nothing was sent under it, so it is given back first. */
async function refuseLate({ claimed }: Life, code: number, sentence: string): Promise<never> {
  await claimed?.keeper.giveBack();
  return refuse(code, sentence);
}

async function runWith(flags: Flags, life: Life): Promise<number> {
  const { config, venues, isArmed, isFresh } = flags;
  const { control, claimed, log } = life;
  const root = config.journal.directory;
  const mustFollow = isFresh ? new Set<string>() : tradedBefore(root);
  const prepared = await preparePlan(config, venues, mustFollow);
  if (!prepared.ok) {
    return await refuseLate(life, prepared.isOutside ? EXIT.outside : EXIT.usage, prepared.reason);
  }
  if (isFresh) new KillList(root, nowUs()).forgetAutomatic();
  const remote = await readHeritage(flags, life);
  if (!remote.ok) return await refuseLate(life, EXIT.outside, remote.reason);
  const trading = prepareTrading(config, prepared.plan, venues, {
    isArmed,
    isFresh,
    environment: process.env,
    lease: claimed && control && shareOf(life.runId, control, claimed),
    remoteOrders: remote.orders,
    secrets: remote.keys,
  });
  if (!trading.ok) {
    return await refuseLate(life, trading.isOutside ? EXIT.outside : EXIT.usage, trading.reason);
  }
  if (trading.recovered !== undefined) tellRecovery(trading.recovered, log);
  const { keys } = trading;
  const unsafe = await unsafeKeys(trading.plan, keys);
  if (unsafe !== "") return await refuseLate(life, EXIT.outside, unsafe);
  const plan = withSignedDepth(config, trading.plan, keys);
  return await runEngine(flags, { plan, keys }, life);
}

function shareOf(
  runId: string,
  { times }: ControlPlan,
  { held, isSuccessor, limits }: Claimed,
): LeaseShare {
  const marginUs = leaseMarginUs(times);
  return { runId, fence: held.fence, marginUs, stallUs: times.stallUs, isSuccessor, limits };
}

function tellRecovery({ folded, adopted, damaged }: RecoveryCounts, log: Log): void {
  for (const reason of damaged)
    log.error("a part of what earlier lives left cannot be used", { cause: reason });
  if (folded + adopted > 0) log.info("trading goes on where it ended", { folded, adopted });
}

async function runEngine(
  { config, adminPort }: Flags,
  { plan, keys }: { readonly plan: HotPlan; readonly keys: KeysByVenue },
  life: Life,
): Promise<number> {
  const { runId, log, control, claimed } = life;
  const controlled = control && { plan: control, keeper: claimed?.keeper };
  const supervisor = new Supervisor({ config, plan, keys, runId, log, control: controlled });
  const { operations } = supervisor;
  const token = operations === undefined ? undefined : openToken(config, log);
  const writes =
    operations === undefined || token === undefined ? undefined : { operations, token };
  const server = await startAdminServer(adminPort, supervisor.source, writes);
  if (!server.ok) return await refuseLate(life, EXIT.outside, server.reason);
  await supervisor.start();
  listenForSignals(supervisor);
  const { url } = server.admin;
  process.stdout.write(`${JSON.stringify({ admin: url, runId, tokenFile: token?.file ?? "" })}\n`);
  const end = await supervisor.ended;
  await server.admin.close();
  token?.forget();
  process.stdout.write(`${accountOf(end, runId)}\n`);
  return end.status.halted === "" ? EXIT.ok : EXIT.halted;
}

/** What a write on the admin port must know. Its file's path is told, never the token. */
function openToken(config: Config, log: Log): AdminToken {
  const opened = openAdminToken(process.env[ADMIN_TOKEN_NAME], config.journal.directory);
  if (!opened.ok) refuse(EXIT.outside, opened.reason);
  const { file } = opened.token;
  if (file !== "") log.info("writes on the admin port want the word in this file", { file });
  return opened.token;
}

/** SIGTERM and SIGINT end the run by its policy; SIGUSR1 kills all trading, SIGUSR2 drains it. */
function listenForSignals(supervisor: Supervisor): void {
  const onEnd = (signal: string) => (): void => void supervisor.stop(signal);
  process.on("SIGINT", onEnd("SIGINT")).on("SIGTERM", onEnd("SIGTERM"));
  watchStarter(onEnd("starter gone"));
  const { operations } = supervisor;
  const all = {
    scope: "all",
    target: "",
    by: "signal SIGUSR1",
    reason: "asked by signal",
  } as const;
  process.on("SIGUSR1", () => void operations?.kill(all));
  process.on("SIGUSR2", () => void operations?.drain({ by: "signal SIGUSR2" }));
}

const code = await run().catch((error: unknown) => {
  process.stderr.write(
    `the engine could not start: ${error instanceof Error ? error.message : error}\n`,
  );
  return EXIT.halted;
});
process.exit(code);
