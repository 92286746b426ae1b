/**
 * Station: `reckoner start`, the main job: venues, engine, view, and at the end the account of it.
 *
 * Three processes, so that each can be killed alone: the simulated venues (unless the feed is live), the
 * engine, and this one, which only watches. It asks both sides for every live book once a second and
 * counts what differs from the venues' truth. It never touches the engine's state.
 */
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BroughtUp, bringUp } from "./bring-up.ts";
import { type Child, ROOT } from "./child.ts";
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { configRefusal, findConfig } from "./config.ts";
import { type Interruption, listenForInterruption } from "./interruption.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import {
  AWS_SCRIPT,
  type Control,
  type ControlStart,
  HOST_SCRIPT,
  startControl,
} from "./start-control.ts";
import { endingOfRun, START_FIELDS } from "./start-ending.ts";
import { FAULTS_PER_MINUTE_STANDARD, planStart, type StartPlan } from "./start-plan.ts";
import { ENGINE_FLAGS, type Started } from "./start-process.ts";
import { armRefusal } from "./start-trading.ts";
import { readTradingTruth } from "./trading-truth.ts";
import { VENUES_SCRIPT, type VenueAddresses } from "./venues.ts";
import { pictureOf } from "./view/picture.ts";
import { renderView } from "./view/render.ts";
import type { ViewInput } from "./view/view-input.ts";
import { type Watched, watchEngine } from "./watch-engine.ts";

const ENGINE_SCRIPT = "hotpath/main.ts";
/** An engine that trades settles first; it promises to have ended within 30 s. */
const ENGINE_STOP_MS_MAX = 31_000;
/** From here on the log of an engine that is shown in the view can be read. */
const ENGINE_LOG = "engine.log";
/** A size that a page of documents shows without scaling it down too far. */
const PICTURE_COLUMNS = 112;
const PICTURE_ROWS = 26;

/** The scripts of the two other processes; tests name their own. */
export type Scripts = {
  readonly engine: string;
  readonly venues: string;
  /** Of the control plane beside them; null starts none. */
  readonly control: { readonly aws: string; readonly host: string } | null;
};

export const startCommand: Command = startCommandOf({
  engine: ENGINE_SCRIPT,
  venues: VENUES_SCRIPT,
  control: { aws: AWS_SCRIPT, host: HOST_SCRIPT },
});

/** The command over other scripts. */
export function startCommandOf(scripts: Scripts): Command {
  return {
    notes: [
      "Without --feed live the feed comes from simulated venues on this machine, which fail on purpose;\n" +
        "every live book is compared with their truth once a second.",
    ],
    operands: [],
    flags: [
      {
        name: "config",
        kind: "text",
        summary: "configuration file",
        standard: "reckoner.yaml if there",
      },
      {
        name: "feed",
        kind: "choice",
        choices: ["simulated", "live"],
        summary: "simulated venues, or the venues' public feeds; no keys needed",
      },
      {
        name: "mode",
        kind: "choice",
        choices: ["paper", "simulated"],
        summary: "how every account trades, whatever the file says",
        standard: "the file's; without a file simulated, kraken paper",
      },
      { name: "for", kind: "duration", summary: "end after this long", standard: "until ctrl-c" },
      { name: "arm", kind: "switch", summary: "let accounts of mode live trade real money" },
      { name: "seed", kind: "count", summary: "seed of the simulated market", standard: "1" },
      { name: "instruments", kind: "count", summary: "simulated instruments", standard: "60" },
      {
        name: "faults-per-minute",
        kind: "count",
        summary: "faults injected at random",
        standard: String(FAULTS_PER_MINUTE_STANDARD),
      },
      { name: "faults", kind: "text", summary: "file with a fault plan, instead of random faults" },
      {
        name: "admin-port",
        kind: "count",
        summary: "port of health, metrics and status",
        standard: "any",
      },
      {
        name: "control-port",
        kind: "count",
        summary: "port of the control plane's API and pages",
        standard: "any",
      },
      { name: "without-control", kind: "switch", summary: "no control plane beside the engine" },
      { name: "plain", kind: "switch", summary: "plain lines even on a terminal" },
      {
        name: "picture",
        kind: "text",
        summary: "at the end draw the last view into this SVG file",
      },
    ],
    fields: START_FIELDS,
    async run(invocation): Promise<Ending> {
      const found = findConfig(invocation.flags.get("config"));
      if (!found.ok) return configRefusal(found.file, found.faults);
      const plan = planStart(invocation.flags, found.config, found.file);
      const unarmed = armRefusal(plan.config, plan.isArmed);
      if (unarmed !== "") return refusal(EXIT.usage, unarmed);
      return await runPlan(invocation, plan, scripts);
    },
  };
}

/** One run under way: what was asked for, and what has to be put away at its end. */
type Run = {
  readonly invocation: Invocation;
  readonly plan: StartPlan;
  readonly scripts: Scripts;
  readonly folder: string;
  readonly children: Child[];
  readonly interruption: Interruption;
};

async function runPlan(invocation: Invocation, plan: StartPlan, scripts: Scripts): Promise<Ending> {
  const run: Run = {
    invocation,
    plan,
    scripts,
    folder: mkdtempSync(join(tmpdir(), "reckoner-start-")),
    children: [],
    interruption: listenForInterruption(),
  };
  try {
    return await runProcesses(run);
  } finally {
    // Whatever happened above, no child outlives the command that started it.
    for (const child of run.children.reverse()) await child.stop();
    rmSync(run.folder, { recursive: true, force: true });
    run.interruption.release();
  }
}

async function runProcesses(run: Run): Promise<Ending> {
  const { invocation, plan, scripts } = run;
  // Side by side: neither knows of the other, and each takes its second.
  const [venues, control] = await Promise.all([bringUpVenues(run), bringUpControl(run)]);
  if (venues?.ok === false) return notUp(run, "the simulated venues", venues);
  if (control?.ok === false) return notUp(run, "the control plane", control);
  const addresses = JSON.parse(venues?.firstLine ?? "{}") as VenueAddresses;
  const file = join(run.folder, "config.yaml");
  // JSON is YAML, and the file holds what flags have changed as well.
  writeFileSync(file, JSON.stringify(plan.config, null, 2));
  const isPainted = process.stdout.isTTY && !plan.plain && !invocation.json;
  const engineArgs = ["--config", file, "--venues", JSON.stringify(addresses)];
  const portArgs = ["--admin-port", String(plan.adminPort), "--json-ready"];
  // The venues of this start know nothing of what an earlier one did at theirs.
  if (plan.venuesArgs !== null) portArgs.push("--fresh-accounts");
  if (plan.isArmed) portArgs.push("--arm");
  const engine = await bringUp(
    run,
    [...ENGINE_FLAGS, scripts.engine, ...engineArgs, ...portArgs],
    isPainted ? logToFile() : (line) => invocation.say(line),
    control?.control.environment,
  );
  if (!engine.ok) return notUp(run, "the engine", engine);
  const truth = typeof addresses.control === "string" ? addresses.control : null;
  return await watchToEnd(run, engine, truth, control?.control);
}

/** The simulated venues; undefined where none is simulated. */
async function bringUpVenues(run: Run): Promise<BroughtUp | undefined> {
  const { invocation, plan, scripts } = run;
  if (plan.venuesArgs === null) return undefined;
  return await bringUp(run, [scripts.venues, ...plan.venuesArgs], (line) =>
    invocation.say(`venues: ${line}`),
  );
}

/** The control plane of this machine; undefined where none is to be started. */
async function bringUpControl(run: Run): Promise<ControlStart | undefined> {
  const { plan, scripts, invocation } = run;
  if (scripts.control === null || !plan.hasOwnControl) return undefined;
  const started = await startControl(
    plan.config,
    plan.controlPort,
    (name, args, environment) => {
      const log = logToFile(`${name}.log`);
      return bringUp(run, args, log, environment);
    },
    scripts.control,
  );
  if (started.ok) invocation.say(`control plane: ${started.control.api}`);
  return started;
}

function notUp(run: Run, name: string, end: Extract<BroughtUp, { readonly ok: false }>): Ending {
  if (run.interruption.isGiven()) {
    return refusal(EXIT.failed, `ended by a signal before ${name} was up`);
  }
  return refusal(exitCodeOf(end.code), `${name}: ${end.reason}`);
}

/** What the engine says first: where it listens, and where the token for writes is. */
type FirstWords = { readonly admin: string; readonly tokenFile?: string };

async function watchToEnd(
  run: Run,
  engine: Started,
  truthAt: string | null,
  control: Control | undefined,
): Promise<Ending> {
  const { invocation, plan } = run;
  const { admin, tokenFile } = JSON.parse(engine.firstLine) as FirstWords;
  writeRunFile(admin, engine.child.process.pid ?? 0, tokenFile, control);
  const watched: Watched = await watchEngine({
    admin,
    control: truthAt,
    ended: engine.child.ended,
    interrupted: run.interruption.given,
    forMs: plan.forMs,
    isQuiet: invocation.json,
    plain: plan.plain,
    hint: control === undefined ? "ctrl-c to end" : `pages: ${control.api}  ctrl-c to end`,
  });
  const code = await engine.child.stop(ENGINE_STOP_MS_MAX);
  removeRunFile(admin);
  if (plan.picture !== null && watched.view !== null) drawPicture(plan.picture, watched.view);
  // Asked for when the engine has ended: from there on nothing of it can move a balance.
  const truth = truthAt === null ? null : await readTradingTruth(truthAt);
  return endingOfRun(watched, { code, lastLine: engine.lines.at(-1) ?? "", truth });
}

function drawPicture(file: string, view: ViewInput): void {
  const lines = renderView({ ...view, hint: "" }, PICTURE_COLUMNS, PICTURE_ROWS);
  writeFileSync(file, pictureOf(lines, PICTURE_COLUMNS, "npm start"));
}

/** The exit code that a child died with, where it is one of ours; else the environment's. */
function exitCodeOf(code: number): Ending["exitCode"] {
  const ours = Object.values(EXIT).find((each) => each === code);
  return ours === undefined || ours === EXIT.ok ? EXIT.environment : ours;
}

/** Log lines of what does not have the terminal go to a file beside the journal. */
function logToFile(name = ENGINE_LOG): (line: string) => void {
  mkdirSync(join(ROOT, ".reckoner"), { recursive: true });
  const file = openSync(join(ROOT, ".reckoner", name), "a");
  return (line) => void writeSync(file, `${line}\n`);
}
