/**
 * Station: one of the two engines of a drill: started, paused, killed, and started again over its folder.
 *
 * What it says of its lease is read from its log; whether it trades, from its admin port. Nothing here judges.
 */
import type { TradingStatus } from "../../contracts/trading-status.ts";
import { type Child, startChild } from "../child.ts";
import { askLoopback } from "../loopback.ts";
import { ENGINE_FLAGS } from "../start-process.ts";

const ENGINE_SCRIPT = "hotpath/main.ts";
const STOP_MS_MAX = 31_000;

/** A lease that a life of an engine has won. */
export type Term = { readonly engine: string; readonly life: number; readonly fence: number };

export type EngineOptions = {
  readonly name: string;
  readonly configFile: string;
  readonly addresses: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly note: (line: string) => void;
};

export class DrillEngine {
  readonly name: string;
  readonly terms: Term[] = [];
  readonly #options: EngineOptions;
  #child: Child | undefined;
  #life = 0;
  #admin = "";
  #isHolding = false;
  #isPaused = false;
  /** Exit code of the last life; undefined while it runs. */
  exitCode: number | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.name = options.name;
  }

  start(): void {
    const { configFile, addresses, environment, note } = this.#options;
    this.#life++;
    this.#admin = "";
    this.#isHolding = false;
    this.#isPaused = false;
    this.exitCode = undefined;
    const flags = ["--config", configFile, "--venues", addresses, "--admin-port", "0"];
    const child = startChild({
      args: [...ENGINE_FLAGS, ENGINE_SCRIPT, ...flags],
      environment,
      onLine: (line) => this.#onLine(line),
      onErrorLine: (line) => {
        note(`${this.name}.${this.#life} ${line}`);
        this.#onLog(line);
      },
    });
    this.#child = child;
    void child.ended.then((code) => {
      if (this.#child !== child) return;
      note(`${this.name}.${this.#life} ended with ${code}`);
      this.exitCode = code;
    });
  }

  /** Whether this life has won the lease, as far as it has said. */
  get isHolding(): boolean {
    return this.#isHolding && this.exitCode === undefined;
  }

  #onLine(line: string): void {
    if (this.#admin === "") this.#admin = (recordOf(line).admin as string | undefined) ?? "";
  }

  #onLog(line: string): void {
    const { sentence, fence } = recordOf(line);
    if (sentence === "lease held") {
      this.#isHolding = true;
      this.terms.push({ engine: this.name, life: this.#life, fence: Number(fence) });
    } else if (sentence === "lease lost") this.#isHolding = false;
  }

  /** What it says of its trading; null while it does not answer. */
  async trading(): Promise<TradingStatus | null> {
    if (this.#admin === "" || this.#isPaused) return null;
    const answer = await askLoopback(`${this.#admin}/trading`);
    return answer.ok && answer.status === 200 ? (answer.body as TradingStatus) : null;
  }

  /** SIGSTOP: its clocks go on, and nothing else. */
  pause(): void {
    this.#isPaused = this.#child?.process.kill("SIGSTOP") ?? false;
  }

  resume(): void {
    this.#child?.process.kill("SIGCONT");
    this.#isPaused = false;
  }

  async kill(): Promise<void> {
    this.#child?.process.kill("SIGKILL");
    await this.#child?.ended;
  }

  async stop(): Promise<void> {
    if (this.#isPaused) this.resume();
    await this.#child?.stop(STOP_MS_MAX);
  }
}

function recordOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
