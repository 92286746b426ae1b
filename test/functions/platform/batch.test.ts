// Goal: of a batch only what failed comes back; in order, a failure ends its group and no other.
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { eachMessage, eachMessageInOrder } from "../../../functions/platform/batch.ts";

function event(...messages: readonly (readonly [id: string, group: string])[]): SQSEvent {
  return {
    Records: messages.map(
      ([messageId, MessageGroupId]) =>
        ({ messageId, body: messageId, attributes: { MessageGroupId } }) as unknown as SQSRecord,
    ),
  };
}

const CONTEXT = { getRemainingTimeInMillis: () => 1_000 } as Context;

describe("a batch", () => {
  const batch = event(["1", "a"], ["2", "b"], ["3", "a"], ["4", "b"]);

  test("without order: each alone", async () => {
    const seen: string[] = [];
    const answer = await eachMessage(batch, CONTEXT, async ({ body }) => {
      seen.push(body);
      if (body === "2") throw new Error("poison");
    });
    expect(seen.sort()).toEqual(["1", "2", "3", "4"]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "2" }] });
  });

  test("in order: what follows a failure in its group is not tried", async () => {
    const seen: string[] = [];
    const answer = await eachMessageInOrder(batch, CONTEXT, async ({ body }) => {
      seen.push(body);
      if (body === "1") throw new Error("poison");
    });
    expect(seen).toEqual(["1", "2", "4"]);
    const failed = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    expect(failed.sort()).toEqual(["1", "3"]);
  });

  test.each([eachMessage, eachMessageInOrder])("all of it may fail, or none", async (each) => {
    const none = await each(batch, CONTEXT, async () => {});
    expect(none.batchItemFailures).toEqual([]);
    const all = await each(batch, CONTEXT, () => Promise.reject(new Error("down")));
    expect(all.batchItemFailures).toHaveLength(4);
  });
});
