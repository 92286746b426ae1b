// Goal: messages and requests hold every fact once, in order, within every limit of the queue.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  FACT_MESSAGE_BYTES_MAX,
  FACTS_PER_MESSAGE_MAX,
  type Fact,
  type FactBatch,
} from "../../../contracts/history.ts";
import {
  MESSAGES_PER_REQUEST_MAX,
  messageBodies,
  queueText,
  REQUEST_BYTES_MAX,
  requestsOf,
} from "../../../hotpath/facts/batches.ts";
import { factOf } from "../../../hotpath/facts/fact.ts";

const bytesOf = (text: string): number => Buffer.byteLength(text);

function alarm(seq: number, text: string): Fact {
  const payload = { severity: 2, kind: "k", instrument: "", text } as const;
  return factOf({ engine: "e", runId: "r" }, { seq, atUs: seq }, "alert", { venue: null }, payload);
}

test("any facts are packed whole and in order, and nothing is over a limit", () => {
  const texts = fc.array(fc.string({ unit: "binary", maxLength: 20_000 }), { maxLength: 260 });
  fc.assert(
    fc.property(texts, (all) => {
      const facts = all.map((text, index) => alarm(index + 1, text));
      const bodies = messageBodies(facts);
      const read = bodies.map((body) => JSON.parse(body) as FactBatch);
      expect(read.flatMap((batch) => batch.facts)).toEqual(facts);
      for (const [index, body] of bodies.entries()) {
        expect(bytesOf(body)).toBeLessThanOrEqual(FACT_MESSAGE_BYTES_MAX);
        expect(read[index]?.facts.length).toBeLessThanOrEqual(FACTS_PER_MESSAGE_MAX);
      }
      const requests = requestsOf(bodies);
      expect(requests.flat()).toEqual(bodies);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(MESSAGES_PER_REQUEST_MAX);
        const bytes = request.reduce((sum, body) => sum + bytesOf(body), 0);
        expect(bytes).toBeLessThanOrEqual(REQUEST_BYTES_MAX);
      }
    }),
    { numRuns: 40 },
  );
});

test("nothing gives no message", () => {
  expect(messageBodies([])).toEqual([]);
  expect(requestsOf([])).toEqual([]);
});

test("characters that the queue refuses are written as escapes, and read the same", () => {
  const text = "a\ufffe\uffff\u0001\ud800b";
  // What SQS takes, by its page: tab, line feed, carriage return, and everything else but these.
  expect(queueText({ text })).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd]*$/);
  expect(JSON.parse(queueText({ text }))).toEqual({ text });
});
