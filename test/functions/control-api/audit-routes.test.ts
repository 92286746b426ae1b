// Goal: the chains are read in pages, and a walk along one finds every edit, drop and swap.
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditItem } from "../../../contracts/audit.ts";
import { ENGINE } from "./memory-ports.ts";
import { createRigMaker, type Rig, type RigMaker, type Told } from "./rig.ts";

const PATH = `/v1/engines/${ENGINE}`;
let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

type Item = Readonly<Record<string, unknown>>;
const itemsOf = ({ body }: Told): readonly Item[] => body.items as unknown as readonly Item[];

async function get(rig: Rig, path: string, headers: Record<string, string> = {}): Promise<Told> {
  return await rig.ask("GET", path.startsWith("/") ? path : `${PATH}/${path}`, {
    as: "vera",
    headers,
  });
}

/** All pages of a question, by its cursors; `between` happens before each further page. */
async function walk(rig: Rig, path: string, between = (): void => {}): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: unknown;
  for (let page = 0; page < 100; page += 1) {
    const mark = path.includes("?") ? "&" : "?";
    const told = await get(rig, cursor === undefined ? path : `${path}${mark}cursor=${cursor}`);
    expect(told.status, told.text).toBe(200);
    items.push(...itemsOf(told));
    cursor = told.body.nextCursor;
    if (cursor === undefined) return items;
    between();
  }
  throw new Error("the pages have an end");
}

describe("the audit", () => {
  async function rigWithActions(count: number): Promise<{ rig: Rig; items: AuditItem[] }> {
    const rig = maker.create();
    for (let n = 0; n < count; n += 1) {
      rig.memory.nowUs += 2_000_000;
      await rig.ask("POST", `${PATH}/kill`, {
        as: "otto",
        body: { scope: "all", reason: `n ${n}` },
      });
    }
    return { rig, items: rig.memory.chains.get(`${ENGINE} action`) ?? [] };
  }

  test("is read newest first, page by page", async () => {
    const { rig } = await rigWithActions(7);
    const items = await walk(rig, "audit?limit=3");
    expect(items.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect((await get(rig, "audit?chain=limits")).body).toEqual({ items: [], fault: null });
  });

  test("that is whole is said to be whole, from anywhere", async () => {
    const { rig } = await rigWithActions(120);
    expect((await get(rig, "audit/verify")).body).toEqual({
      chain: "action",
      fromSeq: 1,
      checkedTo: 120,
      headSeq: 120,
      isComplete: true,
      fault: null,
    });
    expect((await get(rig, "audit/verify?from=60")).body.isComplete).toBe(true);
    expect((await get(rig, "audit/verify?chain=limits")).body.isComplete).toBe(true);
    expect((await get(rig, "audit/verify?from=500")).body.fault).toMatchObject({ seq: 499 });
  });

  test.each([
    [
      "an edit",
      4,
      (items: AuditItem[]) => items.splice(3, 1, { ...edited(items, 3), reason: "x" }),
    ],
    ["a drop", 4, (items: AuditItem[]) => items.splice(3, 1)],
    [
      "a swap",
      4,
      (items: AuditItem[]) => {
        const [third, fourth] = [edited(items, 3), edited(items, 4)];
        items.splice(3, 2, { ...fourth, seq: 4 }, { ...third, seq: 5 });
      },
    ],
    [
      "an item of another chain",
      4,
      (items: AuditItem[]) =>
        items.splice(3, 1, { ...edited(items, 3), previousHash: "f".repeat(64) }),
    ],
  ] as const)("in which %s was planted is said to break there", async (_name, seq, plant) => {
    const { rig, items } = await rigWithActions(9);
    plant(items);
    const told = await get(rig, "audit/verify");
    expect(told.body).toMatchObject({ isComplete: false, checkedTo: seq - 1 });
    expect(told.body.fault).toMatchObject({ seq });
  });

  function edited(items: readonly AuditItem[], index: number): AuditItem {
    const item = items[index];
    if (item === undefined) throw new RangeError(`item ${index} is there`);
    return item;
  }
});
