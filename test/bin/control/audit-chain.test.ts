// Goal: no edit, drop, exchange, repetition or cut of a chain goes unseen, and each is called by its name.
// Method: good chains of any length, and every single thing that can be done to one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashOfItem, verifyChain } from "../../../bin/control/audit-chain.ts";
import { AUDIT_GENESIS, type AuditItem } from "../../../contracts/audit.ts";

function chainOf(length: number): AuditItem[] {
  const items: AuditItem[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const draft = {
      schemaVersion: 1,
      engine: "paper",
      chain: "action",
      seq,
      kind: "command.pause",
      atUs: 1_795_262_400_000_000 + seq,
      by: "anna",
      approvedBy: "",
      reason: `reason ${seq}`,
      requestId: `request-${seq}`,
      before: "null",
      after: "null",
      previousHash: items.at(-1)?.hash ?? AUDIT_GENESIS,
    } as const;
    items.push({ ...draft, hash: hashOfItem(draft) });
  }
  return items;
}

const lengths = fc.integer({ min: 2, max: 12 });
const place = fc.nat({ max: 11 });

test("a good chain is whole, the empty one too", () => {
  expect(verifyChain("action", [])).toMatchObject({ count: 0, head: AUDIT_GENESIS });
  fc.assert(
    fc.property(lengths, (length) => {
      const items = chainOf(length);
      const verdict = verifyChain("action", items, { seq: length, hash: items.at(-1)?.hash ?? "" });
      expect(verdict).toEqual({
        chain: "action",
        count: length,
        head: items.at(-1)?.hash,
        fault: undefined,
      });
    }),
  );
});

describe("what was done to a chain", () => {
  test("an edit of any field of any item, whether its hash was made anew or not", () => {
    const fields = ["by", "reason", "after", "atUs", "kind", "approvedBy"] as const;
    fc.assert(
      fc.property(
        lengths,
        place,
        fc.constantFrom(...fields),
        fc.boolean(),
        (length, at, field, isRehashed) => {
          const items = chainOf(length);
          const index = at % length;
          const item = items[index] as AuditItem;
          const edited = { ...item, [field]: field === "atUs" ? 1 : "somebody else" };
          items[index] = isRehashed ? { ...edited, hash: hashOfItem(edited) } : edited;
          const { fault } = verifyChain("action", items, {
            seq: length,
            hash: chainOf(length).at(-1)?.hash ?? "",
          });
          expect(fault?.kind).toBe("edit");
          // A new hash is seen at the next item, or at the root where there is none.
          expect(fault?.seq).toBe(isRehashed ? Math.min(index + 2, length) : index + 1);
        },
      ),
    );
  });

  test("a missing item", () => {
    fc.assert(
      fc.property(lengths, place, (length, at) => {
        const items = chainOf(length);
        const index = at % (length - 1);
        items.splice(index, 1);
        expect(verifyChain("action", items).fault).toMatchObject({ kind: "drop", seq: index + 1 });
      }),
    );
  });

  test("two items exchanged", () => {
    fc.assert(
      fc.property(lengths, place, (length, at) => {
        const items = chainOf(length);
        const index = at % (length - 1);
        const [first, second] = [items[index] as AuditItem, items[index + 1] as AuditItem];
        items[index] = second;
        items[index + 1] = first;
        expect(verifyChain("action", items).fault).toMatchObject({
          kind: "reorder",
          seq: index + 1,
        });
      }),
    );
  });

  test("an item twice", () => {
    const items = chainOf(3);
    items.splice(2, 0, items[1] as AuditItem);
    expect(verifyChain("action", items).fault).toMatchObject({ kind: "duplicate", seq: 3 });
  });

  test("an end that was cut off is seen by a root alone", () => {
    const whole = chainOf(5);
    const root = { seq: 5, hash: whole.at(-1)?.hash ?? "" };
    expect(verifyChain("action", whole.slice(0, 3)).fault).toBeUndefined();
    expect(verifyChain("action", whole.slice(0, 3), root).fault).toMatchObject({
      kind: "cut",
      seq: 5,
    });
  });

  test("an item of another chain", () => {
    const items = chainOf(2).map((item) => ({ ...item, chain: "limits" as const }));
    expect(verifyChain("action", items).fault).toMatchObject({ kind: "edit", seq: 1 });
  });
});
