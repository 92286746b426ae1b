/**
 * Station: an item on the wire <-> an item as plain values, which is how the tables of the simulator keep it.
 *
 * Only what stands in this house's tables: text, numbers, truth values, null, lists and maps. What is
 * undefined is left out, as both of the house's clients do.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./sdk-error.ts";

export type Value = string | number | boolean | null | readonly Value[] | Item;
export type Item = { readonly [name: string]: Value };
export type WireItem = Record<string, AttributeValue>;

/** A copy of `value` that shares nothing with it. Throws for what no table takes. */
export function copyValue(value: unknown): Value {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  if (typeof value === "object") return copyItem(value);
  throw invalid(`a table does not take a ${typeof value}`);
}

/** A copy of an item, without what is undefined. */
export function copyItem(item: object): Item {
  const copy: Record<string, Value> = {};
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) copy[name] = copyValue(value);
  }
  return copy;
}

/** An item of the wire as plain values. */
export function fromWire(item: Readonly<WireItem>): Item {
  const plain: Record<string, Value> = {};
  for (const [name, value] of Object.entries(item)) plain[name] = fromWireValue(value);
  return plain;
}

function fromWireValue(value: AttributeValue): Value {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(fromWireValue);
  if (value.M !== undefined) return fromWire(value.M);
  throw invalid("an attribute of a kind that is not used here");
}

/** Plain values as an item of the wire. */
export function toWire(item: Item): WireItem {
  const wire: WireItem = {};
  for (const [name, value] of Object.entries(item)) wire[name] = toWireValue(value);
  return wire;
}

function toWireValue(value: Value): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (isList(value)) return { L: value.map(toWireValue) };
  return { M: toWire(value) };
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
