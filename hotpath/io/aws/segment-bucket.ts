/**
 * The bucket of sealed segments: objects that are written once, under derived keys, and looked at afterwards.
 *
 * `If-None-Match` is sent and not relied upon: an object that is there already must be this very one, by
 * length and sha256, and that is what counts. Nothing is ever deleted from here.
 */
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { bucketName } from "../../../contracts/resources.ts";
import { awsReason, DONE } from "./outcome.ts";

/** The stand-in for S3 refuses what is larger, and so do we everywhere (contracts/archive.ts). */
export const OBJECT_BYTES_MAX = 8_000_000;

export type SealedObject = {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Hex sha256 of `bytes`. */
  readonly sha256: string;
  readonly contentType: string;
};

export type PutOutcome =
  | { readonly ok: true }
  /** `isTaken` where another object stands under the key, which is never replaced. */
  | { readonly ok: false; readonly reason: string; readonly isTaken?: true };

export type SegmentBucket = {
  /** Puts the object and has the bucket confirm it. */
  readonly put: (object: SealedObject) => Promise<PutOutcome>;
};

/** The archive's bucket of the deployment `prefix` at `place`. */
export function createSegmentBucket(
  client: S3Client,
  prefix: string,
  place: string,
): SegmentBucket {
  const Bucket = bucketName(prefix, "archive", place);
  return {
    async put({ key: Key, bytes, sha256, contentType }) {
      let reason = "";
      try {
        await client.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body: bytes,
            ContentType: contentType,
            ContentLength: bytes.length,
            Metadata: { sha256 },
            IfNoneMatch: "*",
          }),
        );
      } catch (thrown) {
        // Refused because it exists, or failed half way: the look decides which.
        reason = awsReason(thrown);
      }
      return await confirm(client, { Bucket, Key }, { bytes: bytes.length, sha256 }, reason);
    },
  };
}

async function confirm(
  client: S3Client,
  place: { readonly Bucket: string; readonly Key: string },
  wanted: { readonly bytes: number; readonly sha256: string },
  putReason: string,
): Promise<PutOutcome> {
  try {
    const head = await client.send(new HeadObjectCommand(place));
    const isSame = head.ContentLength === wanted.bytes && head.Metadata?.sha256 === wanted.sha256;
    if (isSame) return DONE;
    const reason = `${place.Key} is another object than the one to be put`;
    return { ok: false, reason, isTaken: true };
  } catch (thrown) {
    const reason = putReason === "" ? awsReason(thrown) : putReason;
    return { ok: false, reason: `put ${place.Key}: ${reason}` };
  }
}
