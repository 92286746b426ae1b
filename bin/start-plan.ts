/**
 * Station: flags and configuration -> what `reckoner start` will start. Starts nothing itself.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { Config } from "../contracts/schema/config.ts";
import { countOf, durationMsOf } from "./flags.ts";
import { wantsOwnControl } from "./start-control.ts";
import { withMode, withStandardTrading } from "./start-trading.ts";

export type StartPlan = {
  /** The configuration that the engine is given. */
  readonly config: Config;
  /** Flags of the simulated venues, or null when no venue is simulated. */
  readonly venuesArgs: readonly string[] | null;
  readonly adminPort: number;
  /** Whether a control plane is started beside the engine, and at which port it serves. */
  readonly hasOwnControl: boolean;
  readonly controlPort: number;
  /** How long to run, or null for until it is ended. */
  readonly forMs: number | null;
  /** Print plain lines even on a terminal. */
  readonly plain: boolean;
  /** File for a picture of the last view, or null for none. */
  readonly picture: string | null;
  /** Live accounts may trade. */
  readonly isArmed: boolean;
};

/** Followed on a live feed when no file says otherwise: they form triangles and never sleep. */
const LIVE_INSTRUMENTS: Readonly<Record<VenueId, readonly string[]>> = {
  "binance-spot": [
    "BTCUSDT",
    "ETHUSDT",
    "ETHBTC",
    "BNBUSDT",
    "BNBBTC",
    "BNBETH",
    "SOLUSDT",
    "SOLBTC",
    "SOLETH",
    "XRPUSDT",
    "XRPBTC",
    "XRPETH",
  ],
  "binance-usdm": ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT"],
  kucoin: ["BTC-USDT", "ETH-USDT", "ETH-BTC", "SOL-USDT", "SOL-BTC", "XRP-USDT", "XRP-BTC"],
  kraken: ["BTC/USD", "ETH/USD", "ETH/BTC", "SOL/USD", "SOL/BTC", "XRP/USD", "XRP/BTC"],
};

/**
 * A feed that never fails would show nothing of what the engine is for; more than this, and USD-M runs
 * out of request weight, because a replaced session asks for a snapshot of each of its books.
 */
export const FAULTS_PER_MINUTE_STANDARD = 12;

/** Opportunities that the simulated venues plant, each: enough to see cycles within a minute. */
const TRIANGLES_PER_MINUTE = 60;

/** What goes wrong with orders when no plan says otherwise; all of it is settled by asking. */
const TRADING_FAULTS_STANDARD = [
  "ackLost=0.01",
  "requestLost=0.01",
  "duplicateAck=0.02",
  "fillBeforeAck=0.02",
  "errorExecuted=0.005",
  "timestampRefused=0.01",
  "duplicateFill=0.02",
  "reorderFills=0.02",
  "missingFill=0.01",
  "laggingQuery=0.02",
].join(",");

type Flags = ReadonlyMap<string, string>;

/** Plans a start from checked flags and `config`; `file` is null when the defaults are used. */
export function planStart(
  flags: Flags,
  config: Config,
  file: string | null,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): StartPlan {
  const effective = withTrading(withFeed(config, flags.get("feed"), file === null), flags, file);
  const isSimulated = Object.values(effective.venues).some(
    (venue) => venue.environment === "simulated",
  );
  return {
    config: effective,
    venuesArgs: isSimulated ? venuesArgsOf(flags) : null,
    // Without a file nobody has asked for a certain port, and any free one cannot be taken.
    adminPort: countOf(flags, "admin-port", file === null ? 0 : config.admin.port),
    hasOwnControl: !flags.has("without-control") && wantsOwnControl(effective, environment),
    controlPort: countOf(flags, "control-port", 0),
    forMs: durationMsOf(flags, "for"),
    plain: flags.has("plain"),
    picture: flags.get("picture") ?? null,
    isArmed: flags.has("arm"),
  };
}

function withTrading(config: Config, flags: Flags, file: string | null): Config {
  const standard = file === null ? withStandardTrading(config) : config;
  const mode = flags.get("mode");
  return mode === "paper" || mode === "simulated" ? withMode(standard, mode) : standard;
}

/** `config` with the environment that `--feed` asks for. */
function withFeed(config: Config, feed: string | undefined, isStandard: boolean): Config {
  if (feed === undefined) return config;
  const venues: Config["venues"] = {};
  for (const id of Object.keys(config.venues) as VenueId[]) {
    const venue = config.venues[id];
    if (venue === undefined) continue;
    const { restUrl: _rest, wsUrl: _ws, ...rest } = venue;
    if (feed === "simulated") venues[id] = { ...rest, environment: "simulated" };
    else if (venue.environment !== "simulated") venues[id] = venue;
    else {
      const instruments = isStandard ? [...LIVE_INSTRUMENTS[id]] : venue.instruments;
      venues[id] = { ...rest, environment: "production", instruments };
    }
  }
  return { ...config, venues };
}

function venuesArgsOf(flags: Flags): string[] {
  const args = ["--with-parent", "--seed", String(countOf(flags, "seed", 1))];
  const plan = flags.get("faults");
  const standard = plan === undefined ? FAULTS_PER_MINUTE_STANDARD : 0;
  args.push("--faults-per-minute", String(countOf(flags, "faults-per-minute", standard)));
  if (plan !== undefined) args.push("--fault-plan", plan);
  args.push("--triangles-per-minute", String(TRIANGLES_PER_MINUTE));
  if (plan === undefined) args.push("--trading-faults", TRADING_FAULTS_STANDARD);
  const instruments = flags.get("instruments");
  if (instruments !== undefined) {
    // A quarter for each venue; spot has what is left over.
    const share = Math.floor(Number(instruments) / 4);
    args.push("--spot-instruments", String(Number(instruments) - 3 * share));
    for (const venue of ["usdm", "kucoin", "kraken"]) {
      args.push(`--${venue}-instruments`, String(share));
    }
  }
  return args;
}
