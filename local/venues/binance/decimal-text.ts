/**
 * Station: ticks and lots -> the decimal text of the wire.
 *
 * Integers all the way: the point is put into the digits, nothing is divided, so no rounding exists.
 * Prices near the touch repeat thousands of times, so their text is kept by price.
 */
import { assert } from "../../../contracts/assert.ts";

/** More than any venue shows behind the last digit that its steps have. */
const ZEROS = "0".repeat(32);
/** Texts kept of quantities below this; larger ones are rare and made anew. */
const KEPT_LOTS_MAX = 8_192;

/** `units / 10^digits` with exactly `shownDigits` digits after the point. */
export function decimalText(units: number, digits: number, shownDigits: number): string {
  assert(shownDigits >= digits, "all digits are shown");
  const text = String(units);
  if (shownDigits === 0) return text;
  const full = text.length > digits ? text : text.padStart(digits + 1, "0");
  const point = full.length - digits;
  return `${full.slice(0, point)}.${full.slice(point)}${ZEROS.slice(0, shownDigits - digits)}`;
}

/**
 * The same text as one flat string. A joined or sliced string keeps its parts alive, so that a kept
 * text would hold several times its own size.
 */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

type TextOf = (units: number, digits: number, shownDigits: number) => string;

/** The texts of one instrument's prices and quantities; other venues write the same number otherwise. */
export class DecimalTexts {
  readonly #rules: { priceDigits: number; lotDigits: number };
  readonly #shown: { priceDigits: number; lotDigits: number };
  readonly #textOf: TextOf;
  readonly #mask: number;
  readonly #priceTicks: Int32Array;
  readonly #priceTexts: string[];
  readonly #lotTexts: string[] = [];

  constructor(
    rules: { priceDigits: number; lotDigits: number },
    shown: { priceDigits: number; lotDigits: number; windowTicks: number },
    textOf: TextOf = decimalText,
  ) {
    this.#textOf = textOf;
    this.#rules = rules;
    this.#shown = shown;
    this.#mask = shown.windowTicks - 1;
    this.#priceTicks = new Int32Array(shown.windowTicks);
    this.#priceTexts = new Array<string>(shown.windowTicks).fill("");
  }

  /** Text of a price. */
  price(ticks: number): string {
    const cell = ticks & this.#mask;
    if (this.#priceTicks[cell] !== ticks) {
      this.#priceTicks[cell] = ticks;
      const text = this.#textOf(ticks, this.#rules.priceDigits, this.#shown.priceDigits);
      this.#priceTexts[cell] = flat(text);
    }
    return this.#priceTexts[cell] ?? "";
  }

  /** Text of a quantity. */
  lots(lots: number): string {
    if (lots >= KEPT_LOTS_MAX) return this.#lotText(lots);
    const kept = this.#lotTexts[lots];
    if (kept !== undefined) return kept;
    const text = flat(this.#lotText(lots));
    this.#lotTexts[lots] = text;
    return text;
  }

  #lotText(lots: number): string {
    return this.#textOf(lots, this.#rules.lotDigits, this.#shown.lotDigits);
  }
}
