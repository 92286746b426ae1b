// Goal: whoever comes back with the last id hears of every change, through lost answers, late and doubled facts.
import { beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../../../../functions/control-api/app.ts";
import { firstPlace } from "../../../../functions/control-api/pages/live-place.ts";
import { mountPages } from "../../../../functions/control-api/pages/mount.ts";
import { ENGINE, type Memory, memoryRig, START_US } from "../memory-ports.ts";
import { wellHeartbeat } from "../rig.ts";
import { createMint } from "../test-tokens.ts";
import { resyncFact, sceneFact } from "./scene.ts";

const mint = await createMint();
const token = await mint.token("vera", ["viewer"]);
let memory: Memory;
let fetchPage: (request: Request) => Response | Promise<Response>;

beforeEach(() => {
  const rig = memoryRig(mint.readToken, { isLocal: true });
  memory = rig.memory;
  const app = createApp(rig.ports);
  mountPages(app, rig.ports);
  fetchPage = app.fetch;
});

type Heard = { readonly type: string; readonly id: string; readonly data: Record<string, unknown> };

async function listen(
  lastId: string,
  engine = ENGINE,
): Promise<{ status: number; text: string; heard: Heard[]; lastId: string }> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (lastId !== "") headers["last-event-id"] = lastId;
  const answer = await fetchPage(
    new Request(`http://pages.test/events?engine=${engine}`, { headers }),
  );
  const text = await answer.text();
  let id = lastId;
  const heard = text.split("\n\n").flatMap((block): Heard[] => {
    const fields = new Map(
      block.split("\n").map((line) => line.split(": ", 2) as [string, string]),
    );
    id = fields.get("id") ?? id;
    const type = fields.get("event");
    const data = block.slice(block.indexOf("data: ") + 6);
    return type === undefined ? [] : [{ type, id, data: JSON.parse(data) }];
  });
  return { status: answer.status, text, heard, lastId: id };
}

function modeAt(atUs: number) {
  return sceneFact(
    "mode",
    atUs,
    { from: "active", to: "exitsOnly", reason: "queueDelay" },
    "kraken",
  );
}

/** Ids of the transitions among what was heard. */
function idsIn(heard: readonly Heard[]): unknown[] {
  return heard.filter(({ type }) => type === "transition").map(({ data }) => data.id);
}

describe("the stream", () => {
  test("tells of every transition once over any number of answers", async () => {
    const told: unknown[] = [];
    const expected: string[] = [];
    let lastId = firstPlace(START_US);
    for (let step = 0; step < 40; step += 1) {
      memory.nowUs += 1_000_000;
      // Of three facts one comes at once, one late, and the first a second time.
      const facts = [modeAt(memory.nowUs), resyncFact(step, -(step * 1_000_000) + 60_000_000)];
      for (const fact of facts) expected.push(`${fact.kind} ${fact.fact_id}`);
      memory.hot.push(...facts);
      const { heard, lastId: next } = await listen(lastId);
      // Each third answer is lost on its way: the browser asks again with the id it had.
      if (step % 3 === 2) continue;
      told.push(...idsIn(heard));
      lastId = next;
    }
    const { heard } = await listen(lastId);
    told.push(...idsIn(heard));
    expect([...told].sort()).toEqual([...expected].sort());
  });

  test("tells of a heartbeat when there is a new one", async () => {
    memory.heartbeats.set(ENGINE, wellHeartbeat());
    const first = await listen(firstPlace(START_US));
    expect(first.heard.map(({ type }) => type)).toEqual(["status", "place"]);
    const second = await listen(first.lastId);
    expect(second.heard.map(({ type }) => type)).toEqual(["place"]);
    memory.heartbeats.set(ENGINE, wellHeartbeat({ atUs: START_US, halted: "broken" }));
    const third = await listen(second.lastId);
    expect(third.heard[0]?.data).toMatchObject({ halted: "broken" });
  });

  test("tells of more than one read gives", async () => {
    for (let at = 0; at < 1_200; at += 1) memory.hot.push(modeAt(START_US - at));
    const { heard } = await listen(firstPlace(START_US));
    expect(heard.filter(({ type }) => type === "transition")).toHaveLength(1_200);
  });

  test.each(["", "not-ours", firstPlace(START_US - 2 * 86_400_000_000)])(
    "asks for the page to be taken anew after the id %j",
    async (id) => {
      const { heard, lastId } = await listen(id);
      expect(heard.map(({ type }) => type)).toEqual(["reset"]);
      expect((await listen(lastId)).heard.map(({ type }) => type)).toEqual(["place"]);
    },
  );

  test("does not move while the tables are away, so nothing is lost", async () => {
    const start = firstPlace(START_US);
    memory.hot.push(modeAt(START_US));
    memory.away.add("history");
    const away = await listen(start);
    expect(away).toMatchObject({ status: 200, text: "retry: 5000\n\n", lastId: start });
    memory.away.clear();
    expect((await listen(away.lastId)).heard[0]?.type).toBe("transition");
  });

  test("writes line breaks of facts as escapes, so that none begins an event of its own", async () => {
    memory.hot.push(
      sceneFact("kill", START_US, {
        scope: "all",
        target: "",
        isKilled: false,
        by: "x",
        reason: "a\n\nevent: forged\ndata: {}",
      }),
    );
    const { heard } = await listen(firstPlace(START_US));
    expect(heard.map(({ type }) => type)).toEqual(["transition", "place"]);
  });

  test("tells of every kind of transition in words", async () => {
    const at = START_US - 1;
    memory.hot.push(
      sceneFact("kill", at, {
        scope: "venue",
        target: "kraken",
        isKilled: true,
        by: "otto",
        reason: "odd",
      }),
      sceneFact("run", at, { change: "ended", fence: 1, version: "1", modes: {}, reason: "asked" }),
      sceneFact("alert", at, { severity: 3, kind: "slow", instrument: "", text: "It was slow." }),
      resyncFact(0, 1),
    );
    const { heard } = await listen(firstPlace(START_US));
    const texts = heard.map(({ data }) => String(data.text));
    expect(texts).toContain("killed venue kraken by otto: odd");
    expect(texts).toContain("run run-1 ended: asked");
    expect(texts).toContain("alert slow: It was slow.");
    expect(texts).toContain("resynced in 40 s (no market flow)");
  });

  test("is not for strangers, nor of engines that are not there", async () => {
    const stranger = await fetchPage(new Request(`http://pages.test/events?engine=${ENGINE}`));
    expect(stranger.status).toBe(401);
    expect((await listen(firstPlace(START_US), "nowhere")).status).toBe(404);
  });
});
