/**
 * The processes of a control plane for the benches, as `npm start` runs them: embedded AWS on a folder and the
 * host of the functions, and where it is wanted the simulated venues and the engine beside them.
 *
 * Folders and ports are of the run's own, so that nothing of a checkout's own state is touched.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child } from "../../bin/child.ts";
import { type Control, startControl } from "../../bin/start-control.ts";
import { planStart } from "../../bin/start-plan.ts";
import { ENGINE_FLAGS, type Started, startAndWait } from "../../bin/start-process.ts";
import { VENUES_SCRIPT } from "../../bin/venues.ts";
import type { Config } from "../../contracts/schema/config.ts";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import { standardConfig } from "../../hotpath/config.ts";
import { openIdentity } from "../../local/identity/identity.ts";

const ENGINE_SCRIPT = "hotpath/main.ts";
const STOP_MS_MAX = 31_000;
const LOOK_MS = 100;

/** A control plane, and who may ask it. */
export class ControlProcesses {
  readonly control: Control;
  readonly folder: string;
  readonly #children: Child[];
  readonly #mint: (subject: string) => Promise<string>;

  private constructor(at: {
    readonly control: Control;
    readonly folder: string;
    readonly children: Child[];
    readonly mint: (subject: string) => Promise<string>;
  }) {
    this.control = at.control;
    this.folder = at.folder;
    this.#children = at.children;
    this.#mint = at.mint;
  }

  /** The control plane alone; `configOf` is given the folder in which its journal is to be. */
  static async open(configOf: (folder: string) => Config): Promise<ControlProcesses> {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-control-"));
    const children: Child[] = [];
    const started = await startControl(configOf(folder), 0, (_name, args, environment) =>
      startAndWait(args, children, () => undefined, environment),
    );
    if (!started.ok) throw new Error(started.reason);
    const { control } = started;
    const identity = await openIdentity(control.identity);
    const mint = (subject: string) => identity.mint({ subject, roles: ["risk"], lifeS: 3600 });
    return new ControlProcesses({ control, folder, children, mint });
  }

  tokenOf(subject: string): Promise<string> {
    return this.#mint(subject);
  }

  /** Starts a script of the house that ends with this; `onLog` hears each line of its log. */
  async start(
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
    onLog: (line: string) => void = () => undefined,
  ): Promise<Started> {
    const started = await startAndWait(args, this.#children, onLog, environment);
    if (!started.ok) throw new Error(`${args[0]}: ${started.reason}`);
    return started;
  }

  async close(): Promise<void> {
    for (const child of [...this.#children].reverse()) await child.stop(STOP_MS_MAX);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The configuration of a start without a file, its journal in `folder`. */
export function startedConfig(folder: string): Config {
  const standard = standardConfig();
  const journal = { ...standard.journal, directory: join(folder, "journal") };
  return planStart(new Map(), { ...standard, journal }, null, {}).config;
}

/** Venues and engine as `npm start` starts them beside `processes`; the address of its admin port. */
export async function startEngine(
  processes: ControlProcesses,
  onLog: (line: string) => void,
): Promise<string> {
  const { folder, control } = processes;
  const config = startedConfig(folder);
  const { venuesArgs } = planStart(new Map(), config, null, {});
  const venues = await processes.start([VENUES_SCRIPT, ...(venuesArgs ?? [])]);
  const file = join(folder, "config.yaml");
  writeFileSync(file, JSON.stringify(config));
  const words = ["--config", file, "--venues", venues.firstLine, "--admin-port", "0"];
  const engine = await processes.start(
    [...ENGINE_FLAGS, ENGINE_SCRIPT, ...words, "--json-ready", "--fresh-accounts"],
    control.environment,
    onLog,
  );
  const { admin } = JSON.parse(engine.firstLine) as { readonly admin: string };
  while ((await tradingAt(admin))?.accounts.some(({ phase }) => phase === "ready") !== true) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return admin;
}

/** What the engine says of its trading: asked of the loop each time, never remembered. */
export async function tradingAt(admin: string): Promise<TradingStatus | undefined> {
  const response = await fetch(`${admin}/trading`);
  return response.status === 200 ? ((await response.json()) as TradingStatus) : undefined;
}
