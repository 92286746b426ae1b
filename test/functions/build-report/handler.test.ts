// Goal: the handler itself: the schedule's event builds every engine's day, and what is not settled fails the call.
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heartbeatKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

let rig: AwsRig;
let handler: (event: unknown) => Promise<{ readonly reports: readonly object[] }>;

beforeAll(async () => {
  rig = await startAwsRig();
  Object.assign(process.env, rig.environment, { RECKONER_ENGINES: "paper,second" });
  ({ handler } = await import("../../../functions/build-report/handler.ts"));
});
afterAll(async () => {
  await rig.stop();
});

test("the schedule builds the day before, for every engine", async () => {
  const event = { source: "aws.scheduler", time: "2026-11-21T00:20:00Z", detail: {} };
  const outcome = { day: "2026-11-20", outcome: "put", isWhole: true, findings: 0 };
  expect(await handler(event)).toEqual({
    reports: [
      { engine: "paper", ...outcome },
      { engine: "second", ...outcome },
    ],
  });
});

test("a call that cannot be read is an error, and so is a day that is not settled", async () => {
  await expect(handler({ day: "tomorrow" })).rejects.toThrow("day");
  const Item = { ...heartbeatKey("second"), ackedSeq: 1_000_000, publishedSeq: 1 };
  const TableName = tableName(rig.prefix, "commands");
  await rig.clients.documents.send(new PutCommand({ TableName, Item }));
  await expect(handler({ day: "2026-11-19" })).rejects.toThrow(
    "2026-11-19 is not settled for second",
  );
});

test("a store that is away fails the call", async () => {
  await rig.stop();
  await expect(handler({ day: "2026-11-18" })).rejects.toThrow("unavailable");
}, 60_000);
