/**
 * Station: a virtual disk -> the same disk, which tells of every intent before its order can leave.
 *
 * What the checkers know of the engine they know from what it writes, read by the decoder of recovery.
 */
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import { decodeIntent } from "../../../hotpath/io/trade/intent-record.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";

/** Lets `onIntent` hear of each intent that `disk` has taken whole. */
export function watchIntents(disk: VirtualDisk, onIntent: (order: PlaceOrder) => void): void {
  const append = disk.append.bind(disk);
  disk.append = (handle, bytes, length) => {
    const written = append(handle, bytes, length);
    if (written === length) {
      const decoded = decodeIntent(bytes.subarray(0, length), 0);
      if (decoded.kind === "order") onIntent(decoded.order);
    }
    return written;
  };
}
