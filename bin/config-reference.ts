/**
 * Station: the configuration's schema -> its reference page in Markdown.
 *
 * The page docs/CONFIG.md is this text and nothing else; a test holds the two together.
 */
import { type FieldNode, formOf } from "../contracts/schema/field-form.ts";

const HEAD = [
  "# Configuration",
  "",
  "One YAML file, read once at the start. Every field has a default, so an empty file is a valid one;",
  "`reckoner.example.yaml` shows the fields that people change first. Unknown fields, duplicate fields and",
  "anything that looks like a key are refused, each with its field and line: `reckoner config check FILE`.",
  "",
  "Generated from `contracts/schema/config.ts` by `reckoner config reference --write`. Do not edit.",
];

/** The reference page, as one text that ends in a line break. */
export function configReference(schema: FieldNode): string {
  const lines = [...HEAD, ...sectionLines("the top level", "", schema)];
  return `${lines.join("\n")}\n`;
}

function sectionLines(title: string, path: string, section: FieldNode): string[] {
  const fields = Object.entries(section.properties ?? {});
  const plain = fields.filter(([, node]) => !isSection(node));
  const lines = ["", `## ${title}`];
  if (plain.length > 0) {
    lines.push("", "| Field | Form | Default | Meaning |", "| --- | --- | --- | --- |");
    for (const [name, node] of plain) lines.push(rowOf(`${path}${name}`, node));
  }
  for (const [name, node] of fields.filter(([, each]) => isSection(each))) {
    lines.push(...sectionLines(`\`${path}${name}\``, `${path}${name}.`, node));
  }
  if (typeof section.additionalProperties === "object") {
    const names = section.propertyNames?.enum ?? [];
    const words = names.map((name) => `\`${String(name)}\``).join(", ");
    lines.push("", `One section for each venue to follow: ${words}. Left out, all are simulated.`);
    lines.push(...sectionLines(`\`${path}VENUE\``, `${path}VENUE.`, section.additionalProperties));
  }
  return lines;
}

/** An object whose form is told in words is one value: amounts by asset. */
function isSection(node: FieldNode): boolean {
  return node.type === "object" && node.form === undefined;
}

function rowOf(path: string, node: FieldNode): string {
  const standard = node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``;
  return `| \`${path}\` | ${formOf(node)} | ${standard} | ${node.description ?? ""} |`;
}
