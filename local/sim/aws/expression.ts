/**
 * Station: the text of an expression of DynamoDB -> what it says of an item. Conditions, conditions of keys, and
 * updates, in the grammar that this house writes; anything else is refused as invalid, never guessed.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 *   (read 2026-11-21)
 */
import type { Item, Value } from "./attribute.ts";
import { invalid } from "./sdk-error.ts";

/** What the placeholders of an expression stand for. */
export type Names = {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
};

/** Whether an item fulfills it; of an item that is not there every attribute is absent. */
export type Condition = (item: Item, given: Names) => boolean;
type Operand = (item: Item, given: Names) => Value | undefined;

const TOKEN = /\s*(?:([A-Za-z_][\w]*|[#:][\w]+)|(<>|<=|>=|[=<>(),]))/y;

const conditions = new Map<string, Condition>();

/** The condition in `text`; parsed once. */
export function conditionOf(text: string): Condition {
  const known = conditions.get(text);
  if (known !== undefined) return known;
  const parser = new Parser(text);
  const made = parser.either();
  parser.end();
  conditions.set(text, made);
  return made;
}

/** `item` after the update in `text`: `SET name = value`, by commas. */
export function updated(item: Item, text: string, given: Names): Item {
  const parser = new Parser(text);
  parser.take("SET");
  const after: Record<string, Value> = { ...item };
  do {
    const name = parser.path(given);
    parser.take("=");
    const value = parser.operand()(item, given);
    if (value === undefined) throw invalid(`an update sets ${name} to nothing`);
    after[name] = value;
  } while (parser.skip(","));
  parser.end();
  return after;
}

/** One expression, read from left to right. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  either(): Condition {
    let left = this.#both();
    while (this.skip("OR")) left = anyOf(left, this.#both());
    return left;
  }

  #both(): Condition {
    let left = this.#one();
    while (this.skip("AND")) left = allOf(left, this.#one());
    return left;
  }

  #one(): Condition {
    if (this.skip("(")) {
      const inner = this.either();
      this.take(")");
      return inner;
    }
    if (this.skip("attribute_not_exists")) return this.#existence(false);
    if (this.skip("attribute_exists")) return this.#existence(true);
    return this.#comparison();
  }

  #existence(isWanted: boolean): Condition {
    this.take("(");
    const operand = this.operand();
    this.take(")");
    return (item, given) => (operand(item, given) !== undefined) === isWanted;
  }

  #comparison(): Condition {
    const left = this.operand();
    if (this.skip("BETWEEN")) {
      const from = this.operand();
      this.take("AND");
      const to = this.operand();
      return allOf(compared(left, ">=", from), compared(left, "<=", to));
    }
    if (this.skip("IN")) return this.#membership(left);
    return compared(left, this.#next(), this.operand());
  }

  #membership(left: Operand): Condition {
    this.take("(");
    let some = compared(left, "=", this.operand());
    while (this.skip(",")) some = anyOf(some, compared(left, "=", this.operand()));
    this.take(")");
    return some;
  }

  operand(): Operand {
    const token = this.#next();
    if (token.startsWith(":")) return (_item, { values }) => values[token];
    if (token.startsWith("#")) return (item, { names }) => item[nameOf(names, token)];
    if (!/^[A-Za-z_]/.test(token)) throw this.#wrong(`"${token}" is no operand`);
    return (item) => item[token];
  }

  /** The attribute that comes next, by its name. */
  path({ names }: Names): string {
    const token = this.#next();
    return token.startsWith("#") ? nameOf(names, token) : token;
  }

  skip(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  take(token: string): void {
    if (!this.skip(token)) throw this.#wrong(`expected ${token}`);
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#wrong("it goes on");
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#wrong("it ends too early");
    this.#at += 1;
    return token;
  }

  #wrong(why: string): Error {
    return invalid(`the expression "${this.#text}": ${why}`);
  }
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? match[2] ?? "");
    if (TOKEN.lastIndex >= text.trimEnd().length) return tokens;
  }
  throw invalid(`the expression "${text}" cannot be read`);
}

function nameOf(names: Names["names"], token: string): string {
  const name = names[token];
  if (name === undefined) throw invalid(`the name ${token} stands for nothing`);
  return name;
}

function anyOf(left: Condition, right: Condition): Condition {
  return (item, given) => left(item, given) || right(item, given);
}

function allOf(left: Condition, right: Condition): Condition {
  return (item, given) => left(item, given) && right(item, given);
}

/** Values of different kinds are different and in no order; what is absent compares with nothing. */
function compared(left: Operand, operator: string, right: Operand): Condition {
  const holds = ORDERS[operator];
  if (holds === undefined) throw invalid(`"${operator}" compares nothing`);
  return (item, given) => {
    const [a, b] = [left(item, given), right(item, given)];
    if (a === undefined || b === undefined) return false;
    return holds(orderOf(a, b), isSame(a, b));
  };
}

const ORDERS: Readonly<Record<string, (order: number, isSame: boolean) => boolean>> = {
  "=": (_order, same) => same,
  "<>": (_order, same) => !same,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order, same) => same || order < 0,
  ">=": (order, same) => same || order > 0,
};

function isSame(a: Value, b: Value): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/** Below, equal or above as -1, 0, 1; NaN where there is no order. Keys of this house are ASCII. */
function orderOf(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== "string" || typeof b !== "string") return Number.NaN;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
