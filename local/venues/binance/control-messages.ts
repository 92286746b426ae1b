/**
 * Station: a client's text -> what it asks for, or the venue's error, word for word.
 *
 * The grammar of SUBSCRIBE and its kin as the venue's page web-socket-streams.md states it (read
 * 2026-11-20). Pure: it reads text and returns what to do; the server does it.
 */

export const METHODS = [
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "LIST_SUBSCRIPTIONS",
  "SET_PROPERTY",
  "GET_PROPERTY",
] as const;
type Method = (typeof METHODS)[number];

/** Ids may be an int64, a string of at most 36 characters, or null. */
export type MessageId = number | string | null;
const ID_LENGTH_MAX = 36;

export type ControlMessage =
  | { readonly kind: "subscribe" | "unsubscribe"; readonly names: string[]; readonly id: MessageId }
  | { readonly kind: "list" | "getCombined"; readonly id: MessageId }
  | { readonly kind: "setCombined"; readonly isCombined: boolean; readonly id: MessageId }
  | { readonly kind: "error"; readonly reply: string };

/** The venue's error reply. */
export function errorReply(code: number, msg: string, id?: MessageId): string {
  return JSON.stringify(id === undefined ? { code, msg } : { code, msg, id });
}

/** The reply to what was done; `result` is null unless something was asked. */
export function resultReply(result: unknown, id: MessageId): string {
  return JSON.stringify({ result, id });
}

function failure(code: number, msg: string, id?: MessageId): ControlMessage {
  return { kind: "error", reply: errorReply(code, msg, id) };
}

function isMethod(name: unknown): name is Method {
  return (METHODS as readonly unknown[]).includes(name);
}

function isMessageId(id: unknown): id is MessageId {
  if (id === null) return true;
  if (typeof id === "number") return Number.isSafeInteger(id);
  return typeof id === "string" && id.length <= ID_LENGTH_MAX && /^[A-Za-z0-9_-]*$/.test(id);
}

function areNames(params: unknown): params is string[] {
  return Array.isArray(params) && params.every((name) => typeof name === "string");
}

function parseProperty(method: Method, params: unknown, id: MessageId): ControlMessage {
  if (!Array.isArray(params) || params.length === 0) {
    return failure(2, "Invalid request: missing field `params`", id);
  }
  if (params.length > (method === "SET_PROPERTY" ? 2 : 1)) {
    return failure(2, "Invalid request: too many parameters", id);
  }
  const [name, value] = params as unknown[];
  if (typeof name !== "string") {
    return failure(2, "Invalid request: property name must be a string", id);
  }
  if (name !== "combined") return failure(0, "Unknown property", id);
  if (method === "GET_PROPERTY") return { kind: "getCombined", id };
  if (typeof value !== "boolean") {
    return failure(1, "Invalid value type: expected Boolean", id);
  }
  return { kind: "setCombined", isCombined: value, id };
}

function parseMethod(method: Method, params: unknown, id: MessageId): ControlMessage {
  switch (method) {
    case "SUBSCRIBE":
    case "UNSUBSCRIBE": {
      if (!areNames(params)) {
        return failure(2, "Invalid request: params must be a list of strings", id);
      }
      const kind = method === "SUBSCRIBE" ? "subscribe" : "unsubscribe";
      return { kind, names: params, id };
    }
    case "LIST_SUBSCRIPTIONS":
      return { kind: "list", id };
    case "SET_PROPERTY":
    case "GET_PROPERTY":
      return parseProperty(method, params, id);
  }
}

/** Reads one text message of a client. */
export function parseControlMessage(text: string): ControlMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return failure(3, "Invalid JSON: expected value at line 1 column 1");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return failure(2, "Invalid request: expected an object at line 1 column 1");
  }
  const { method, params, id } = message as { method?: unknown; params?: unknown; id?: unknown };
  if (id === undefined || !isMessageId(id)) {
    const rule = "request ID must be an unsigned integer, an alphanumeric string or null";
    return failure(2, `Invalid request: ${rule}`);
  }
  if (method === undefined) {
    return failure(
      2,
      `Invalid request: missing field \`method\` at line 1 column ${text.length}`,
      id,
    );
  }
  if (!isMethod(method)) {
    const known = METHODS.map((name) => `\`${name}\``).join(", ");
    const said = `unknown variant \`${String(method)}\`, expected one of ${known}`;
    return failure(2, `Invalid request: ${said}`, id);
  }
  return parseMethod(method, params, id);
}
