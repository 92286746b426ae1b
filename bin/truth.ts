/**
 * Station: the engine's books and the simulated venues' truth -> how many are equal, how many wrong.
 *
 * A live book is compared level by level with the truth at its own sequence. Books that are not live
 * claim nothing and are left out. Only the simulated venues know a truth; a live feed has none.
 */
import type { BookView } from "../contracts/book-view.ts";
import type { EngineStatus } from "../contracts/status.ts";
import { askLoopback } from "./loopback.ts";

export type TruthAddresses = {
  /** The engine's admin port, `http://127.0.0.1:PORT`. */
  readonly admin: string;
  /** The simulated venues' control port. */
  readonly control: string;
};

export type WrongBook = {
  readonly instrument: string;
  readonly seq: number;
  /** The first differing levels, as the venue reports them. */
  readonly differences: unknown;
};

export type Comparison = {
  /** Live books whose sequence the venue still knew: compared, hence either equal or wrong. */
  compared: number;
  /** Live books whose sequence the venue no longer, or not yet, knew. */
  unknownSequence: number;
  /** Requests without a usable answer; a comparison that did not take place. */
  unanswered: number;
  readonly wrong: WrongBook[];
};

/** An empty comparison, to be added to. */
export function noComparison(): Comparison {
  return { compared: 0, unknownSequence: 0, unanswered: 0, wrong: [] };
}

/** Compares every book that `status` calls live and adds what was found to `total`. */
export async function compareLiveBooks(
  addresses: TruthAddresses,
  status: EngineStatus,
  total: Comparison,
): Promise<void> {
  for (const { instrument, state } of status.books) {
    if (state === "live") await compareBook(addresses, instrument, total);
  }
}

/** Compares one book with the truth at its sequence and adds what was found to `total`. */
export async function compareBook(
  addresses: TruthAddresses,
  instrument: string,
  total: Comparison,
): Promise<void> {
  const answer = await askLoopback(`${addresses.admin}/books/${encodeURIComponent(instrument)}`);
  if (!(answer.ok && answer.status === 200)) {
    total.unanswered++;
    return;
  }
  const book = answer.body as BookView;
  // It may have become void since the status was taken; then it claims nothing.
  if (book.state !== "live") return;
  const { seq, bids, asks, bidHorizonTicks, askHorizonTicks } = book;
  const separator = instrument.indexOf(":");
  const verdict = await askLoopback(`${addresses.control}/compare`, {
    venue: instrument.slice(0, separator),
    symbol: instrument.slice(separator + 1),
    seq,
    bids,
    asks,
    bidHorizonTicks,
    askHorizonTicks,
  });
  addVerdict(total, book, verdict.ok ? verdict.body : null);
}

function addVerdict(total: Comparison, book: BookView, body: unknown): void {
  const answer = typeof body === "object" && body !== null ? body : {};
  const verdict = "verdict" in answer ? answer.verdict : "";
  switch (verdict) {
    case "equal":
      total.compared++;
      return;
    case "different": {
      total.compared++;
      const differences = "differences" in answer ? answer.differences : [];
      total.wrong.push({ instrument: book.instrument, seq: book.seq, differences });
      return;
    }
    case "unknownSequence":
      total.unknownSequence++;
      return;
    default:
      total.unanswered++;
  }
}

/** The records of all faults that the simulated venues have injected; empty when they are silent. */
export async function injectedFaults(control: string): Promise<readonly unknown[]> {
  const answer = await askLoopback(`${control}/faults`);
  return answer.ok && answer.status === 200 && Array.isArray(answer.body) ? answer.body : [];
}
