// Goal: the recorder is shown whole ticks: an event with everything that was made of it, or none of it.
import { expect, test } from "vitest";
import { RAW_FRAME, RECORD_CLASS_AT } from "../../../contracts/journal.ts";
import { ByteRing, createRingMemory } from "../../../hotpath/io/byte-ring.ts";
import { JournalFeed } from "../../../hotpath/io/journal-feed.ts";

const SOURCE = { venue: 0, shard: 0, epoch: 1, recvUs: 1, awayUs: 0 };
const FRAME = new Uint8Array([1, 2, 3]);

function feedWithReader() {
  const memory = createRingMemory(64 * 1024);
  const consumer = new ByteRing(memory);
  return {
    feed: new JournalFeed(new ByteRing(memory)),
    /** Class codes of what the recorder can see now. */
    seen(): number[] {
      const classes: number[] = [];
      for (let bytes = consumer.peek(1); bytes > 0; bytes = consumer.peek(1)) {
        classes.push(consumer.bytes[consumer.peekOffset + RECORD_CLASS_AT] ?? -1);
        consumer.consume(bytes);
      }
      return classes;
    },
  };
}

test("nothing of a tick is seen before its end, and then all of it", () => {
  const { feed, seen } = feedWithReader();
  feed.recordEvent(1, 10, "{}");
  feed.recordRaw(RAW_FRAME, SOURCE, FRAME);
  feed.recordCommand(1, 10, "{}");
  expect(seen()).toEqual([]);
  feed.endTick();
  expect(seen()).toEqual([5, 0, 3]);
});

test("what is recorded between ticks is seen at once", () => {
  const { feed, seen } = feedWithReader();
  expect(feed.recordRaw(RAW_FRAME, SOURCE, FRAME)).toBe(1);
  feed.recordControl(3, 0, 10, "{}");
  expect(seen()).toEqual([0, 5]);
});
