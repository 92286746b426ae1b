/**
 * Station: a stretch of the numbered product -> every point of it told, and the totals.
 *
 * Nothing is kept between points, so a campaign goes on wherever an earlier one has stopped: `next` is the
 * number to begin with. It prints nothing and stops at nothing; what failed is listed by its number.
 */
import { assert } from "../../../contracts/assert.ts";
import { CRASH_MODELS } from "../disk/crash-models.ts";
import { CrashPointCatalog, nameOf } from "./catalog.ts";
import { type CrashPoint, type CrashPointResult, runCrashPoint } from "./crash-point.ts";

/** Failures that are told with their sentences; the rest is counted. */
const FAILURES_KEPT = 100;

export type CampaignOptions = {
  readonly seed: number;
  /** Points [from, to) of the product; `step` passes over those between. */
  readonly from: number;
  readonly to: number;
  readonly step?: number;
  /** Asked before each point; true ends the campaign there. */
  readonly mayStop?: () => boolean;
  /** Of this seed, where it is known already: to make one takes as long as seventy points. */
  readonly catalog?: CrashPointCatalog;
};

export type CampaignFailure = {
  readonly number: number;
  /** The story, the effect, the model, the seed: what tells the point again. */
  readonly point: string;
  readonly violations: readonly string[];
};

export type CampaignTotals = {
  readonly seed: number;
  /** Size of the whole product. */
  readonly product: number;
  readonly points: number;
  /** The first number that was not told. */
  readonly next: number;
  readonly violated: number;
  readonly failures: readonly CampaignFailure[];
  readonly lives: number;
  readonly orders: number;
  readonly trades: number;
  readonly crashes: Readonly<Record<string, number>>;
  readonly models: Readonly<Record<string, number>>;
  /** P01, P21 and the classes that the disk counts. */
  readonly injected: Readonly<Record<string, number>>;
  readonly probes: Readonly<Record<string, number>>;
};

type Counts = Record<string, number>;

/** Tells every point of a stretch, one after the other. */
export async function crashPointCampaign(options: CampaignOptions): Promise<CampaignTotals> {
  const { seed, from, step = 1, mayStop = () => false } = options;
  const catalog = options.catalog ?? (await CrashPointCatalog.make(seed));
  assert(catalog.seed === seed, "a catalog is of one seed");
  const to = Math.min(options.to, catalog.total);
  const totals = {
    seed,
    product: catalog.total,
    points: 0,
    next: from,
    violated: 0,
    failures: [] as CampaignFailure[],
    lives: 0,
    orders: 0,
    trades: 0,
    crashes: {} as Counts,
    models: Object.fromEntries(CRASH_MODELS.map((model) => [model, 0])) as Counts,
    injected: {} as Counts,
    probes: {} as Counts,
  };
  for (let number = from; number < to; number += step) {
    if (mayStop()) break;
    const point = catalog.pointAt(number);
    const result = await runCrashPoint(point);
    addResult(totals, point, result);
    totals.next = number + step;
    if (result.ok) continue;
    totals.violated++;
    if (totals.failures.length >= FAILURES_KEPT) continue;
    const { violations } = result;
    totals.failures.push({ number, point: describePoint(point), violations });
  }
  return totals;
}

/** A point in one line. */
export function describePoint({ story, boundary, model, seed, nested }: CrashPoint): string {
  const after = nested === 0 ? "" : `, and ${nested} more after it`;
  return `${nameOf(story)}: before effect ${boundary}, disk ${model}${after}, seed ${seed}`;
}

type Totals = {
  points: number;
  lives: number;
  orders: number;
  trades: number;
  readonly crashes: Counts;
  readonly models: Counts;
  readonly injected: Counts;
  readonly probes: Counts;
};

function addResult(totals: Totals, point: CrashPoint, result: CrashPointResult): void {
  totals.points++;
  totals.lives += result.lives;
  totals.orders += result.orders;
  totals.trades += result.trades;
  for (const kind of result.crashedAt) add(totals.crashes, kind, 1);
  for (const probe of result.probes) add(totals.probes, probe, 1);
  for (const [name, count] of Object.entries(result.injected)) add(totals.injected, name, count);
  add(totals.models, point.model, 1);
  add(totals.injected, "P01", Math.min(1, result.crashedAt.length));
  add(totals.injected, "P21", Math.max(0, result.crashedAt.length - 1));
}

function add(counts: Counts, name: string, count: number): void {
  if (count > 0) counts[name] = (counts[name] ?? 0) + count;
}
