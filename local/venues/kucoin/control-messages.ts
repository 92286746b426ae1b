/**
 * Station: a client's text -> what it asks for, or the venue's error.
 *
 * The grammar of ping, subscribe and unsubscribe, and the codes of the page of WebSocket errors (read
 * 2026-11-20). Pure: it reads text and returns what to do; the desk does it.
 */

/** "Topics in one subscribe" and "topics per connection"; the smaller of the two published sets. */
export const TOPICS_PER_MESSAGE_MAX = 100;
export const TOPICS_PER_SESSION_MAX = 300;

export type ControlMessage =
  | { readonly kind: "ping"; readonly id: string }
  | {
      readonly kind: "subscribe" | "unsubscribe";
      readonly id: string;
      /** One topic for each symbol. */
      readonly topics: readonly string[];
      readonly isPrivate: boolean;
      readonly wantsAck: boolean;
    }
  | { readonly kind: "error"; readonly reply: string };

/** An error frame; the shape is the venue's for all of its replies. */
export function errorText(id: string, code: number, data: string): string {
  return JSON.stringify({ id, type: "error", code, data });
}

/** Replies carry the id as text, whatever it was. */
export function replyText(id: string, type: "welcome" | "ack" | "pong"): string {
  return JSON.stringify({ id, type });
}

function failure(id: string, code: number, data: string): ControlMessage {
  return { kind: "error", reply: errorText(id, code, data) };
}

/** Reads one text message of a client. */
export function parseControlMessage(text: string): ControlMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return failure("", 400, "message is not JSON");
  }
  if (typeof message !== "object" || message === null) return failure("", 400, "message is empty");
  const { id: given, type, topic, privateChannel, response } = message as Record<string, unknown>;
  const id = typeof given === "number" || typeof given === "string" ? String(given) : "";
  if (type === "ping") return { kind: "ping", id };
  if (type !== "subscribe" && type !== "unsubscribe") {
    return failure(id, 415, `type ${String(type)} is not supported`);
  }
  if (typeof topic !== "string" || topic === "") return failure(id, 406, "topic is required");
  const topics = topicsOf(topic);
  if (topics.length > TOPICS_PER_MESSAGE_MAX) {
    return failure(id, 509, `exceed max topics of ${TOPICS_PER_MESSAGE_MAX} per request`);
  }
  return {
    kind: type,
    id,
    topics,
    isPrivate: privateChannel === true,
    wantsAck: response === true,
  };
}

/** `/market/level2:A,B` is two topics. */
function topicsOf(topic: string): string[] {
  const colon = topic.indexOf(":");
  if (colon < 0) return [topic];
  const prefix = topic.slice(0, colon + 1);
  return topic
    .slice(colon + 1)
    .split(",")
    .map((symbol) => prefix + symbol);
}
