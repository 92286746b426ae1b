/**
 * Moving a segment through zstd a piece at a time, so that neither memory nor the recorder's turn
 * grows with the segment. The work of compression itself happens on the runtime's pool threads.
 *
 * Level 3 because a level above bought nothing on recorded frames; the frame's own checksum is not
 * relied upon, a sha256 of both sides is.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { type Disk, temporaryName, writeAll } from "./disk.ts";
import type { SealedBytes } from "./manifest.ts";

/**
 * One piece in and one piece out. Each costs a turn of the event loop, which the recorder's commits
 * use as well, so small ones would starve sealing just when there is most to seal.
 */
const CHUNK_BYTES = 512 * 1024;
const ZSTD_LEVEL = 3;
/** Written bytes are pushed out at this step, so that no single fsync has much to do. */
const SYNC_EVERY_BYTES = 4 * 1024 * 1024;

/** Compresses `source` into the file `to`, durably and under a temporary name until whole. */
export async function compressInto(
  disk: Disk,
  source: Iterable<Uint8Array>,
  to: string,
): Promise<SealedBytes> {
  const raw = createHash("sha256");
  const compressed = createHash("sha256");
  const temporary = temporaryName(to);
  const handle = disk.open(temporary, "replace");
  let written = 0;
  try {
    await pipeline(
      hashed(source, raw),
      createZstdCompress({
        chunkSize: CHUNK_BYTES,
        params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
      }),
      async (pieces: AsyncIterable<Buffer>) => {
        let unsynced = 0;
        for await (const piece of pieces) {
          compressed.update(piece);
          writeAll(disk, handle, piece, written);
          written += piece.length;
          unsynced += piece.length;
          if (unsynced < SYNC_EVERY_BYTES) continue;
          disk.sync(handle);
          unsynced = 0;
        }
      },
    );
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
  disk.rename(temporary, to);
  disk.syncDirectory(path.dirname(to));
  return {
    sha256: raw.digest("hex"),
    compressedBytes: written,
    compressedSha256: compressed.digest("hex"),
  };
}

/** Decompresses `file` piece by piece into `take`; returns the sha256 of all pieces. */
export async function decompressFrom(
  disk: Disk,
  file: string,
  take: (piece: Uint8Array) => void,
): Promise<string> {
  const raw = createHash("sha256");
  await pipeline(
    fileChunks(disk, file),
    createZstdDecompress({ chunkSize: CHUNK_BYTES }),
    async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) {
        raw.update(piece);
        take(piece);
      }
    },
  );
  return raw.digest("hex");
}

/** A whole compressed file at once; throws when it is not zstd or holds more than `bytesMax`. */
export function decompressWhole(compressed: Uint8Array, bytesMax: number): Uint8Array {
  return zstdDecompressSync(compressed, { maxOutputLength: Math.max(bytesMax, 1) });
}

/** The sha256 of `bytes` in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The file's bytes in pieces of their own memory. */
export function* fileChunks(disk: Disk, file: string): Generator<Uint8Array> {
  const handle = disk.open(file, "read");
  try {
    for (let position = 0; ; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const bytes = disk.read(handle, chunk, position);
      if (bytes === 0) return;
      position += bytes;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    disk.close(handle);
  }
}

/** Pieces that a pipeline may hold at once: being read, waiting, and being compressed; and one more. */
const POOL_CHUNKS = 4;

/**
 * As `fileChunks`, in a few buffers that are used again and again: at a steady load sealing would leave
 * 16 MB of garbage outside the heap for every segment, and the process would grow by it. A piece is
 * overwritten four pieces later; that nobody held it so long is proved by reading the result back.
 */
export function* pooledChunks(disk: Disk, file: string): Generator<Uint8Array> {
  const pool = Array.from({ length: POOL_CHUNKS }, () => new Uint8Array(CHUNK_BYTES));
  const handle = disk.open(file, "read");
  try {
    for (let position = 0, turn = 0; ; turn++) {
      const chunk = pool[turn % POOL_CHUNKS] as Uint8Array;
      const bytes = disk.read(handle, chunk, position);
      if (bytes === 0) return;
      position += bytes;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    disk.close(handle);
  }
}

function* hashed(
  source: Iterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): Generator<Uint8Array> {
  for (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
