/**
 * Station: corpus of JSON texts -> one spoiled input after another.
 *
 * Most draws change a few values where they stand, so that the input gets past the first glance of a reader;
 * some change bytes; some change nothing, because a decoder that learns must see good frames between bad ones.
 */
import type { Random } from "../../../venues/market/random.ts";
import { editBytes } from "./byte-edits.ts";
import { changeDigits } from "./digits.ts";
import { EditPlan } from "./edit-plan.ts";
import { PLACE, type Place, placesOf } from "./json-places.ts";
import { HUGE_VALUES, ODD_FIELDS, ODD_KEYS, ODD_VALUES } from "./odd-values.ts";
import { Scratch } from "./scratch.ts";

type Source = { readonly bytes: Uint8Array; readonly places: readonly Place[] };

/** Shares of the draws, in percent. */
const UNCHANGED = 6;
const BYTES_ONLY = 18;
const BYTES_TOO = 10;
/** One odd value in so many is a huge one. */
const HUGE_ONE_IN = 500;
const EDITS_MAX = 3;
const COMMA = Uint8Array.of(44);
const COLON = Uint8Array.of(58);
const SPACES = Uint8Array.from([32, 9, 10, 13]);

/** Draws inputs from a corpus; the bytes are good until the next draw. */
export function jsonDraw(corpus: readonly Uint8Array[]): (chance: Random) => Uint8Array {
  const drawer = new JsonDrawer(corpus);
  return (chance) => drawer.draw(chance);
}

class JsonDrawer {
  readonly #corpus: readonly Uint8Array[];
  readonly #sources: readonly Source[];
  readonly #scratch = new Scratch();
  readonly #plan = new EditPlan(EDITS_MAX);

  constructor(corpus: readonly Uint8Array[]) {
    this.#corpus = corpus;
    this.#sources = corpus.map((bytes) => ({ bytes, places: placesOf(bytes) }));
  }

  draw(chance: Random): Uint8Array {
    const scratch = this.#scratch;
    const plan = this.#plan;
    const source = this.#source(chance);
    const share = chance.integer(100);
    scratch.reset();
    plan.reset();
    if (share >= BYTES_ONLY && source.places.length > 0) this.#planEdits(source, chance);
    plan.compose(source.bytes, scratch);
    if (share < UNCHANGED) return scratch.input;
    // From the last to the first, because a digit more or less moves what stands behind it.
    for (let i = plan.count - 1; i >= 0; i--) {
      const { isNumber, from, end } = plan.at(i);
      if (isNumber) changeDigits(scratch, from, end, chance);
    }
    const isUntouched = plan.count === 0;
    let byteEdits = isUntouched ? 1 + chance.integer(3) : 0;
    if (!isUntouched && chance.integer(100) < BYTES_TOO) byteEdits = 1;
    for (let i = 0; i < byteEdits; i++) editBytes(scratch, chance, this.#corpus);
    return scratch.input;
  }

  #source(chance: Random): Source {
    return this.#sources[chance.integer(this.#sources.length)] as Source;
  }

  /** One edit usually, two or three sometimes; those that would touch are left out. */
  #planEdits(source: Source, chance: Random): void {
    const draw = chance.integer(10);
    const count = draw < 7 ? 1 : draw < 9 ? 2 : EDITS_MAX;
    for (let i = 0; i < count; i++) {
      const place = source.places[chance.integer(source.places.length)] as Place;
      const way = chance.integer(100);
      if (place.kind === PLACE.key && way < 70) this.#renameKey(place, way, chance);
      else if (way < 62 || !place.hasParent) this.#changeValue(source, place, way, chance);
      else this.#moveMember(source, place, way, chance);
    }
  }

  #renameKey({ from, end }: Place, way: number, chance: Random): void {
    const other = this.#source(chance);
    const place = other.places[chance.integer(Math.max(1, other.places.length))];
    const edit = this.#plan.begin(from, end);
    if (way >= 35 && place?.kind === PLACE.key) edit?.add(other.bytes, place.from, place.end);
    else edit?.add(pickOf(ODD_KEYS, chance));
  }

  /** Other digits, an odd value, or any value of the corpus in its place. */
  #changeValue(source: Source, { kind, from, end }: Place, way: number, chance: Random): void {
    const edit = this.#plan.begin(from, end);
    if (edit === undefined) return;
    const isScalar = kind === PLACE.number || kind === PLACE.text;
    if (isScalar && way < 36) {
      edit.add(source.bytes, from, end);
      edit.isNumber = true;
      return;
    }
    const other = this.#source(chance);
    const place = other.places[chance.integer(Math.max(1, other.places.length))];
    if (way < 52 || place === undefined) edit.add(oddValue(chance));
    else edit.add(other.bytes, place.from, place.end);
  }

  /** Members and elements go, come twice, change places, get spaces before them or a stranger. */
  #moveMember({ bytes }: Source, place: Place, way: number, chance: Random): void {
    const { memberFrom, from, end, nextFrom, nextEnd } = place;
    if (way < 71) {
      const isLast = nextFrom < 0;
      const first = isLast && !place.isFirst ? commaBefore(bytes, memberFrom) : memberFrom;
      this.#plan.begin(first, isLast ? end : nextFrom);
    } else if (way < 83) {
      const edit = this.#plan.begin(end, end);
      edit?.add(COMMA);
      edit?.add(bytes, memberFrom, way < 79 ? end : from);
      if (way >= 79) edit?.add(oddValue(chance));
    } else if (way < 91 && nextFrom >= 0) {
      const edit = this.#plan.begin(memberFrom, nextEnd);
      edit?.add(bytes, nextFrom, nextEnd);
      edit?.add(COMMA);
      edit?.add(bytes, memberFrom, end);
    } else if (way < 96) {
      this.#plan.begin(from, from)?.add(SPACES, chance.integer(SPACES.length));
    } else {
      const edit = this.#plan.begin(memberFrom, memberFrom);
      edit?.add(pickOf(ODD_KEYS, chance));
      edit?.add(COLON);
      edit?.add(pickOf(ODD_FIELDS, chance));
    }
  }
}

function pickOf(pieces: readonly Uint8Array[], chance: Random): Uint8Array {
  return pieces[chance.integer(pieces.length)] as Uint8Array;
}

function oddValue(chance: Random): Uint8Array {
  return pickOf(chance.integer(HUGE_ONE_IN) === 0 ? HUGE_VALUES : ODD_VALUES, chance);
}

/** Where the comma before a member stands; the member itself where there is none. */
function commaBefore(bytes: Uint8Array, memberFrom: number): number {
  let at = memberFrom - 1;
  while (at > 0 && bytes[at] !== COMMA[0]) at--;
  return bytes[at] === COMMA[0] ? at : memberFrom;
}
