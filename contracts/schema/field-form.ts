/**
 * Station: a node of a JSON Schema -> the words a person needs to write a right value.
 *
 * Shared by error messages and the reference page, so that both ask for the same thing.
 */

/** As much of a JSON Schema node as the configuration uses. */
export type FieldNode = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** Our own addition: the form in words, where a pattern says it badly. */
  readonly form?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly FieldNode[];
  readonly items?: FieldNode;
  readonly properties?: Readonly<Record<string, FieldNode>>;
  readonly propertyNames?: FieldNode;
  readonly additionalProperties?: FieldNode | boolean;
};

/** The form of a value in words: `a whole number from 50 to 60000`. */
export function formOf(node: FieldNode): string {
  if (node.form !== undefined) return node.form;
  if (node.const !== undefined) return `"${String(node.const)}"`;
  if (node.enum !== undefined) return `one of ${node.enum.map(String).join(", ")}`;
  if (node.anyOf !== undefined) return node.anyOf.map(formOf).join(", or ");
  switch (node.type) {
    case "integer":
      return `a whole number${boundsOf(node)}`;
    case "number":
      return `a number${boundsOf(node)}`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list, each ${node.items === undefined ? "a value" : formOf(node.items)}`;
    case "object":
      return "a section of fields";
    default:
      return "a text";
  }
}

function boundsOf(node: FieldNode): string {
  if (node.minimum !== undefined && node.maximum !== undefined) {
    return ` from ${node.minimum} to ${node.maximum}`;
  }
  if (node.minimum !== undefined) return ` of at least ${node.minimum}`;
  return node.maximum === undefined ? "" : ` of at most ${node.maximum}`;
}

/** The node at `path`, or null where the schema knows no such place. */
export function nodeAt(root: FieldNode, path: readonly (string | number)[]): FieldNode | null {
  let node: FieldNode | null = root;
  for (const key of path) {
    if (node === null) return null;
    node = childOf(node, key);
  }
  return node;
}

function childOf(node: FieldNode, key: string | number): FieldNode | null {
  if (typeof key === "number") {
    return node.items ?? node.anyOf?.find((each) => each.items !== undefined)?.items ?? null;
  }
  const named = node.properties?.[key];
  if (named !== undefined) return named;
  return typeof node.additionalProperties === "object" ? node.additionalProperties : null;
}

/** The names that may stand in the section `node`. */
export function namesIn(node: FieldNode): string[] {
  return [
    ...Object.keys(node.properties ?? {}),
    ...(node.propertyNames?.enum ?? []).map((name) => String(name)),
  ];
}
