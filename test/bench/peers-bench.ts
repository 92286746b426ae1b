/**
 * Budget 4: this house beside what a user would pick today, on the same wide diffs. The peers are
 * installed from their own lock file, only when asked for (`--peers`), and each runs in its own process
 * with JSON.parse beside it; what is compared are the ratios to that.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { atLeast, type BenchOptions, notMeasured, type Row, shown } from "./measure.ts";

const FOLDER = fileURLToPath(new URL("./peers/", import.meta.url));
const INSTALL_MS_MAX = 300_000;
const PEER_MS_MAX = 300_000;

const PEERS = [
  { name: "tardis-dev", label: "tardis-dev 13.35.3", goal: 10 },
  { name: "hand-written", label: "JSON.parse + sorted typed arrays, hand-written", goal: 8 },
  { name: "ccxt", label: "ccxt pro 4.5.84", goal: 45 },
  { name: "node-binance-api", label: "node-binance-api 1.0.33 with touch", goal: 150 },
] as const;

type Outcome = { readonly ratio: number; readonly frameUs: number; readonly wrong: number };

function installPeers(): string {
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const child = spawnSync("npm", words, { cwd: FOLDER, encoding: "utf8", timeout: INSTALL_MS_MAX });
  return child.status === 0 ? "" : `npm ci ended with ${child.status}`;
}

function runPeer(name: string, { isQuick }: BenchOptions): Outcome | string {
  const words = ["--expose-gc", `${FOLDER}peer.ts`, name, ...(isQuick ? ["--quick"] : [])];
  const child = spawnSync(process.execPath, words, {
    cwd: FOLDER,
    encoding: "utf8",
    timeout: PEER_MS_MAX,
  });
  const line = child.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (child.status === 0 && line.startsWith("{")) return JSON.parse(line) as Outcome;
  const reason = child.stderr.split("\n").find((text) => text.includes("Error"));
  return `ended with ${child.status}: ${reason ?? "no reason given"}`;
}

export function peersBench(options: BenchOptions): Row[] {
  const refused = options.hasPeers ? installPeers() : "";
  const own = runPeer("reckoner", options);
  if (typeof own === "string") throw new Error(own);
  if (own.wrong > 0) throw new Error(`${own.wrong} of our books ended wrong`);
  return PEERS.map(({ name, label, goal }) => {
    const wanted = `>= ${goal} x its speed`;
    const needsInstall = name !== "hand-written";
    if (needsInstall && !options.hasPeers) {
      return notMeasured(4, label, wanted, "asked for with --peers");
    }
    if (needsInstall && refused !== "") return notMeasured(4, label, wanted, refused);
    const outcome = runPeer(name, options);
    if (typeof outcome === "string") return notMeasured(4, label, wanted, outcome);
    const { ratio, frameUs, wrong } = outcome;
    const note =
      `${shown(ratio)} x JSON.parse and ${shown(frameUs)} us a frame, ` +
      `we ${shown(own.ratio)} x and ${shown(own.frameUs)} us; ` +
      `${wrong === 0 ? "right touch" : `${wrong} WRONG books`}`;
    return atLeast(4, label, goal, ratio / own.ratio, "x", note);
  });
}
