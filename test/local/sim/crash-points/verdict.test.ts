// Goal: whatever was wrong with a story is told as a sentence, each kind of wrong by its own.
import { describe, expect, test } from "vitest";
import { STORIES } from "../../../../local/sim/crash-points/catalog.ts";
import { type Story, tellStory } from "../../../../local/sim/crash-points/crash-point.ts";
import { Play } from "../../../../local/sim/crash-points/play.ts";
import type { IntentSync } from "../../../../local/sim/crash-points/story-config.ts";
import { judgePlay } from "../../../../local/sim/crash-points/verdict.ts";

function storyOf(intents: IntentSync): Story {
  const story = STORIES.find(
    ({ scenario, venue, intentSync }) =>
      scenario.name === "restarted with an open order" &&
      venue === "kucoin" &&
      intentSync === intents,
  );
  if (story === undefined) throw new Error("it is one of the twelve");
  return story;
}

async function told(intents: IntentSync = "none"): Promise<Play> {
  const story = storyOf(intents);
  return await tellStory({ story, boundary: 0, model: "none", seed: 2, nested: 0 });
}

describe("a story that went well", () => {
  test("has nothing wrong with it, and goes on having nothing", async () => {
    const play = await told();
    expect(await judgePlay(play)).toEqual([]);
    play.violations.push("somebody saw something");
    expect(await judgePlay(play)).toEqual(["somebody saw something"]);
  });
});

describe("what is wrong is told", () => {
  test("where a life began under no higher fence than the one before", async () => {
    const play = await told();
    play.lives.push({ runId: "run-003", fence: 1, mark: undefined });
    expect(await judgePlay(play)).toEqual(["run-003 began under fence 1 after 2"]);
  });

  test("where records are gone that were acknowledged", async () => {
    const play = await told();
    const [first] = play.lives;
    if (first?.mark === undefined) throw new Error("the first life has ended");
    first.mark = { ...first.mark, ackedSeq: 1_000_000 };
    expect((await judgePlay(play)).join()).toContain("of 1000000 acknowledged");
  });

  test("where a kill is forgotten that was acknowledged", async () => {
    const play = await told();
    play.isKilled = true;
    expect(await judgePlay(play)).toEqual(["a kill was acknowledged and is forgotten"]);
  });

  test("where the intents cannot be read", async () => {
    const play = await told("fdatasync");
    play.disk.onOperation = undefined;
    const [file] = play.disk.files().filter((each) => each.includes("intents"));
    if (file === undefined) throw new Error("orders were placed");
    const handle = play.disk.open(file, "update");
    play.disk.write(handle, new Uint8Array(8).fill(255), 8);
    play.disk.write(handle, new Uint8Array(4096).fill(7), play.disk.sizeBytes(file));
    expect((await judgePlay(play)).join()).toContain("the intent log");
  });

  test("where fills are told twice, or not at all", async () => {
    const play = await told();
    const [order] = play.stage.side.exchange.log.everything("main");
    if (order === undefined) throw new Error("an order was placed");
    const { filledLots } = order.state;
    Object.assign(order.state, { filledLots: filledLots + 1 });
    expect((await judgePlay(play)).join()).toContain(
      `has ${filledLots + 1} lots, and ${filledLots} were told`,
    );
  });

  test("where nobody lives at its end", async () => {
    const play = new Play({ ...storyOf("none"), seed: 2, crashes: [] });
    expect(await judgePlay(play)).toEqual(["no life was left to be judged"]);
    play.violations.push("it never began");
    expect(await judgePlay(play)).toEqual(["it never began"]);
  });

  test("but for a fault of the judge's own, which is none of the story's", async () => {
    const play = await told();
    play.disk.listDirectories = () => {
      throw new TypeError("drill");
    };
    await expect(judgePlay(play)).rejects.toThrow("drill");
  });
});
