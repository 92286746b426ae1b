/** Goal: every control message is understood or answered with the venue's own error. */
import { describe, expect, it } from "vitest";
import { parseControlMessage } from "../../../../local/venues/binance/control-messages.ts";

describe("control messages that can be understood", () => {
  it.each([
    [
      '{"method":"SUBSCRIBE","params":["a@depth"],"id":1}',
      { kind: "subscribe", names: ["a@depth"], id: 1 },
    ],
    [
      '{"method":"UNSUBSCRIBE","params":[],"id":null}',
      { kind: "unsubscribe", names: [], id: null },
    ],
    ['{"method":"LIST_SUBSCRIPTIONS","id":"abc-1"}', { kind: "list", id: "abc-1" }],
    [
      '{"method":"SET_PROPERTY","params":["combined",false],"id":5}',
      { kind: "setCombined", isCombined: false, id: 5 },
    ],
    ['{"method":"GET_PROPERTY","params":["combined"],"id":2}', { kind: "getCombined", id: 2 }],
  ])("%s", (text, expected) => {
    expect(parseControlMessage(text)).toEqual(expected);
  });
});

describe("control messages that cannot", () => {
  it.each([
    ["", 3, "Invalid JSON"],
    ["{", 3, "Invalid JSON"],
    ["[]", 2, "expected an object"],
    ["null", 2, "expected an object"],
    ['{"method":"SUBSCRIBE","params":["a"]}', 2, "request ID"],
    ['{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2, "request ID"],
    [`{"method":"SUBSCRIBE","params":["a"],"id":"${"x".repeat(37)}"}`, 2, "request ID"],
    ['{"method":"SUBSCRIBE","params":["a"],"id":{}}', 2, "request ID"],
    ['{"params":["a"],"id":1}', 2, "missing field `method`"],
    ['{"method":"LISTEN","params":["a"],"id":1}', 2, "unknown variant `LISTEN`"],
    ['{"method":"SUBSCRIBE","params":"a","id":1}', 2, "list of strings"],
    ['{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "list of strings"],
    ['{"method":"SUBSCRIBE","id":1}', 2, "list of strings"],
    ['{"method":"SET_PROPERTY","id":1}', 2, "missing field `params`"],
    ['{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "too many parameters"],
    ['{"method":"SET_PROPERTY","params":[1,true],"id":1}', 2, "property name must be a string"],
    ['{"method":"SET_PROPERTY","params":["colour",true],"id":1}', 0, "Unknown property"],
    ['{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, "expected Boolean"],
  ])("%s", (text, code, msg) => {
    const message = parseControlMessage(text);
    if (message.kind !== "error") throw new Error(`understood as ${message.kind}`);
    const reply = JSON.parse(message.reply) as { code: number; msg: string };
    expect(reply.code).toBe(code);
    expect(reply.msg).toContain(msg);
  });
});
