/**
 * Station: every text that leaves the engine -> whether the intents of the orders in it were on the disk.
 *
 * Journal before wire (invariant 3), looked at from outside: the log is read back from the very disk, and
 * where intents are synced, from what a dead machine would leave of it.
 */
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import { parseClientId } from "../../../hotpath/core/order/client-id.ts";
import { readIntents } from "../../../hotpath/io/trade/intent-reader.ts";
import { tradingFiles } from "../../../hotpath/recover.ts";
import { Random } from "../../venues/market/random.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { STORY_ROOT } from "./story-config.ts";

const CLIENT_ID = new RegExp(`${CLIENT_ID_PREFIX}[0-9a-z]{5}-[0-9a-z]{8}`, "g");

export class IntentWatch {
  readonly #isSynced: boolean;
  readonly #violations: string[];
  readonly #onOrder: () => void;
  readonly #seen = new Set<string>();
  /** That of the life that runs: what it names with an older one it has not placed. */
  readonly #fence: () => number;

  /** `onOrder` is called for each order of the life that runs, when it is about to leave. */
  constructor(isSynced: boolean, fence: () => number, violations: string[], onOrder: () => void) {
    this.#isSynced = isSynced;
    this.#fence = fence;
    this.#violations = violations;
    this.#onOrder = onOrder;
  }

  onText(text: string, disk: VirtualDisk): void {
    for (const [clientId] of text.matchAll(CLIENT_ID)) {
      if (this.#seen.has(clientId) || parseClientId(clientId)?.fence !== this.#fence()) continue;
      this.#seen.add(clientId);
      this.#onOrder();
      if (!isOnDisk(disk, clientId)) {
        this.#violations.push(`${clientId} left before its intent was on the disk`);
      } else if (
        this.#isSynced &&
        !isOnDisk(disk.crash("stale", new Random(0, "look")), clientId)
      ) {
        this.#violations.push(`${clientId} left before its intent was durable`);
      }
    }
  }
}

/** Client ids of the intents that can be read from a disk. */
export function intentsOn(disk: VirtualDisk): string[] {
  const read = readIntents(tradingFiles(STORY_ROOT).intents, 0, disk);
  return read.kind === "read" ? read.orders.map(({ clientId }) => clientId) : [];
}

function isOnDisk(disk: VirtualDisk, clientId: string): boolean {
  return intentsOn(disk).includes(clientId);
}
