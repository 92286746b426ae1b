/**
 * Budget 23: a million records, from sealed segments below 8 MB each, to Parquet in the archive.
 *
 * Half of the records are frames as a venue sends them, half what was normalized from them, written and sealed by
 * the production writer and put into the embedded S3. The deployed handler then runs in a process of its own,
 * one notice an invocation as in the cloud; its time holds every request to S3, its memory is the peak of that
 * process with all it has imported.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { ARCHIVE_SCHEMA_VERSION, type SegmentUpload } from "../../contracts/archive.ts";
import { CLASS_NORM, CLASS_RAW } from "../../contracts/journal.ts";
import { segmentFactsKey, segmentManifestKey, segmentObjectKey } from "../../contracts/keys.ts";
import {
  type ArchiveStore,
  createArchiveStore,
  sha256Of,
} from "../../functions/stores/archive-store.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { sealSegment } from "../../hotpath/io/journal/seal.ts";
import { segmentFiles } from "../../hotpath/io/journal/segment.ts";
import { startAwsRig } from "../fixtures/aws/rig.ts";
import { sampleFact } from "../fixtures/facts.ts";
import { newWriter, normPayload, rawPayload, recordOf } from "../hotpath/io/journal/fixture.ts";
import { atMost, type BenchOptions, type Row } from "./measure.ts";

const RECORDS = 1_000_000;
const SEGMENTS = 5;
const FACTS_PER_SEGMENT = 2_000;
const GROUP_RECORDS = 1_000;
const OBJECT_BYTES_MAX = 8_000_000;
const SECONDS_MAX = 5;
const MEGABYTES_MAX = 400;
const CHILD = fileURLToPath(new URL("./compaction-child.ts", import.meta.url));
const RUN_ID = "run-bench";

/** What the child says of itself. */
export type CompactionFigures = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
};

/** Runs the bench; `--quick` takes a tenth of the records and scales nothing. */
export async function compactionBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const records = isQuick ? RECORDS / 10 : RECORDS;
  const rig = await startAwsRig();
  try {
    const store = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
    const { keys, bytesMax } = await uploadRun(store, records / SEGMENTS);
    const figures = await compact(rig.environment, keys);
    const note =
      `${figures.cpuSeconds.toFixed(1)} s of processor, ${SEGMENTS} segments up to ` +
      `${(bytesMax / 1e6).toFixed(1)} MB${isQuick ? `, only ${records} records` : ""}`;
    return [
      atMost(23, "compaction of 1 M records", SECONDS_MAX, figures.seconds, "s", note),
      atMost(23, "its memory, whole process", MEGABYTES_MAX, figures.peakMegabytes, "MB"),
    ];
  } finally {
    await rig.stop();
  }
}

/** Writes, seals and uploads the segments; the keys of their manifests. */
async function uploadRun(
  store: ArchiveStore,
  perSegment: number,
): Promise<{ readonly keys: readonly string[]; readonly bytesMax: number }> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-compaction-"));
  try {
    // Nothing is measured here, so nothing has to be durable.
    const options = { sync: "off", segmentBytes: 1024 ** 3 } as const;
    const writer = newWriter(realDisk, root, RUN_ID, options);
    const directory = path.join(root, RUN_ID);
    const keys: string[] = [];
    let bytesMax = 0;
    for (let segment = 1; segment <= SEGMENTS; segment += 1) {
      for (let group = 0; group < perSegment / GROUP_RECORDS; group += 1) {
        for (let index = 0; index < GROUP_RECORDS; index += 1) {
          const record = benchRecord(writer.nextSeq);
          writer.append(record, 0, record.length);
        }
        if (writer.commit(writer.nextSeq) !== null) throw new Error("the disk is full");
      }
      const summary = writer.endSegment();
      if (summary === null) throw new Error("the segment has records");
      const manifest = await sealSegment(realDisk, directory, RUN_ID, summary);
      const packed = fs.readFileSync(path.join(directory, segmentFiles(segment).sealed));
      if (packed.length > OBJECT_BYTES_MAX) throw new Error(`${packed.length} bytes are too many`);
      bytesMax = Math.max(bytesMax, packed.length);
      const facts = twinOf(segment);
      const upload: SegmentUpload = {
        schemaVersion: ARCHIVE_SCHEMA_VERSION,
        engine: "paper",
        manifest,
        facts: { count: FACTS_PER_SEGMENT, bytes: facts.length, sha256: sha256Of(facts) },
      };
      const key = segmentManifestKey("paper", RUN_ID, segment);
      await store.putOnce(segmentFactsKey("paper", RUN_ID, segment), facts);
      await store.putOnce(segmentObjectKey("paper", RUN_ID, segment), packed);
      await store.putOnce(key, new TextEncoder().encode(JSON.stringify(upload)));
      keys.push(key);
    }
    writer.close();
    return { keys, bytesMax };
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}

function twinOf(segment: number): Uint8Array {
  const lines = Array.from({ length: FACTS_PER_SEGMENT }, (_, index) => {
    const n = segment * FACTS_PER_SEGMENT + index;
    return `${JSON.stringify(sampleFact("fill", n, { run_id: RUN_ID }))}\n`;
  });
  return zstdCompressSync(lines.join(""));
}

let state = 12_345;
let priceCents = 6_000_000;

/** A number that looks drawn and is the same at every run. */
function draw(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return state % below;
}

/** Odd records are frames of about 220 bytes, even ones what was read from the frame before. */
function benchRecord(seq: number): Uint8Array {
  if (seq % 2 === 0) {
    const numbers = [40_090_021_700 + seq, 40_090_021_703 + seq, 1, 1, priceCents, draw(1e6), 0, 3];
    return recordOf(seq, { classCode: CLASS_NORM, type: 1 }, normPayload(seq, seq - 1, numbers));
  }
  priceCents += draw(21) - 10;
  const [bid, ask] = [priceCents, priceCents + 1].map((cents) => (cents / 100).toFixed(2));
  const [more, less] = [draw(1e6), draw(1e6)].map((lots) => (lots / 1e5).toFixed(5));
  const frame =
    `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${1_763_000_000_000 + seq},` +
    `"s":"BTCUSDT","U":${40_090_021_700 + seq},"u":${40_090_021_703 + seq},` +
    `"b":[["${bid}","${more}"]],"a":[["${ask}","${less}"]]}}`;
  return recordOf(seq, { classCode: CLASS_RAW, type: 1 }, rawPayload(frame));
}

/** Runs the handler over `keys` in a process of its own. */
async function compact(
  environment: Readonly<Record<string, string>>,
  keys: readonly string[],
): Promise<CompactionFigures> {
  const child = spawn(process.execPath, [CHILD, ...keys], {
    env: {
      ...process.env,
      ...environment,
      // As lib/control-stack.ts deploys it.
      NODE_OPTIONS: "--enable-source-maps --max-semi-space-size=4",
      POWERTOOLS_LOG_LEVEL: "SILENT",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the compaction ended with ${code}`);
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as CompactionFigures;
}
