/**
 * Station: text of a saved state -> values of the right kind, or the first thing that is wrong with it.
 *
 * A saved state comes from a disk and is foreign input: nothing in it is asserted on. Readers go on after a
 * fault with a harmless value, so that the code that reads stays a straight line; whoever began asks for
 * `fault` at the end and throws everything away if there is one.
 */

type Json = Readonly<Record<string, unknown>>;

export class StateReader {
  /** The first thing that was wrong, with its path; undefined while all is well. */
  fault: string | undefined;

  fail(statement: string): void {
    this.fault ??= statement;
  }

  record(value: unknown, path: string): Json {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    this.fail(`${path} is an object`);
    return {};
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value as readonly unknown[];
    this.fail(`${path} is a list`);
    return [];
  }

  text(from: Json, key: string): string {
    const value = from[key];
    if (typeof value === "string") return value;
    this.fail(`${key} is text`);
    return "";
  }

  flag(from: Json, key: string): boolean {
    const value = from[key];
    if (typeof value === "boolean") return value;
    this.fail(`${key} is true or false`);
    return false;
  }

  /** A safe integer of at least `least`. */
  integer(from: Json, key: string, least: number): number {
    const value = from[key];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    this.fail(`${key} is a whole number from ${least}`);
    return least;
  }

  /** A whole number of any size, written as text. */
  amount(from: Json, key: string): bigint {
    const value = from[key];
    if (typeof value === "string" && /^-?\d{1,80}$/.test(value)) return BigInt(value);
    this.fail(`${key} is an amount`);
    return 0n;
  }

  oneOf<T extends string>(from: Json, key: string, names: readonly [T, ...T[]]): T {
    const value = from[key];
    const found = names.find((name) => name === value);
    if (found === undefined) this.fail(`${key} is one of ${names.join(", ")}`);
    return found ?? names[0];
  }
}
