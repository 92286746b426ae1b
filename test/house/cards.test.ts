// Goal: every room says what it is for, on one page with six labels.
import { describe, expect, test } from "vitest";
import { CARD_LINES_MAX, cardFaults, cardFolders, LABELS } from "./cards.ts";
import { readTree, treeOf } from "./tree.ts";

const CARD = `# bin\n\n${LABELS.map((label) => `**${label}.** Something.`).join("\n")}\n`;

function faultsOf(card: string): string[] {
  return cardFaults(treeOf({ "bin/a.ts": "", "bin/README.md": card }));
}

describe("this house", () => {
  test("the check sees rooms", () => {
    expect(cardFolders(readTree())).toContain("bin");
    expect(cardFolders(readTree())).toContain("contracts");
  });

  test("every room has its card", () => {
    expect(cardFaults(readTree())).toEqual([]);
  });
});

describe("a planted fault is seen", () => {
  test("a room without a card, however deep", () => {
    const tree = treeOf({ "bin/a.ts": "", "bin/README.md": CARD, "hotpath/core/book/a.ts": "" });
    expect(cardFaults(tree)).toEqual(["hotpath/core/book has no card (README.md)"]);
  });

  test.each([...LABELS])("a card that does not say %s", (label) => {
    expect(faultsOf(CARD.replace(`**${label}.** Something.`, ""))).toHaveLength(1);
    expect(faultsOf(CARD.replace(`**${label}.** Something.`, `**${label}.**`))).toHaveLength(1);
  });

  test("a card with another room's heading", () => {
    expect(faultsOf(CARD.replace("# bin", "# local"))).toHaveLength(1);
  });

  test("a card that grew into a manual", () => {
    const lines = CARD.split("\n").length;
    expect(faultsOf(CARD + "\n".repeat(CARD_LINES_MAX))).toEqual([]);
    expect(faultsOf(CARD + "more\n".repeat(CARD_LINES_MAX - lines + 1))).toEqual([]);
    expect(faultsOf(CARD + "more\n".repeat(CARD_LINES_MAX - lines + 2))).toHaveLength(1);
  });

  test("a good card passes", () => {
    expect(faultsOf(CARD)).toEqual([]);
  });
});
