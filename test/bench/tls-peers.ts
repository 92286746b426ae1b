/**
 * Processes of the black box: a certificate that all of them trust, a venue that measures, and the engines
 * that are measured. Each is a child that is told its part in its arguments and answers in JSON lines.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { selfSigned } from "./self-signed.ts";

export type Peer = {
  /** The next line that it prints, parsed; rejects when it ends before. */
  readonly answer: () => Promise<unknown>;
  readonly say: (text: string) => void;
  readonly stop: () => Promise<void>;
};

export type PeerRoom = {
  readonly folder: string;
  readonly start: (script: string, words: readonly string[]) => Peer;
  readonly close: () => Promise<void>;
};

/** A folder with key and certificate, and the children that were started on them. */
export function openPeers(): PeerRoom {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-bench-"));
  const { key, certificate } = selfSigned();
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
  writeFileSync(join(folder, "certificate.pem"), certificate);
  const peers: Peer[] = [];
  return {
    folder,
    start: (script, words) => {
      const peer = startPeer(folder, script, words);
      peers.push(peer);
      return peer;
    },
    close: async () => {
      await Promise.all(peers.map((peer) => peer.stop()));
      rmSync(folder, { recursive: true });
    },
  };
}

function startPeer(folder: string, script: string, words: readonly string[]): Peer {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ["--expose-gc", path, folder, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "certificate.pem") },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    answer: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${script} ended before it answered`);
      return JSON.parse(line.value) as unknown;
    },
    say: (text) => child.stdin.write(text),
    stop: () => stopPeer(child),
  };
}

async function stopPeer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}
