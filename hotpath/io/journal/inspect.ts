/**
 * What a run's directory holds, judged without changing it: recovery and readers both begin here.
 *
 *   | mark | ... | mark |  torn group   <- after the last mark, never acknowledged: tail
 *                  ^ head: acknowledged up to here; anything wrong before it is damage
 *
 * The rule in three lines. What follows the last good mark is tail. Damage at or before the place
 * the head file acknowledges refuses. So does damage with two good marks behind it: at most one
 * group is in flight, so the first of the two had been made durable and something spoiled it since.
 */
import path from "node:path";
import {
  CHAIN_BYTES,
  RECORD_TYPES,
  type RecordTypeTable,
  type SegmentManifest,
} from "../../../contracts/journal.ts";
import type { Disk } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { decodeHead, HEAD_FILE, type Head } from "./head.ts";
import { decodeManifest, fromHex } from "./manifest.ts";
import { countMarks, type SegmentSummary, scanSegment } from "./scan.ts";
import {
  decodeSegmentHeader,
  newerFormatReason,
  type SegmentHeader,
  segmentFiles,
  segmentOfFile,
} from "./segment.ts";

export type InspectedSegment =
  | { readonly kind: "open"; readonly summary: SegmentSummary }
  | { readonly kind: "sealed" | "kept"; readonly manifest: SegmentManifest };

/** Bytes after the last good mark of the last segment. */
export type Tail = {
  readonly segment: number;
  /** Where the tail begins; 0 when not even the segment's header is whole. */
  readonly fromOffset: number;
  readonly bytes: number;
};

export type Inspection = {
  readonly head: Head;
  readonly segments: readonly InspectedSegment[];
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The chained hash after `lastSeq`. */
  readonly chain: Uint8Array;
  readonly tail: Tail | null;
};

export type InspectResult = { readonly ok: true; readonly inspection: Inspection } | Failure;

/** What the next segment must continue. */
type Place = { readonly nextSeq: number; readonly chain: Uint8Array };

/** Judges the run in `directory`. Sealed segments are judged by their manifests only. */
export function inspectJournal(
  disk: Disk,
  directory: string,
  table: RecordTypeTable = RECORD_TYPES,
): InspectResult {
  try {
    const names = disk.list(directory);
    const head = readHead(disk, directory, names);
    if (!head.ok) return head;
    return new Inspector(disk, directory, names, head.head, table).run();
  } catch (thrown) {
    return failure("disk", directory, -1, messageOf(thrown));
  }
}

class Inspector {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #names: ReadonlySet<string>;
  readonly #head: Head;
  readonly #table: RecordTypeTable;
  readonly #segments: InspectedSegment[] = [];
  readonly #last: number;
  #place: Place | null = null;
  #tail: Tail | null = null;

  constructor(
    disk: Disk,
    directory: string,
    names: readonly string[],
    head: Head,
    table: RecordTypeTable,
  ) {
    this.#disk = disk;
    this.#directory = directory;
    this.#names = new Set(names);
    this.#head = head;
    this.#table = table;
    this.#last = Math.max(0, ...names.map(segmentOfFile));
  }

  run(): InspectResult {
    for (let number = 1; number <= this.#last; number += 1) {
      const failed = this.#inspectSegment(number);
      if (failed !== null) return failed;
    }
    const first = this.#segments[0];
    const nextSeq = this.#place?.nextSeq ?? this.#head.ackedSeq + 1;
    if (this.#head.ackedSeq >= nextSeq || this.#head.segment > this.#last) {
      const file = segmentFiles(Math.max(this.#head.segment, 1)).open;
      const reason = `sequence ${this.#head.ackedSeq} was acknowledged, ${nextSeq - 1} is the last found`;
      return failure("missing", this.#path(file), this.#head.offset, reason);
    }
    return {
      ok: true,
      inspection: {
        head: this.#head,
        segments: this.#segments,
        firstSeq: first === undefined ? nextSeq : firstSeqOf(first),
        lastSeq: nextSeq - 1,
        chain: this.#place?.chain ?? new Uint8Array(CHAIN_BYTES),
        tail: this.#tail,
      },
    };
  }

  #inspectSegment(number: number): Failure | null {
    const files = segmentFiles(number);
    // The order matters: each step of sealing and of retention makes the next file whole before it
    // removes the one before, so of two the one further along (or the untouched one) counts.
    if (this.#names.has(files.keptManifest)) {
      return this.#inspectManifest(number, files.keptManifest, files.kept, "kept");
    }
    if (this.#names.has(files.open)) return this.#inspectOpen(number, files.open);
    if (this.#names.has(files.manifest)) {
      return this.#inspectManifest(number, files.manifest, files.sealed, "sealed");
    }
    return failure("missing", this.#path(files.open), -1, `segment ${number} is missing`);
  }

  #inspectManifest(
    number: number,
    file: string,
    data: string,
    kind: "sealed" | "kept",
  ): Failure | null {
    const read = decodeManifest(this.#disk.readWhole(this.#path(file)));
    if (read.kind !== "manifest") return failure(read.kind, this.#path(file), 0, read.reason);
    const { manifest } = read;
    const refused = this.#checkPlace(file, number, {
      runId: manifest.runId,
      segment: manifest.segment,
      firstSeq: manifest.firstSeq,
      chain: fromHex(manifest.chainStart),
    });
    if (refused !== null) return refused;
    const bytes = this.#disk.sizeBytes(this.#path(data));
    if (bytes < 0) return failure("missing", this.#path(data), -1, `segment ${number} is missing`);
    if (bytes !== manifest.compressedBytes) {
      const reason = `${bytes} bytes where the manifest says ${manifest.compressedBytes}`;
      return failure("damaged", this.#path(data), bytes, reason);
    }
    this.#segments.push({ kind, manifest });
    this.#place = { nextSeq: manifest.lastSeq + 1, chain: fromHex(manifest.chainEnd) };
    return null;
  }

  #inspectOpen(number: number, file: string): Failure | null {
    const bytes = this.#disk.readWhole(this.#path(file));
    const read = decodeSegmentHeader(bytes);
    if (read.kind === "newer") {
      return failure("newer", this.#path(file), 0, newerFormatReason(read.formatVersion));
    }
    if (read.kind === "damaged") return this.#onBrokenHeader(number, file, bytes, read.reason);
    const refused = this.#checkPlace(file, number, read.header);
    if (refused !== null) return refused;
    if (read.header.kept) {
      return failure(
        "foreign",
        this.#path(file),
        0,
        "a rewritten segment under an original's name",
      );
    }
    const { summary, stop } = scanSegment(bytes, read.header, this.#table);
    if (stop !== null) {
      if (stop.code === "newer" || !this.#isTail(number, bytes, summary.bytes)) {
        return failure(stop.code, this.#path(file), stop.offset, stop.reason);
      }
      const fromOffset = summary.bytes;
      this.#tail = { segment: number, fromOffset, bytes: bytes.length - fromOffset };
    }
    this.#segments.push({ kind: "open", summary });
    this.#place = { nextSeq: summary.lastSeq + 1, chain: summary.chainEnd };
    return null;
  }

  /** A last segment that never got as far as an acknowledged group may lack even its header. */
  #onBrokenHeader(number: number, file: string, bytes: Uint8Array, reason: string): Failure | null {
    if (!this.#isTail(number, bytes, 0) || countMarks(bytes, 0, number) > 0) {
      return failure("damaged", this.#path(file), 0, reason);
    }
    this.#tail = { segment: number, fromOffset: 0, bytes: bytes.length };
    return null;
  }

  #isTail(number: number, bytes: Uint8Array, goodBytes: number): boolean {
    if (number !== this.#last || number < this.#head.segment) return false;
    if (number === this.#head.segment && goodBytes < this.#head.offset) return false;
    return countMarks(bytes, goodBytes, number) <= 1;
  }

  #checkPlace(
    file: string,
    number: number,
    found: Pick<SegmentHeader, "runId" | "segment" | "firstSeq" | "chain">,
  ): Failure | null {
    const reason = this.#misplaced(number, found);
    return reason === undefined ? null : failure("foreign", this.#path(file), 0, reason);
  }

  #misplaced(
    number: number,
    found: Pick<SegmentHeader, "runId" | "segment" | "firstSeq" | "chain">,
  ): string | undefined {
    if (found.runId !== this.#head.runId) {
      return `segment of run ${found.runId} in run ${this.#head.runId}`;
    }
    if (found.segment !== number) return `segment ${found.segment} under the name of ${number}`;
    const nextSeq = this.#place?.nextSeq ?? found.firstSeq;
    if (found.firstSeq !== nextSeq) {
      return `segment begins at ${found.firstSeq} where ${nextSeq} is due`;
    }
    const chain = this.#place?.chain ?? new Uint8Array(CHAIN_BYTES);
    return Buffer.compare(chain, found.chain) === 0
      ? undefined
      : "segment does not continue the chained hash before it";
  }

  #path(name: string): string {
    return path.join(this.#directory, name);
  }
}

/** First sequence of a segment. */
export function firstSeqOf(segment: InspectedSegment): number {
  return segment.kind === "open" ? segment.summary.firstSeq : segment.manifest.firstSeq;
}

/** Last sequence of a segment; before the first while it is empty. */
export function lastSeqOf(segment: InspectedSegment): number {
  return segment.kind === "open" ? segment.summary.lastSeq : segment.manifest.lastSeq;
}

function readHead(
  disk: Disk,
  directory: string,
  names: readonly string[],
): { readonly ok: true; readonly head: Head } | Failure {
  const file = path.join(directory, HEAD_FILE);
  if (!names.includes(HEAD_FILE)) return failure("missing", file, -1, "there is no head file");
  const read = decodeHead(disk.readWhole(file));
  if (read.kind === "newer")
    return failure("newer", file, 0, newerFormatReason(read.formatVersion));
  if (read.kind === "unreadable") return failure("damaged", file, 0, "neither slot can be read");
  return { ok: true, head: read.head };
}
