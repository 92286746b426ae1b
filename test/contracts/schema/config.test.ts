// Goal: every setting says what it is for, and the words for its form follow the schema.
import { describe, expect, test } from "vitest";
import { configJsonSchema, parseConfig } from "../../../contracts/schema/config.ts";
import { type FieldNode, formOf, namesIn, nodeAt } from "../../../contracts/schema/field-form.ts";

/** All fields that hold a value, by path. */
function leaves(node: FieldNode, path: string): (readonly [string, FieldNode])[] {
  const below = Object.entries(node.properties ?? {});
  const each = typeof node.additionalProperties === "object" ? node.additionalProperties : null;
  if (each !== null) below.push(["VENUE", each]);
  if (below.length === 0) return [[path, node]];
  return below.flatMap(([name, child]) => leaves(child, path === "" ? name : `${path}.${name}`));
}

const fields = leaves(configJsonSchema(), "");

describe("the schema", () => {
  test("holds fields", () => {
    expect(fields.length).toBeGreaterThan(30);
  });

  test.each(fields)("%s says what it is for in a sentence", (_path, node) => {
    expect(node.description).toMatch(/^[A-Za-z].*\.$/s);
  });

  test.each(fields.filter(([, node]) => node.type === "integer" || node.type === "number"))(
    "%s has both bounds, and its default is inside",
    (_path, node) => {
      expect(node.minimum).toBeLessThanOrEqual(Number(node.default));
      expect(node.maximum).toBeGreaterThanOrEqual(Number(node.default));
    },
  );

  test("refuses what is no section at all", () => {
    for (const data of [null, 1, "a", [], true]) expect(parseConfig(data).ok).toBe(false);
  });
});

describe("a form in words", () => {
  const table: readonly (readonly [FieldNode, string])[] = [
    [{ type: "integer", minimum: 1, maximum: 9 }, "a whole number from 1 to 9"],
    [{ type: "number", minimum: 1 }, "a number of at least 1"],
    [{ type: "number", maximum: 9 }, "a number of at most 9"],
    [{ type: "number" }, "a number"],
    [{ type: "boolean" }, "true or false"],
    [{ type: "string" }, "a text"],
    [{ type: "string", form: "a name" }, "a name"],
    [{ enum: ["a", "b"] }, "one of a, b"],
    [{ type: "array", items: { type: "boolean" } }, "a list, each true or false"],
    [{ type: "array" }, "a list, each a value"],
    [{ type: "object" }, "a section of fields"],
    [{ anyOf: [{ const: "all" }, { type: "string" }] }, '"all", or a text'],
  ];

  test.each(table)("%j is %s", (node, words) => {
    expect(formOf(node)).toBe(words);
  });

  test("a node is found by its path or not at all", () => {
    const schema = configJsonSchema();
    expect(nodeAt(schema, ["limits", "queueDelayMs"])?.type).toBe("integer");
    expect(nodeAt(schema, ["venues", "binance-spot", "instruments", 3])?.type).toBe("string");
    expect(nodeAt(schema, ["limits", "nothing"])).toBeNull();
    expect(nodeAt(schema, ["limits", "nothing", "deeper"])).toBeNull();
    expect(nodeAt(schema, ["instance", 0])).toBeNull();
    expect(namesIn({ propertyNames: { enum: ["a"] }, properties: { b: {} } })).toEqual(["b", "a"]);
  });
});
