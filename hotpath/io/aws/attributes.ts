/**
 * Station: a flat record <-> the attributes of one item. Text, whole numbers and truth values, and what is
 * nested as maps; nothing else stands in the tables that the engine writes.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { assert } from "../../../contracts/assert.ts";

export type Attributes = Record<string, AttributeValue>;
type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

/** A record as an item. Asserts on a number that is not whole: money and quantities are text. */
export function toAttributes(record: object): Attributes {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, toAttribute(value as Value)]),
  );
}

export function toAttribute(value: Value): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") {
    assert(Number.isSafeInteger(value), "a number in an item is whole");
    return { N: String(value) };
  }
  if (Array.isArray(value)) return { L: value.map((each: Value) => toAttribute(each)) };
  return { M: toAttributes(value) };
}

/** An item as a record of unknown form; attributes of other kinds are left out. */
export function fromAttributes(item: Readonly<Attributes>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]),
  );
}

function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  return attribute.M === undefined ? undefined : fromAttributes(attribute.M);
}
