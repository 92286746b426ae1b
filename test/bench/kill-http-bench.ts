/**
 * Budget 26: a kill by the control API with 200 open orders, until each cancel is on the wire.
 *
 * The API behind the host of the functions and the embedded AWS are processes of their own, as `npm start`
 * runs them. The command source, which waits at the queue, the loop, core, desk and intent log are those of
 * production in this process, beside the simulated venue and whoever asks. What is left out: the lease, and
 * the step between the engine's two threads, of which a kill takes one. Releases are given to the engine's
 * own side, because what a second person does in between is not what is measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_PREFIX } from "../../bin/start-control.ts";
import { CommandSource } from "../../hotpath/control/command-source.ts";
import { createCommandQueue } from "../../hotpath/io/aws/command-queue.ts";
import { createCommandRecords } from "../../hotpath/io/aws/command-records.ts";
import { nowUs } from "../../hotpath/io/clock.ts";
import { openLog } from "../../hotpath/io/log.ts";
import type { EmbeddedEndpoints } from "../../local/aws/embedded.ts";
import { clientsOf } from "../fixtures/aws/rig.ts";
import { ControlProcesses } from "./control-processes.ts";
import { KillRig, killConfig, ORDERS, startKillVenues } from "./kill-rig.ts";
import { atMost, type BenchOptions, quantile, type Row, shown } from "./measure.ts";

const ROUNDS = { quick: 3, full: 40 } as const;
const GOAL_MS = 2000;
const RELEASE = { scope: "all", target: "", by: "bench", reason: "a bench" } as const;

export async function killHttpBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-kill-"));
  const processes = await ControlProcesses.open(killConfig);
  const venues = await startKillVenues();
  const rig = await KillRig.open(folder, venues);
  const commands = listen(rig, processes);
  try {
    const kill = await killOver(processes);
    const rounds = isQuick ? ROUNDS.quick : ROUNDS.full;
    const firstMs: number[] = [];
    const takenMs: number[] = [];
    const lastMs: number[] = [];
    let late = 0;
    for (let round = 0; round < rounds; round++) {
      const outcome = await rig.round(kill, async () => {
        const released = await rig.operations.release(RELEASE);
        if (!released.ok) throw new Error(released.reason);
      });
      firstMs.push(Math.min(...outcome.takenMs));
      lastMs.push(Math.max(...outcome.takenMs));
      takenMs.push(...outcome.takenMs);
      late += outcome.orderedLate + outcome.leftOpen;
    }
    const note =
      `of a kill's last cancel; p50 ${shown(quantile(lastMs, 0.5))} ms, first cancel p50 ` +
      `${shown(quantile(firstMs, 0.5))} ms, ${rounds} kills, ${takenMs.length} cancels`;
    const what = `kill by HTTP: ${ORDERS} cancels on the wire, p99`;
    return [
      atMost(26, what, GOAL_MS, quantile(lastMs, 0.99), "ms", note),
      atMost(26, "kill by HTTP: orders sent after it, or left open", 0, late, "orders"),
    ];
  } finally {
    await commands.stop();
    rig.close();
    await venues.stop();
    await processes.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Listening = { readonly stop: () => Promise<void> };

/** The engine's command source at its queue, over the rig's own loop. */
function listen(rig: KillRig, { control }: ControlProcesses): Listening {
  const clients = clientsOf(JSON.parse(control.aws) as EmbeddedEndpoints);
  const { engine } = control;
  const source = new CommandSource({
    engine,
    queue: createCommandQueue(clients.queues, LOCAL_PREFIX, engine),
    records: createCommandRecords(clients.tables, LOCAL_PREFIX),
    ports: {
      operations: rig.operations,
      operate: (event) => rig.ask(event),
      resync: async () => false,
      limitsVersion: async () => undefined,
      readLimits: async () => ({ kind: "none" }),
      keptMode: () => "active",
      keepMode: () => "",
    },
    nowUs,
    log: openLog({ instance: "bench", nowUs, level: "silent" }),
  });
  source.start();
  return {
    stop: async () => {
      await source.stop();
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** A kill as a person sends it. Throws where the API does not take it. */
async function killOver(processes: ControlProcesses): Promise<() => Promise<void>> {
  const { api, engine } = processes.control;
  const token = await processes.tokenOf("otto");
  return async () => {
    const response = await fetch(`${api}/v1/engines/${engine}/kill`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ scope: "all", reason: "a bench" }),
    });
    const text = await response.text();
    if (response.status >= 300) throw new Error(`the API refused: ${text}`);
  };
}
