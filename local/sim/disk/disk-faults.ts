/**
 * Station: a plan of faults -> the operation of the disk that each of them is for.
 *
 * A fault waits for operations of its kind, on files whose path contains a word, lets as many pass as it is
 * told to, strikes once and is gone. What has struck is counted under the class of docs/RELIABILITY, so that
 * a campaign can print which classes fired. It draws no chance: whoever plants a fault has drawn.
 */

/** Planned faults; `file` is a part of a path ("" for every file), `after` the operations that pass first. */
export type DiskFault = { readonly file?: string; readonly after?: number } & (
  | { readonly kind: "shortWrite"; readonly takesBytes: number }
  | { readonly kind: "writeError" }
  /** The bytes land elsewhere, in the same file or in the one `into` names; the call succeeds. */
  | { readonly kind: "misdirectedWrite"; readonly byBytes: number; readonly into?: string }
  | { readonly kind: "syncError" }
  /** The sync returns and has made nothing durable. */
  | { readonly kind: "syncLie" }
  | { readonly kind: "readError" }
);

type FaultKind = DiskFault["kind"];

/** Classes of faults that a disk injects: those of the plan, of the medium, and of a crash. */
export const DISK_FAULT_CLASSES = [
  "P04",
  "P05",
  "P06",
  "P07",
  "P08",
  "P09",
  "P10",
  "P11",
  "P12",
  "P13",
  "P14",
  "P15",
  "P16",
  "P17",
  "P18",
] as const;

export type DiskFaultClass = (typeof DISK_FAULT_CLASSES)[number];

const CLASS_OF: Readonly<Record<FaultKind, DiskFaultClass>> = {
  shortWrite: "P12",
  writeError: "P14",
  misdirectedWrite: "P11",
  syncError: "P15",
  syncLie: "P16",
  readError: "P17",
};

/** How often each class has had an effect; shared by a disk, its copies and what crashes leave of it. */
export class DiskFaultCounts {
  readonly #injected = new Map<DiskFaultClass, number>();

  add(faultClass: DiskFaultClass): void {
    this.#injected.set(faultClass, this.injected(faultClass) + 1);
  }

  injected(faultClass: DiskFaultClass): number {
    return this.#injected.get(faultClass) ?? 0;
  }

  /** All classes in order, those that never fired with zero. */
  all(): Readonly<Record<DiskFaultClass, number>> {
    const pairs = DISK_FAULT_CLASSES.map((each) => [each, this.injected(each)] as const);
    return Object.fromEntries(pairs) as Record<DiskFaultClass, number>;
  }
}

type Waiting = { readonly fault: DiskFault; passes: number };

/** The faults that are still to come. */
export class DiskFaultPlan {
  readonly #counts: DiskFaultCounts;
  readonly #waiting: Waiting[] = [];

  constructor(counts: DiskFaultCounts) {
    this.#counts = counts;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  plant(fault: DiskFault): void {
    this.#waiting.push({ fault, passes: fault.after ?? 0 });
  }

  /** The fault that strikes this operation, of one of these kinds; the first planted goes first. */
  strike<Kind extends FaultKind>(
    kinds: readonly Kind[],
    file: string,
  ): Extract<DiskFault, { kind: Kind }> | undefined {
    let struck: Waiting | undefined;
    for (const each of this.#waiting) {
      if (!(isOneOf(each.fault, kinds) && file.includes(each.fault.file ?? ""))) continue;
      if (each.passes === 0) struck ??= each;
      else each.passes -= 1;
    }
    if (struck === undefined || !isOneOf(struck.fault, kinds)) return undefined;
    this.#waiting.splice(this.#waiting.indexOf(struck), 1);
    this.#counts.add(CLASS_OF[struck.fault.kind]);
    return struck.fault;
  }

  /** As it stands now, for a second disk. */
  copy(): DiskFaultPlan {
    const copy = new DiskFaultPlan(this.#counts);
    for (const each of this.#waiting) copy.#waiting.push({ ...each });
    return copy;
  }
}

function isOneOf<Kind extends FaultKind>(
  fault: DiskFault,
  kinds: readonly Kind[],
): fault is Extract<DiskFault, { kind: Kind }> {
  return kinds.some((kind) => kind === fault.kind);
}
