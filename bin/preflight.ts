/**
 * Station: `reckoner preflight`. Could this account trade, and would we let it? Trades nothing.
 *
 * One table of checks for each account. A check that is bad ends with exit code 1, so that a script can
 * hold a start on it; a venue that cannot be reached at all ends with 3.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { Config } from "../contracts/schema/config.ts";
import { standardConfig } from "../hotpath/config.ts";
import {
  findAccounts,
  type SimulatedAccount,
  type SimulatedAccounts,
} from "../hotpath/preflight/accounts.ts";
import { type PreflightReport, preflight } from "../hotpath/preflight/preflight.ts";
import { startVenues, type VenuesHandle } from "../local/venues/start.ts";
import { type Command, type Ending, EXIT, type Invocation, refusal } from "./command.ts";
import { configRefusal, findConfig } from "./config.ts";

const BALANCES_SHOWN_MAX = 12;
const NAME_WIDTH = 11;
const ASSET_WIDTH = 11;

export const preflightCommand: Command = {
  notes: [
    "Looks at every account that trades by the configuration or whose keys are set\n" +
      "(RECKONER_<VENUE>_API_KEY, _SECRET, _PASSPHRASE, or each with _FILE behind it).",
    "Refuses keys that can withdraw or that work from any address, where the venue tells.",
  ],
  operands: [],
  flags: [
    {
      name: "config",
      kind: "text",
      summary: "configuration file",
      standard: "reckoner.yaml where there is one, else the defaults",
    },
    {
      name: "simulated",
      kind: "switch",
      summary: "start simulated venues for the check, and look at their accounts",
    },
    { name: "keys", kind: "text", summary: "with --simulated: which kind of their keys is used" },
  ],
  fields: [
    ["accounts", "venue, checks (name, result, text), clockOffsetUs, balances, fees of each"],
    ["bad", "number of checks that are bad"],
  ],
  async run(invocation): Promise<Ending> {
    if (invocation.flags.has("simulated")) return runSimulated(invocation);
    const found = findConfig(invocation.flags.get("config"));
    if (!found.ok) return configRefusal(found.file, found.faults);
    return inspect(found.config, {}, process.env);
  },
};

async function runSimulated({ flags }: Invocation): Promise<Ending> {
  const venues = await startVenues({ faultsPerMinute: 0 });
  try {
    return await inspect(standardConfig(), accountsOf(venues, flags.get("keys")), {});
  } finally {
    await venues.stop();
  }
}

/** The accounts that simulated venues hand out, each with its first kind of key or the named one. */
function accountsOf({ endpoints }: VenuesHandle, kind: string | undefined): SimulatedAccounts {
  const accounts: [string, SimulatedAccount][] = [];
  for (const [id, endpoint] of Object.entries(endpoints)) {
    if (typeof endpoint === "string" || endpoint.trading === undefined) continue;
    const { trading } = endpoint;
    const keys = trading.keys[kind ?? ""] ?? Object.values(trading.keys)[0];
    if (keys !== undefined) accounts.push([id, { market: endpoint, account: trading, keys }]);
  }
  return Object.fromEntries(accounts) as Partial<Record<VenueId, SimulatedAccount>>;
}

async function inspect(
  config: Config,
  simulated: SimulatedAccounts,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ending> {
  const found = await findAccounts(config, simulated, env);
  if (!found.ok) return refusal(found.isOutside ? EXIT.environment : EXIT.usage, found.reason);
  const accounts: PreflightReport[] = [];
  for (const account of found.accounts) accounts.push(await preflight(account));
  const bad = accounts.flatMap(({ venue, checks }) =>
    checks.filter(({ result }) => result === "bad").map(({ name }) => `${venue} ${name}`),
  );
  const ending = {
    lines: accounts.flatMap(linesOf),
    json: { accounts, bad: bad.length },
  };
  if (bad.length === 0) return { exitCode: EXIT.ok, ...ending };
  return { exitCode: EXIT.failed, ...ending, error: `not ready to trade: ${bad.join(", ")}` };
}

const MARKS = { good: "ok ", bad: "BAD", unknown: "-  " } as const;

function linesOf({ venue, checks, balances, fees }: PreflightReport): readonly string[] {
  const shown = balances.slice(0, BALANCES_SHOWN_MAX);
  const more = balances.length - shown.length;
  return [
    venue,
    ...checks.map(
      ({ name, result, text }) => `  ${MARKS[result]} ${name.padEnd(NAME_WIDTH)} ${text}`,
    ),
    ...shown.map(
      ({ asset, free, held, total }) =>
        `      ${asset.padEnd(ASSET_WIDTH)} ${total === "" ? `${free} free, ${held} held` : total}`,
    ),
    ...(more > 0 ? [`      and ${more} more`] : []),
    ...fees.map(
      ({ instrument, makerPpb, takerPpb, paidIn, feeAsset }) =>
        `      ${instrument.padEnd(ASSET_WIDTH)} maker ${makerPpb / 100_000} bp, taker ` +
        `${takerPpb / 100_000} bp, in ${feeAsset === "" ? paidIn : feeAsset}`,
    ),
  ];
}
