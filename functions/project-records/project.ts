/**
 * Station: the body of one message of the queue of records -> items of history, or an error that brings the
 * message back.
 *
 * Every put is conditional on a version that follows from the fact, so a message may come any number of
 * times, in any order, half done before, or to two invocations at once. A message of which one fact
 * cannot be believed is refused whole: it goes to the dead-letter queue, and nothing else waits for it.
 */
import { parseFactBatch } from "../../contracts/schema/fact.ts";
import type { Log } from "../platform/log.ts";
import type { Meter } from "../platform/metrics.ts";
import type { HistoryStore } from "../stores/history-store.ts";
import { itemsOf } from "./logic.ts";

export type ProjectPorts = {
  readonly history: Pick<HistoryStore, "put">;
  readonly log: Log;
  readonly meter: Pick<Meter, "count">;
};

/** A message that cannot be believed; the message of the error says where. */
export class PoisonError extends Error {
  override readonly name = "PoisonError";
}

/** Puts the facts of `body`; throws `PoisonError` where they cannot be read, or the store's error. */
export async function projectMessage(ports: ProjectPorts, body: string): Promise<void> {
  const parse = parseFactBatch(jsonOf(body));
  if (!parse.ok) {
    ports.meter.count("MessagesRefused");
    ports.log.error("message refused", { field: parse.field, reason: parse.reason });
    throw new PoisonError(`${parse.field}: ${parse.reason}`);
  }
  const written = await ports.history.put(itemsOf(parse.value));
  ports.meter.count("FactsReceived", parse.value.length);
  ports.meter.count("FactsWritten", written);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
