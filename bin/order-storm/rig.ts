/**
 * Station: the processes of a storm: simulated venues that live through all of it, and an engine that is
 * killed and started again over the same folder.
 *
 * What an operator would do is done here over the admin port, with the token of the running engine.
 * Nothing here judges.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVenueId, type VenueId } from "../../contracts/ids.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import type { KillStatus } from "../../contracts/trading-status.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import type { VenueHistory } from "../../local/judge/judge.ts";
import type { TradingTruth } from "../../local/judge/trading-gap.ts";
import type { TradingFaultRates } from "../../local/venues/exchange/faults.ts";
import type { Child } from "../child.ts";
import { askLoopback } from "../loopback.ts";
import { ENGINE_FLAGS, type Started, startAndWait } from "../start-process.ts";
import { readTradingTruth } from "../trading-truth.ts";
import { VENUES_SCRIPT, type VenueAddresses } from "../venues.ts";
import { STORM_SPEED, stormConfig } from "./storm-config.ts";

const ENGINE_SCRIPT = "hotpath/main.ts";
const STOP_MS_MAX = 31_000;
const TRIANGLES_PER_MINUTE = 600;
/** Small books and few instruments: what is tried is orders, not the market. */
const MARKET_ARGS = [
  ...["--spot-instruments", "12", "--kucoin-instruments", "9", "--kraken-instruments", "9"],
  ...["--usdm-instruments", "1", "--diffs-per-second", "300", "--levels", "200"],
  ...["--faults-per-minute", "0", "--spot-orders", "1000000", "--dials-max", "1000000"],
  ...["--spot-weight", "1000000", "--venue-speed", String(STORM_SPEED)],
];

/** An environment that could not be set up, or that fell apart; the message is one sentence. */
export class StormError extends Error {}

export type RigOptions = { readonly seed: number; readonly logFile: string | null };

type FirstWords = { readonly admin: string; readonly tokenFile: string };

export class StormRig {
  readonly folder: string;
  readonly journal: string;
  readonly venues: readonly VenueId[];
  readonly #control: string;
  readonly #options: RigOptions;
  readonly #children: Child[];
  readonly #addresses: string;
  #engine: Started | undefined;
  #words: FirstWords = { admin: "", tokenFile: "" };

  private constructor(
    options: RigOptions,
    at: { readonly folder: string; readonly children: Child[]; readonly addresses: VenueAddresses },
  ) {
    this.#options = options;
    this.folder = at.folder;
    this.journal = join(at.folder, "journal");
    this.#children = at.children;
    this.#addresses = JSON.stringify(at.addresses);
    this.#control = String(at.addresses.control);
    this.venues = Object.entries(at.addresses).flatMap(([id, each]) =>
      isVenueId(id) && typeof each !== "string" && "trading" in each && canOrder(id) ? [id] : [],
    );
  }

  /** Starts the venues and writes the configuration; the engine is started apart. */
  static async open(options: RigOptions): Promise<StormRig> {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-storm-"));
    const children: Child[] = [];
    const args = ["--with-parent", "--seed", String(options.seed), ...MARKET_ARGS];
    args.push("--triangles-per-minute", String(TRIANGLES_PER_MINUTE));
    const started = await startAndWait([VENUES_SCRIPT, ...args], children, noteTo(options));
    if (!started.ok) {
      rmSync(folder, { recursive: true, force: true });
      throw new StormError(`the simulated venues: ${started.reason}`);
    }
    const addresses = JSON.parse(started.firstLine) as VenueAddresses;
    const rig = new StormRig(options, { folder, children, addresses });
    const config = stormConfig(rig.journal, rig.venues);
    if (typeof config === "string") throw new StormError(`the configuration: ${config}`);
    writeFileSync(rig.#configFile, JSON.stringify(config));
    return rig;
  }

  get #configFile(): string {
    return join(this.folder, "config.yaml");
  }

  get isRunning(): boolean {
    return this.#engine !== undefined;
  }

  /** Settles when the engine's process has ended. */
  get ended(): Promise<number> {
    return this.#engine?.child.ended ?? Promise.resolve(0);
  }

  async startEngine(): Promise<void> {
    const args = ["--config", this.#configFile, "--venues", this.#addresses, "--admin-port", "0"];
    const started = await startAndWait(
      [...ENGINE_FLAGS, ENGINE_SCRIPT, ...args],
      this.#children,
      noteTo(this.#options),
    );
    if (!started.ok) throw new StormError(`the engine: ${started.reason}`);
    this.#engine = started;
    this.#words = JSON.parse(started.firstLine) as FirstWords;
    void started.child.ended.then(() => this.#forget(started));
  }

  #forget(started: Started): void {
    if (this.#engine === started) this.#engine = undefined;
    const at = this.#children.indexOf(started.child);
    if (at >= 0) this.#children.splice(at, 1);
  }

  /** SIGKILL: nothing of the engine runs from here on. */
  async killEngine(): Promise<void> {
    const engine = this.#engine;
    engine?.child.process.kill("SIGKILL");
    await engine?.child.ended;
  }

  /** Ends the engine as an operator would; its last line. */
  async stopEngine(): Promise<string> {
    const engine = this.#engine;
    await engine?.child.stop(STOP_MS_MAX);
    return engine?.lines.at(-1) ?? "";
  }

  /** The engine's status; null when it does not answer now. */
  async status(): Promise<EngineStatus | null> {
    const answer = await askLoopback(`${this.#words.admin}/status`);
    return answer.ok && answer.status === 200 ? (answer.body as EngineStatus) : null;
  }

  /** Releases a kill as a person would who has looked; whether the engine took it. */
  async release({ scope, target }: KillStatus): Promise<boolean> {
    return await this.#operate("/release", { scope, target, by: "storm", reason: "looked at" });
  }

  /** Accepts the balances of an account that closed itself, as a person would who has looked. */
  async openAccount(venue: string): Promise<boolean> {
    const kill = {
      scope: "venue",
      target: venue,
      by: "storm",
      reason: "its balances were looked at",
    };
    return (await this.#operate("/kill", kill)) && (await this.#operate("/release", kill));
  }

  /** Lets the engine finish what it has begun, and begin nothing new. */
  async drain(): Promise<boolean> {
    return await this.#operate("/drain", { by: "storm", policy: "flatten" });
  }

  async kill(): Promise<boolean> {
    const reason = "the storm's own drill";
    return await this.#operate("/kill", { scope: "all", target: "", by: "storm", reason });
  }

  async #operate(path: string, body: object): Promise<boolean> {
    const token = readFileSync(this.#words.tokenFile, "utf8").trim();
    const answer = await askLoopback(`${this.#words.admin}${path}`, body, token);
    return answer.ok && answer.status === 200;
  }

  /** Replaces the rates of trading faults at every venue. */
  async setFaults(rates: TradingFaultRates): Promise<void> {
    const answer = await askLoopback(`${this.#control}/trading/faults`, { rates });
    if (!(answer.ok && answer.status === 200)) throw new StormError("the venues take no faults");
  }

  async truth(): Promise<TradingTruth> {
    const truth = await readTradingTruth(this.#control);
    if (truth === null) throw new StormError("the venues do not tell the truth");
    return truth;
  }

  async history(venue: VenueId): Promise<VenueHistory> {
    const answer = await askLoopback(`${this.#control}/trading/orders?venue=${venue}`);
    if (!(answer.ok && answer.status === 200)) throw new StormError(`${venue} has no history`);
    return answer.body as VenueHistory;
  }

  async close(): Promise<void> {
    for (const child of [...this.#children].reverse()) await child.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function canOrder(id: VenueId): boolean {
  return VENUES[id].execution !== undefined;
}

function noteTo({ logFile }: RigOptions): (line: string) => void {
  return (line) => {
    if (logFile !== null) appendFileSync(logFile, `${line}\n`);
  };
}
