/**
 * Station: facts -> bodies of messages, as few as their limits allow; then messages -> requests.
 *
 * Bodies hold nothing that a queue refuses: of the characters that JSON may hold as they are, SQS takes
 * all but two, and those are written as escapes.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (read 2026-11-21)
 */
import {
  FACT_MESSAGE_BYTES_MAX,
  FACT_SCHEMA_VERSION,
  FACTS_PER_MESSAGE_MAX,
  type Fact,
} from "../../contracts/history.ts";

/** Of one request to the queue: messages, and bytes of all of them together. */
export const MESSAGES_PER_REQUEST_MAX = 10;
export const REQUEST_BYTES_MAX = 250_000;

const HEAD = `{"schemaVersion":${FACT_SCHEMA_VERSION},"facts":[`;
const TAIL = "]}";
const encoder = new TextEncoder();

/** Bodies that together hold every fact once, in their order; each is a `FactBatch` as JSON. */
export function messageBodies(facts: readonly Fact[]): string[] {
  const bodies: string[] = [];
  let texts: string[] = [];
  let bytes = HEAD.length + TAIL.length;
  const flush = (): void => {
    if (texts.length > 0) bodies.push(HEAD + texts.join(",") + TAIL);
    texts = [];
    bytes = HEAD.length + TAIL.length;
  };
  for (const fact of facts) {
    const text = queueText(fact);
    const added = bytesOf(text) + 1;
    const isFull = texts.length === FACTS_PER_MESSAGE_MAX || bytes + added > FACT_MESSAGE_BYTES_MAX;
    if (isFull) flush();
    texts.push(text);
    bytes += added;
  }
  flush();
  return bodies;
}

/** Bodies in groups that fit into one request each. */
export function requestsOf(bodies: readonly string[]): string[][] {
  const requests: string[][] = [];
  let request: string[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const added = bytesOf(body);
    const isFull = request.length === MESSAGES_PER_REQUEST_MAX || bytes + added > REQUEST_BYTES_MAX;
    if (isFull && request.length > 0) {
      requests.push(request);
      request = [];
      bytes = 0;
    }
    request.push(body);
    bytes += added;
  }
  if (request.length > 0) requests.push(request);
  return requests;
}

/** JSON text that SQS takes: U+FFFE and U+FFFF stand in strings only, so escapes mean the same. */
export function queueText(value: unknown): string {
  return JSON.stringify(value).replaceAll("\ufffe", "\\ufffe").replaceAll("\uffff", "\\uffff");
}

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
