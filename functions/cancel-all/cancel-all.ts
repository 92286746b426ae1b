/**
 * Station: a request -> every account it means, all at once -> what became of each.
 *
 * One account that fails hinders no other.
 */
import type { Log } from "../platform/log.ts";
import { type CancelAccount, chosen, readKeys } from "./accounts.ts";
import { binanceClient } from "./binance.ts";
import type { CancelClient, CancelKeys } from "./client.ts";
import type { CancelVenue } from "./endpoints.ts";
import { krakenClient } from "./kraken.ts";
import { kucoinClient } from "./kucoin.ts";
import { type AccountResult, type CancelRequest, summaryOf } from "./logic.ts";
import { type SweepPorts, sweep } from "./sweep.ts";
import { createVenueHttp, type VenueHttp } from "./venue-http.ts";

export type CancelPorts = SweepPorts & {
  readonly accounts: readonly CancelAccount[];
  readonly readSecret: (name: string) => Promise<string>;
  /** Origins of stand-ins on this machine; none elsewhere. */
  readonly standIns: Readonly<Partial<Record<CancelVenue, string>>>;
  /** How long a venue may take to answer; undefined for what the function allows. */
  readonly answerTimeoutMs?: number;
  readonly log: Pick<Log, "info" | "error">;
};

/** Something is left, or nothing could be looked at. `results` says what. */
export class NotCleanError extends Error {
  override readonly name = "NotCleanError";
  readonly results: readonly AccountResult[];

  constructor(results: readonly AccountResult[]) {
    super(results.length === 0 ? "no account is meant" : summaryOf(results));
    this.results = results;
  }
}

type MakeClient = (http: VenueHttp, keys: CancelKeys, nowMs: () => number) => CancelClient;

const CLIENTS: Readonly<Record<CancelVenue, MakeClient>> = {
  "binance-spot": binanceClient,
  kraken: krakenClient,
  kucoin: kucoinClient,
};

/** Carries out `request` until `deadlineUs`; throws `NotCleanError` unless every account is clean. */
export async function cancelAll(
  ports: CancelPorts,
  request: CancelRequest,
  deadlineUs: number,
): Promise<readonly AccountResult[]> {
  const accounts = chosen(ports.accounts, request);
  const results = await Promise.all(
    accounts.map((account) => sweepAccount(ports, account, request.isEverything, deadlineUs)),
  );
  const isClean = results.length > 0 && results.every(({ outcome }) => outcome === "clean");
  ports.log[isClean ? "info" : "error"]("accounts swept", { results });
  if (!isClean) throw new NotCleanError(results);
  return results;
}

const NOTHING = { canceled: [], gone: [], left: [], foreignCount: 0 } as const;

async function sweepAccount(
  ports: CancelPorts,
  { engine, venue, secretName }: CancelAccount,
  isEverything: boolean,
  deadlineUs: number,
): Promise<AccountResult> {
  const { nowUs, readSecret, standIns } = ports;
  const http = createVenueHttp(venue, standIns[venue], ports.answerTimeoutMs);
  try {
    const keys = readKeys(await readSecret(secretName));
    if (keys === undefined) {
      return { engine, venue, outcome: "noKeys", ...NOTHING, trouble: `${secretName} has no keys` };
    }
    const client = CLIENTS[venue](http, keys, () => Math.floor(nowUs() / 1_000));
    const swept = await sweep(client, { isEverything, deadlineUs }, ports);
    return { engine, venue, ...swept };
  } catch (error) {
    // The secret could not be read, or its key is none: the sweep itself throws nothing.
    const trouble = error instanceof Error ? error.message : String(error);
    return { engine, venue, outcome: "left", ...NOTHING, trouble };
  } finally {
    await http.close();
  }
}
