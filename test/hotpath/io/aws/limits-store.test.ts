// Goal: a version of limits is believed when its hash and its bounds hold, and not otherwise.
import { createHash } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuditItem, auditText } from "../../../../contracts/audit.ts";
import { createControlStore } from "../../../../functions/stores/control-store.ts";
import { standardConfig } from "../../../../hotpath/config.ts";
import { createLimitsStore } from "../../../../hotpath/io/aws/limits-store.ts";
import { riskLimitsOf } from "../../../../hotpath/trading-plan.ts";
import { type AwsRig, startAwsRig } from "../../../fixtures/aws/rig.ts";

const LIMITS = riskLimitsOf(standardConfig().trading.limits);

let rig: AwsRig;
beforeAll(async () => {
  rig = await startAwsRig();
});
afterAll(async () => {
  await rig.stop();
});

function itemOf(engine: string, seq: number, fields: Partial<AuditItem> = {}): AuditItem {
  const item = {
    schemaVersion: 1,
    engine,
    chain: "limits",
    seq,
    kind: "limits.put",
    atUs: 1,
    by: "anna",
    approvedBy: "",
    reason: "less",
    requestId: "r",
    before: "null",
    after: JSON.stringify(LIMITS),
    previousHash: "0".repeat(64),
    ...fields,
  } as const;
  const hash = createHash("sha256").update(auditText(item)).digest("hex");
  return { hash, ...item };
}

async function put(item: AuditItem): Promise<void> {
  const appended = await createControlStore(rig.clients.documents, rig.prefix).append(item);
  expect(appended.kind).toBe("appended");
}

function storeOf(engine: string) {
  return createLimitsStore(rig.clients.tables, rig.prefix, engine);
}

describe("limits", () => {
  test("are read by their number, and the newest without one", async () => {
    const store = storeOf("many");
    expect(await store.readNewest()).toEqual({ kind: "none" });
    for (let seq = 1; seq <= 12; seq++) await put(itemOf("many", seq, { by: `b${seq}` }));
    expect(await store.readNewest()).toEqual({
      kind: "version",
      version: { version: 12, limits: LIMITS, by: "b12", reason: "less" },
    });
    expect(await store.read(3)).toMatchObject({ version: { version: 3, by: "b3" } });
    expect(await store.read(13)).toEqual({ kind: "none" });
  });

  test.each([
    ["an edited text", { ...itemOf("e1", 1), reason: "more" }, "its hash is not that of its text"],
    ["edited limits", { ...itemOf("e2", 1), after: "{}" }, "its hash is not that of its text"],
    ["no limits", itemOf("e3", 1, { after: "[" }), "its limits are no JSON"],
    [
      "a limit beyond its ceiling",
      itemOf("e4", 1, { after: JSON.stringify({ ...LIMITS, orderNotionalMax: "1e9" }) }),
      "orderNotionalMax",
    ],
    ["another chain's item", itemOf("e5", 1, { chain: "action" }), "it is of another chain"],
  ])("with %s are refused", async (_, item, reason) => {
    const Item = Object.fromEntries(
      Object.entries(item).map(([name, value]) => [
        name,
        typeof value === "number" ? { N: String(value) } : { S: String(value) },
      ]),
    );
    const key = { pk: { S: `limits#${item.engine}` }, sk: { S: "000000000001" } };
    const TableName = `${rig.prefix}-control`;
    await rig.clients.tables.send(new PutItemCommand({ TableName, Item: { ...Item, ...key } }));
    const reading = await storeOf(item.engine).readNewest();
    if (reading.kind !== "refused") throw new Error(`it was ${reading.kind}`);
    expect(reading.reason).toContain(reason);
  });

  test("of a table that does not answer are not known", async () => {
    const store = createLimitsStore(rig.clients.tables, "no-such-deployment", "many");
    expect((await store.readNewest()).kind).toBe("failed");
    expect((await store.read(1)).kind).toBe("failed");
  });
});
