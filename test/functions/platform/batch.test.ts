// Goal: of a batch only what failed comes back.
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { eachMessage } from "../../../functions/platform/batch.ts";

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

  test("is tried message by message", async () => {
    const seen: string[] = [];
    const answer = await eachMessage(batch, CONTEXT, async ({ body }) => {
      seen.push(body);
      if (body === "2") throw new Error("poison");
    });
    expect(seen.sort()).toEqual(["1", "2", "3", "4"]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "2" }] });
  });

  test("may fail as a whole, or not at all", async () => {
    const none = await eachMessage(batch, CONTEXT, async () => {});
    expect(none.batchItemFailures).toEqual([]);
    const all = await eachMessage(batch, CONTEXT, () => Promise.reject(new Error("down")));
    expect(all.batchItemFailures).toHaveLength(4);
  });
});
