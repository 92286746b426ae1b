// Goal: a question to the hot thread ends by its answer or by its deadline, and never twice.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ToHotThread } from "../../../hotpath/hot-thread-messages.ts";
import { HotThreadLink } from "../../../hotpath/supervising/hot-thread-link.ts";

let posted: ToHotThread[];
let link: HotThreadLink;

beforeEach(() => {
  vi.useFakeTimers();
  posted = [];
  link = new HotThreadLink((message) => void posted.push(message));
});

afterEach(() => void vi.useRealTimers());

describe("a question", () => {
  test("is answered by the message with its number, whatever else was asked", async () => {
    const first = link.ask((requestId) => ({ type: "book", requestId, instrument: "a" }));
    const second = link.ask((requestId) => ({ type: "book", requestId, instrument: "b" }));
    link.onAnswer({ type: "taken", requestId: 2, tick: 7 });
    link.onAnswer({ type: "taken", requestId: 1, tick: 6 });
    expect(await second).toMatchObject({ tick: 7 });
    expect(await first).toMatchObject({ tick: 6 });
  });

  test("that nobody answers ends with nothing, and a late answer is passed over", async () => {
    const asked = link.ask((requestId) => ({ type: "status", requestId }));
    await vi.advanceTimersByTimeAsync(1500);
    expect(await asked).toBeUndefined();
    expect(() => link.onAnswer({ type: "taken", requestId: 1, tick: 9 })).not.toThrow();
  });
});

describe("the end", () => {
  test("waits for the last word of the thread", async () => {
    const ended = link.shutDown();
    const last = { type: "stopped", stateHash: "s", commandHash: "c", journalSeq: 3 } as const;
    link.onStopped({ ...last, status: {} as never });
    expect(await ended).toMatchObject({ journalSeq: 3 });
    expect(posted).toEqual([{ type: "shutdown" }]);
  });

  test("does not wait for ever", async () => {
    const ended = link.shutDown();
    await vi.advanceTimersByTimeAsync(4000);
    expect(await ended).toBeUndefined();
  });

  test("that was not asked for is passed over", () => {
    expect(() => link.onStopped({ type: "stopped" } as never)).not.toThrow();
  });
});
