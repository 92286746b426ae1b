/**
 * Station: one account -> looks and cancels, until nothing is left or the time is over.
 *
 * A venue that fails, is slow or wants silence is asked again; only the deadline ends the work undone. What is
 * said at the end is what the last look saw, never what was hoped for.
 */
import type { Micros } from "../../contracts/time.ts";
import { US_PER_MS } from "../../contracts/time.ts";
import type { CancelClient } from "./client.ts";
import { type AccountResult, nameOf, type OpenOrder, wanted } from "./logic.ts";
import { VenueError } from "./venue-http.ts";

export type SweepPorts = {
  readonly nowUs: () => Micros;
  readonly pause: (ms: number) => Promise<void>;
};

export type Sweep = {
  readonly isEverything: boolean;
  readonly deadlineUs: Micros;
};

/** Empty looks that make an account clean, and what lies between them. */
const EMPTY_LOOKS = 2;
const CONFIRM_MS = 2_000;
/** Between a round of cancels and the look at what they did. */
const ROUND_MS = 250;
const TROUBLE_MS = 500;
/** Cancels under way at once: quick, and far below every venue's limit. */
const LANES = 4;

export type SweepResult = Omit<AccountResult, "engine" | "venue">;

/** Takes back the open orders of the account of `client`. */
export async function sweep(
  client: CancelClient,
  { isEverything, deadlineUs }: Sweep,
  { nowUs, pause }: SweepPorts,
): Promise<SweepResult> {
  const canceled = new Set<string>();
  const met = new Set<string>();
  let seen: Seen = { left: [], foreignCount: 0, trouble: "", waitMs: 0 };
  let emptyCount = 0;
  const resultOf = (outcome: "clean" | "left"): SweepResult => ({
    outcome,
    canceled: [...canceled].sort(),
    gone: [...met].filter((name) => !canceled.has(name) && !isLeft(name)).sort(),
    left: seen.left.map(nameOf).sort(),
    foreignCount: seen.foreignCount,
    trouble: seen.trouble,
  });
  const isLeft = (name: string): boolean => seen.left.some((order) => nameOf(order) === name);
  for (;;) {
    seen = await round(client, isEverything, seen, canceled);
    for (const order of seen.left) met.add(nameOf(order));
    // What we could not see is not clean.
    emptyCount = seen.left.length === 0 && seen.trouble === "" ? emptyCount + 1 : 0;
    if (emptyCount >= EMPTY_LOOKS) return resultOf("clean");
    if (nowUs() + seen.waitMs * US_PER_MS >= deadlineUs) return resultOf("left");
    await pause(seen.waitMs);
  }
}

/** What the last look saw, and how long to wait before the next. */
type Seen = {
  readonly left: readonly OpenOrder[];
  readonly foreignCount: number;
  readonly trouble: string;
  readonly waitMs: number;
};

/** One look, and the cancels of what it found. After trouble what was seen before still stands. */
async function round(
  client: CancelClient,
  isEverything: boolean,
  before: Seen,
  canceled: Set<string>,
): Promise<Seen> {
  let { left, foreignCount } = before;
  try {
    const open = await client.list();
    left = wanted(open, isEverything);
    foreignCount = open.length - left.length;
    if (left.length === 0) return { left, foreignCount, trouble: "", waitMs: CONFIRM_MS };
    if (isEverything) {
      await client.cancelEverything(left);
      for (const order of left) canceled.add(nameOf(order));
    } else {
      await cancelEach(client, left, canceled);
    }
    return { left, foreignCount, trouble: "", waitMs: ROUND_MS };
  } catch (error) {
    const isVenues = error instanceof VenueError;
    const trouble = isVenues ? error.message : String(error);
    const waitMs = Math.max(TROUBLE_MS, isVenues ? error.waitMs : 0);
    return { left, foreignCount, trouble, waitMs };
  }
}

/** Cancels one by one, so that nobody else's order is touched; the first trouble is thrown at the end. */
async function cancelEach(
  client: CancelClient,
  orders: readonly OpenOrder[],
  canceled: Set<string>,
): Promise<void> {
  const troubles: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let order = orders[next++]; order !== undefined; order = orders[next++]) {
      try {
        if ((await client.cancel(order)) === "canceled") canceled.add(nameOf(order));
      } catch (error) {
        troubles.push(error);
        // A venue that wants silence gets it from every lane.
        if (error instanceof VenueError && error.waitMs > 0) next = orders.length;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (troubles.length > 0) throw troubles[0];
}
