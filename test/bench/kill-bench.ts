/**
 * Budget 19: a kill from the admin port with 200 open orders: how long until each cancel is on the wire, and
 * whether anything is ordered after the loop's turn that took it.
 *
 * The production loop, core, desk, intent log and admin port in one process, over real sockets to the
 * simulated Binance spot in the same one: what is shared makes it slower, never faster.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAdminServer } from "../../hotpath/io/admin-http.ts";
import { openAdminToken } from "../../hotpath/io/admin-token.ts";
import { KillRig, killConfig, ORDERS, startKillVenues } from "./kill-rig.ts";
import { atMost, type BenchOptions, quantile, type Row, shown } from "./measure.ts";

const GOAL_MS = 250;
const ROUNDS = { quick: 2, full: 8 } as const;

export async function killBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-kill-"));
  const venues = await startKillVenues();
  const rig = await KillRig.open(folder, venues);
  const admin = await openAdmin(rig, killConfig(folder).journal.directory);
  try {
    const takenMs: number[] = [];
    let late = 0;
    for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round++) {
      const outcome = await rig.round(
        () => admin.post("/kill"),
        () => admin.post("/release"),
      );
      takenMs.push(...outcome.takenMs);
      late += outcome.orderedLate + outcome.leftOpen;
    }
    const p99 = quantile(takenMs, 0.99);
    const note = `p50 ${shown(quantile(takenMs, 0.5))} ms, ${takenMs.length} cancels`;
    return [
      atMost(19, `kill: ${ORDERS} cancels on the wire, p99`, GOAL_MS, p99, "ms", note),
      atMost(19, "kill: orders sent after it, or left open", 0, late, "orders"),
    ];
  } finally {
    rig.close();
    await admin.close();
    await venues.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Admin = {
  readonly post: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

async function openAdmin({ operations }: KillRig, journal: string): Promise<Admin> {
  const opened = openAdminToken(undefined, journal);
  if (!opened.ok) throw new Error(opened.reason);
  const source = {
    status: () => Promise.reject(new Error("not asked")),
    metricsText: async () => "",
    book: () => null,
    resyncs: () => [],
    records: () => [],
  };
  const started = await startAdminServer(0, source, { token: opened.token, operations });
  if (!started.ok) throw new Error(started.reason);
  const token = readFileSync(opened.token.file, "utf8").trim();
  return {
    close: () => started.admin.close(),
    post: async (path) => {
      const response = await fetch(`${started.admin.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ scope: "all", by: "drill", reason: "a drill" }),
      });
      if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`);
    },
  };
}
