/**
 * Station: the processes of a drill: simulated venue and embedded AWS that live through all of it, and two
 * engines over folders of their own.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedEndpoints, embeddedEnvironment } from "../../local/aws/embedded.ts";
import type { Child } from "../child.ts";
import { askLoopback } from "../loopback.ts";
import { startAndWait } from "../start-process.ts";
import { VENUES_SCRIPT, type VenueAddresses } from "../venues.ts";
import {
  DRILL_ENGINE,
  DRILL_PREFIX,
  DRILL_SPEED,
  DRILL_VENUE,
  drillConfig,
} from "./drill-config.ts";
import { DrillEngine } from "./engine.ts";
import type { VenueOrder } from "./judge.ts";

const AWS_SCRIPT = "local/aws/main.ts";
const MARKET_ARGS = [
  ...["--spot-instruments", "12", "--kucoin-instruments", "0", "--kraken-instruments", "0"],
  ...["--usdm-instruments", "0", "--diffs-per-second", "150", "--levels", "60"],
  ...["--faults-per-minute", "0", "--spot-orders", "1000000", "--dials-max", "1000000"],
  ...["--spot-weight", "1000000", "--triangles-per-minute", "600"],
  ...["--venue-speed", String(DRILL_SPEED)],
];

/** An environment that could not be set up, or that fell apart; the message is one sentence. */
export class DrillError extends Error {}

export type RigOptions = { readonly seed: number; readonly logFile: string | null };

export class DrillRig {
  readonly engines: readonly [DrillEngine, DrillEngine];
  readonly #folder: string;
  readonly #children: Child[];
  readonly #control: string;

  private constructor(at: {
    readonly folder: string;
    readonly children: Child[];
    readonly control: string;
    readonly engines: readonly [DrillEngine, DrillEngine];
  }) {
    this.#folder = at.folder;
    this.#children = at.children;
    this.#control = at.control;
    this.engines = at.engines;
  }

  /** Starts venue and AWS and writes the configurations; the engines are started apart. */
  static async open(options: RigOptions): Promise<DrillRig> {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-lease-"));
    const children: Child[] = [];
    try {
      const venueArgs = ["--with-parent", "--seed", String(options.seed), ...MARKET_ARGS];
      const venues = await firstLineOf([VENUES_SCRIPT, ...venueArgs], children, options);
      const awsArgs = ["--with-parent", "--prefix", DRILL_PREFIX, "--engine", DRILL_ENGINE];
      const aws = await firstLineOf([AWS_SCRIPT, ...awsArgs], children, options);
      const environment = embeddedEnvironment(JSON.parse(aws) as EmbeddedEndpoints);
      const engineOf = (name: string): DrillEngine => {
        const config = drillConfig(join(folder, name, "journal"));
        if (typeof config === "string") throw new DrillError(`the configuration: ${config}`);
        const configFile = join(folder, `${name}.yaml`);
        writeFileSync(configFile, JSON.stringify(config));
        const note = (line: string) => noteTo(options, line);
        return new DrillEngine({ name, configFile, addresses: venues, environment, note });
      };
      const engines = [engineOf("one"), engineOf("two")] as const;
      const { control } = JSON.parse(venues) as VenueAddresses;
      return new DrillRig({ folder, children, control: String(control), engines });
    } catch (error) {
      for (const child of children.reverse()) await child.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Every order that the venue has accepted of the account. */
  async orders(): Promise<readonly VenueOrder[]> {
    const answer = await askLoopback(`${this.#control}/trading/orders?venue=${DRILL_VENUE}`);
    if (!(answer.ok && answer.status === 200)) throw new DrillError("the venue has no history");
    return (answer.body as { readonly orders: readonly VenueOrder[] }).orders;
  }

  async close(): Promise<void> {
    for (const engine of this.engines) await engine.stop();
    for (const child of [...this.#children].reverse()) await child.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function firstLineOf(
  args: readonly string[],
  children: Child[],
  options: RigOptions,
): Promise<string> {
  const started = await startAndWait(args, children, (line) => noteTo(options, line));
  if (!started.ok) throw new DrillError(`${args[0]}: ${started.reason}`);
  return started.firstLine;
}

function noteTo({ logFile }: RigOptions, line: string): void {
  if (logFile !== null) appendFileSync(logFile, `${line}\n`);
}
