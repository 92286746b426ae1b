/**
 * Station: frame bytes -> template. Which stream a frame belongs to, and what is known of its frames.
 *
 * Found by sixteen bytes of the stream's name: enough to tell streams apart, and no more than a guess,
 * because the template itself compares every byte.
 */
import type { FrameTemplate } from "./frame-template.ts";

/** Where the words that tell streams apart begin: after `{"stream":"`. */
const NAME_AT = 11;
const NAME_END = NAME_AT + 16;
const CAPACITY_MIN = 64;
/** A stream whose frames keep differing is learned anew once in so many frames. */
const RELEARN_FRAMES = 64;

/** What is known of each stream, found by sixteen bytes of its name; the template itself decides. */
export class TemplateTable<Stream> {
  readonly #hashes: Int32Array;
  readonly #templates: (FrameTemplate | undefined)[];
  readonly #streams: (Stream | undefined)[];
  readonly #mask: number;
  #count = 0;
  #misfits = 0;

  /** `streamsMax` is a guess: what finds no room is read by the field scanner for good. */
  constructor(streamsMax: number) {
    let capacity = CAPACITY_MIN;
    while (capacity < streamsMax * 2) capacity *= 2;
    this.#mask = capacity - 1;
    this.#hashes = new Int32Array(capacity);
    this.#templates = Array.from({ length: capacity }, () => undefined);
    this.#streams = Array.from({ length: capacity }, () => undefined);
  }

  /** Cell of the stream of a frame of at least 27 bytes, or a negative number. */
  find(view: DataView): number {
    const hash = hashOf(view);
    let cell = hash & this.#mask;
    for (;;) {
      const held = this.#hashes[cell] as number;
      if (held === hash) return cell;
      if (held === 0) return -1;
      cell = (cell + 1) & this.#mask;
    }
  }

  templateAt(cell: number): FrameTemplate {
    return this.#templates[cell] as FrameTemplate;
  }

  streamAt(cell: number): Stream {
    return this.#streams[cell] as Stream;
  }

  /** Whether a misfit is worth learning from. */
  get isLearning(): boolean {
    this.#misfits++;
    return this.#misfits % RELEARN_FRAMES === 1;
  }

  /** Puts what was learned from the frame in `view` into its cell, unless the table is half full. */
  put(view: DataView, template: FrameTemplate, stream: Stream): void {
    let cell = this.find(view);
    if (cell < 0) {
      if (this.#count * 2 > this.#mask) return;
      this.#count++;
      const hash = hashOf(view);
      cell = hash & this.#mask;
      while (this.#hashes[cell] !== 0) cell = (cell + 1) & this.#mask;
      this.#hashes[cell] = hash;
    }
    this.#templates[cell] = template;
    this.#streams[cell] = stream;
  }
}

/** Shortest frame that `TemplateTable.find` may be asked about. */
export const TEMPLATE_FRAME_BYTES_MIN = NAME_END;

/** Never 0: that marks an empty cell. Four products side by side, because a chain of them is slower. */
function hashOf(view: DataView): number {
  const mixed =
    (Math.imul(view.getInt32(NAME_AT, true), 0x9e3779b1) +
      Math.imul(view.getInt32(NAME_AT + 4, true), 0x85ebca6b) +
      Math.imul(view.getInt32(NAME_AT + 8, true), 0xc2b2ae35) +
      Math.imul(view.getInt32(NAME_AT + 12, true), 0x27d4eb2f)) |
    0;
  return (mixed ^ (mixed >>> 15)) | 1;
}
