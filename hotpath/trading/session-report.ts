/**
 * Station: what trading did between start and end -> one JSON file. The account of a session, for whoever
 * was not there.
 */
import path from "node:path";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import { type Disk, PERMISSIONS_EVERYBODY, realDisk, writeAll } from "../io/journal/disk.ts";
import type { RecordCounts } from "./record-keeper.ts";

/** Total balance by asset, decimal text, for each venue. */
export type Balances = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type SessionReport = {
  readonly runId: string;
  readonly startedUs: number;
  readonly endedUs: number;
  /** Why the session ended. */
  readonly endedBy: string;
  /** Whether everything of ours was settled before the end. */
  readonly isSettled: boolean;
  readonly modes: Readonly<Record<string, string>>;
  readonly fence: number;
  readonly limitsVersion: number;
  readonly counts: RecordCounts;
  readonly totals: TradingStatus["counts"];
  /** "venue:asset" -> decimal text, as the cycles of this session told it. */
  readonly profit: Readonly<Record<string, string>>;
  readonly balancesStart: Balances;
  readonly balancesEnd: Balances;
  readonly ordersOpen: TradingStatus["orders"];
  readonly kills: TradingStatus["kills"];
};

/** Totals of every account, by venue. */
export function balancesOf({ accounts }: TradingStatus): Balances {
  return Object.fromEntries(
    accounts.map(({ venue, balances }) => [
      venue,
      Object.fromEntries(Object.entries(balances).map(([asset, [total]]) => [asset, total])),
    ]),
  );
}

/** Writes the report beside the journal of its run; returns the file. Throws where the disk refuses. */
export function writeSessionReport(
  directory: string,
  report: SessionReport,
  disk: Disk = realDisk,
): string {
  const file = path.join(directory, `${report.runId}.session.json`);
  disk.makeDirectory(directory);
  const handle = disk.open(file, "replace", PERMISSIONS_EVERYBODY);
  try {
    writeAll(disk, handle, Buffer.from(`${JSON.stringify(report, null, 2)}\n`), 0);
  } finally {
    disk.close(handle);
  }
  return file;
}
