/**
 * One table of the simulator: items by their key, partitions in the order of their sort keys, and indexes.
 *
 * Every item remembers what it was for the last seconds, so that a read which is not strongly consistent can
 * be answered with the past. It knows neither the wire nor faults: time comes with each call.
 */
import type { TablePlan } from "../../../contracts/resources.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Item } from "./attribute.ts";
import { invalid } from "./sdk-error.ts";

/** How far back an eventually consistent read may see (RELIABILITY C05). */
export const STALE_US_MAX = 2_000_000;

type Version = { readonly atUs: Micros; readonly item: Item | undefined };

/** Where one item stands, with its present and its near past. */
class Slot {
  readonly pk: string;
  readonly sk: string;
  #versions: Version[] = [];

  constructor(pk: string, sk: string) {
    this.pk = pk;
    this.sk = sk;
  }

  get item(): Item | undefined {
    return this.#versions.at(-1)?.item;
  }

  put(item: Item | undefined, atUs: Micros): void {
    const kept = this.#versions.filter((_, n) => {
      const next = this.#versions[n + 1];
      return next === undefined || next.atUs > atUs - STALE_US_MAX;
    });
    this.#versions = [...kept, { atUs, item }];
  }

  /** What stood here at `atUs`. */
  at(atUs: Micros): Item | undefined {
    return this.#versions.findLast((version) => version.atUs <= atUs)?.item;
  }
}

export type PageQuestion = {
  /** Undefined for the table itself. */
  readonly index: string | undefined;
  readonly partition: string;
  readonly isForward: boolean;
  /** The sort key after which it begins. */
  readonly after: string | undefined;
  readonly limit: number;
  /** The moment that is looked at: now, or a little before. */
  readonly atUs: Micros;
  readonly isWanted: (item: Item) => boolean;
};

export type TablePage = {
  readonly items: readonly Item[];
  /** The last item that was looked at, where there may be more. */
  readonly last: Item | undefined;
};

export class VirtualTable {
  readonly plan: TablePlan;
  readonly #slots = new Map<string, Slot>();
  /** By index ("" for the table) and partition: slots in the order of their sort keys. */
  readonly #partitions = new Map<string, Slot[]>();

  constructor(plan: TablePlan) {
    this.plan = plan;
  }

  /** The text that names the item in this table. Throws where a part of the key is missing. */
  keyOf(item: Item): string {
    const { pk, sk } = this.#keysOf(item);
    return `${pk}\u0000${sk}`;
  }

  get(key: Item, atUs: Micros): Item | undefined {
    return this.#slots.get(this.keyOf(key))?.at(atUs);
  }

  current(key: Item): Item | undefined {
    return this.#slots.get(this.keyOf(key))?.item;
  }

  put(item: Item, atUs: Micros): void {
    const key = this.keyOf(item);
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      const { pk, sk } = this.#keysOf(item);
      slot = new Slot(pk, sk);
      this.#slots.set(key, slot);
      this.#enter("", pk, slot);
    }
    slot.put(item, atUs);
    for (const index of this.plan.indexes) {
      const partition = item[index.pk];
      if (typeof partition === "string") this.#enter(index.name, partition, slot);
    }
  }

  delete(key: Item, atUs: Micros): void {
    this.#slots.get(this.keyOf(key))?.put(undefined, atUs);
  }

  page(question: PageQuestion): TablePage {
    const { index = "", partition, isForward, after, limit, atUs, isWanted } = question;
    const pkName = index === "" ? this.plan.pk : this.#indexKey(index);
    const slots = this.#partitions.get(placeOf(index, partition)) ?? [];
    const items: Item[] = [];
    const step = isForward ? 1 : -1;
    for (let n = isForward ? 0 : slots.length - 1; n >= 0 && n < slots.length; n += step) {
      const slot = slots[n];
      if (slot === undefined || isPassed(slot.sk, after, isForward)) continue;
      const item = slot.at(atUs);
      if (item === undefined || item[pkName] !== partition || !isWanted(item)) continue;
      items.push(item);
      if (items.length === limit) return { items, last: item };
    }
    return { items, last: undefined };
  }

  /** Every item there is, in the order of partitions and sort keys. For checkers, not for clients. */
  all(): readonly Item[] {
    const keys = [...this.#slots.keys()].sort();
    return keys.map((key) => this.#slots.get(key)?.item).filter((item) => item !== undefined);
  }

  #keysOf(item: Item): { readonly pk: string; readonly sk: string } {
    const { pk, sk } = this.plan;
    return { pk: keyPart(item, pk), sk: sk === undefined ? "" : keyPart(item, sk) };
  }

  #indexKey(name: string): string {
    const index = this.plan.indexes.find((each) => each.name === name);
    if (index === undefined) throw invalid(`there is no index ${name}`);
    return index.pk;
  }

  #enter(index: string, partition: string, slot: Slot): void {
    const place = placeOf(index, partition);
    const slots = this.#partitions.get(place) ?? [];
    this.#partitions.set(place, slots);
    let n = slots.length;
    while (n > 0 && (slots[n - 1]?.sk ?? "") > slot.sk) n -= 1;
    const isThere = index !== "" && slots.includes(slot);
    if (!isThere) slots.splice(n, 0, slot);
  }
}

function placeOf(index: string, partition: string): string {
  return `${index}\u0000${partition}`;
}

function isPassed(sk: string, after: string | undefined, isForward: boolean): boolean {
  if (after === undefined) return false;
  return isForward ? sk <= after : sk >= after;
}

function keyPart(item: Item, name: string): string {
  const part = item[name];
  if (typeof part === "string" && part !== "") return part;
  throw invalid(`the key ${name} is missing`);
}
