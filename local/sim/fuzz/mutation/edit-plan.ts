/**
 * Station: edits of one text -> the text they make. A few stretches that do not touch, each replaced by up to
 * three pieces; objects are made once and used again for every input.
 */
import type { Scratch } from "./scratch.ts";

const PIECES_MAX = 3;

type Piece = { source: Uint8Array; from: number; end: number };

const NOTHING = new Uint8Array();

export class Edit {
  /** What is replaced, in the text; once composed, where the replacement stands. */
  from = 0;
  end = 0;
  /** Whether digits are to be changed in what was composed. */
  isNumber = false;
  readonly #pieces: readonly Piece[] = Array.from({ length: PIECES_MAX }, () => ({
    source: NOTHING,
    from: 0,
    end: 0,
  }));
  #count = 0;

  begin(from: number, end: number): void {
    this.from = from;
    this.end = end;
    this.isNumber = false;
    this.#count = 0;
  }

  /** Adds `source[from, end)` to what takes the place. */
  add(source: Uint8Array, from = 0, end = source.length): void {
    const piece = this.#pieces[this.#count] as Piece;
    piece.source = source;
    piece.from = from;
    piece.end = end;
    this.#count++;
  }

  compose(scratch: Scratch): void {
    this.from = scratch.length;
    for (let i = 0; i < this.#count; i++) {
      const { source, from, end } = this.#pieces[i] as Piece;
      scratch.add(source, from, end);
    }
    this.end = scratch.length;
  }
}

export class EditPlan {
  /** In the order of their places. */
  readonly #edits: Edit[];
  count = 0;

  constructor(editsMax: number) {
    this.#edits = Array.from({ length: editsMax }, () => new Edit());
  }

  reset(): void {
    this.count = 0;
  }

  at(index: number): Edit {
    return this.#edits[index] as Edit;
  }

  /** A new edit of a stretch; undefined where it would touch another one. */
  begin(from: number, end: number): Edit | undefined {
    const edits = this.#edits;
    const fresh = edits[this.count];
    let at = this.count;
    for (let i = 0; i < this.count; i++) {
      const other = edits[i] as Edit;
      if (from <= other.end && other.from <= end) return undefined;
      if (from < other.from && i < at) at = i;
    }
    if (fresh === undefined) return undefined;
    for (let i = this.count; i > at; i--) edits[i] = edits[i - 1] as Edit;
    edits[at] = fresh;
    fresh.begin(from, end);
    this.count++;
    return fresh;
  }

  /** Puts the text together; afterwards each edit tells where it stands in it. */
  compose(bytes: Uint8Array, scratch: Scratch): void {
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      const edit = this.#edits[i] as Edit;
      const { from, end } = edit;
      scratch.add(bytes, at, from);
      edit.compose(scratch);
      at = end;
    }
    scratch.add(bytes, at, bytes.length);
  }
}
