// Goal: what a form asks happens once, by whoever may, from our own pages, and comes back with what was wrong.
import { beforeEach, describe, expect, test } from "vitest";
import { ENGINE, type Memory } from "../memory-ports.ts";
import { limitsWith, wellHeartbeat } from "../rig.ts";
import { createPageRigs, type PageRig } from "./page-rig.ts";

const createRig = await createPageRigs();
let rig: PageRig;
let memory: Memory;
const look: PageRig["look"] = (...asked) => rig.look(...asked);
const send: PageRig["send"] = (...asked) => rig.send(...asked);

beforeEach(() => {
  rig = createRig();
  memory = rig.memory;
});

describe("a form", () => {
  test.each(["/login", "/logout", "/kill", "/limits/put", "/actions/pause"])(
    "to %s is refused from another site",
    async (path) => {
      const answer = await send(path, { reason: "x" }, { origin: "https://evil.test" });
      expect(answer.status).toBe(403);
      expect(memory.sent).toEqual([]);
    },
  );

  test("of another type, or too large, is refused", async () => {
    const json = await send("/kill", {}, { type: "application/json" });
    expect(json.status).toBe(403);
    expect((await send("/kill", { reason: "x".repeat(70_000) })).status).toBe(403);
  });
});

describe("the kill switch", () => {
  const good = {
    scope: "venue",
    target: "kraken",
    reason: "odd prices",
    key: "key-of-kill-1",
    engine: ENGINE,
  };

  test("kills once, however often its form is sent, and shows what became of it", async () => {
    const form = { ...good, confirm: ENGINE };
    const first = await send("/kill", form, { person: "otto" });
    const again = await send("/kill", form, { person: "otto" });
    expect(first.status).toBe(303);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    expect(memory.sent).toHaveLength(1);
    const shown = await (await look(first.headers.get("location") ?? "", "otto")).text();
    expect(shown).toContain("Kill queued");
    const [record] = [...memory.commands.values()];
    if (record === undefined) throw new Error("no record");
    memory.commands.set(`${ENGINE} ${record.commandId}`, { ...record, state: "done" });
    expect(await (await look(first.headers.get("location") ?? "")).text()).toContain("Kill done");
  });

  test("kills nothing without the engine's name", async () => {
    const answer = await send("/kill", { ...good, confirm: "other" }, { person: "otto" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("Nothing was killed");
    expect(memory.sent).toEqual([]);
  });

  test("works while the tables are away, and says what to do while the queue is", async () => {
    for (const store of ["control", "commands"] as const) memory.away.add(store);
    const sent = await send("/kill", { ...good, confirm: ENGINE }, { person: "otto" });
    expect(sent.status).toBe(303);
    expect(memory.sent).toHaveLength(1);
    expect(await (await look(sent.headers.get("location") ?? "")).text()).toContain(
      "cannot be read",
    );
    memory.away.add("queue");
    const lost = await send(
      "/kill",
      { ...good, confirm: ENGINE, key: "key-of-kill-2" },
      { person: "otto" },
    );
    expect(lost.status).toBe(503);
    expect(await lost.text()).toContain("admin port");
  });

  test("is not held up by a status that cannot be read, nor by having looked too often", async () => {
    const readHeartbeat = (): Promise<never> => new Promise(() => {});
    const silent = rig.withPorts({ commands: { ...rig.ports.commands, readHeartbeat } });
    const form = { ...good, confirm: ENGINE };
    expect((await silent.send("/kill", form, { person: "otto" })).status).toBe(303);
    while ((await look("/alerts", "otto")).status !== 429);
    const other = { ...form, key: "key-of-kill-2" };
    expect((await send("/kill", other, { person: "otto" })).status).toBe(303);
    expect(memory.sent).toHaveLength(2);
  });

  test("takes a reason that fills its field", async () => {
    const field = /name="reason" required maxlength="(\d+)"/.exec(
      await (await look("/kill")).text(),
    );
    const form = { ...good, confirm: ENGINE, reason: "x".repeat(Number(field?.[1])) };
    expect((await send("/kill", form, { person: "otto" })).status).toBe(303);
    expect(memory.sent).toMatchObject([{ reason: form.reason }]);
  });

  test("shows no button to whoever may not, and refuses them too", async () => {
    expect(await (await look("/kill", "vera")).text()).not.toContain("Kill now");
    expect((await send("/kill", { ...good, confirm: ENGINE }, { person: "vera" })).status).toBe(
      403,
    );
  });

  test("is released by two people", async () => {
    memory.heartbeats.set(ENGINE, wellHeartbeat());
    const release = {
      scope: "venue",
      target: "kucoin",
      reason: "it is over",
      key: "key-of-release",
    };
    const proposed = await send("/kill/release", release);
    expect(proposed.headers.get("location")).toBe("/kill?done=proposed");
    expect(await (await look("/kill?done=proposed")).text()).toContain(
      "Somebody else must approve",
    );
    const [proposal] = [...memory.proposals.values()];
    const decision = {
      payloadHash: proposal?.payloadHash ?? "",
      kind: "release",
      reason: "seen",
      key: "key-of-approval",
    };
    const path = `/proposals/${proposal?.proposalId}/approve`;
    expect((await send(path, decision)).status).toBe(403);
    const approved = await send(path, decision, { person: "rolf" });
    expect(approved.headers.get("location")).toBe("/kill?done=approved");
    expect(await (await look("/kill?done=approved")).text()).toContain("release is approved");
    expect(await (await look("/kill?done=rejected")).text()).toContain("stays killed");
    expect(memory.sent.at(-1)?.action.kind).toBe("release");
  });

  test("says why a release is not possible now", async () => {
    memory.heartbeats.set(ENGINE, wellHeartbeat({ isReady: false }));
    const release = { scope: "all", target: "", reason: "too soon", key: "key-of-too-soon" };
    const answer = await send("/kill/release", release);
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("not every required book is live");
  });
});

describe("the limits", () => {
  function formOf(limits: object): Record<string, string> {
    const { reserve, allowlist, ...rest } = limits as Record<string, unknown>;
    const plain = Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, String(value)]),
    );
    return {
      ...plain,
      reserve: Object.entries(reserve as object)
        .map(([asset, amount]) => `${asset} ${amount}`)
        .join("\r\n"),
      allowlistKind: allowlist === undefined ? "all" : "named",
      allowlist: Array.isArray(allowlist) ? allowlist.join("\n") : "",
    };
  }

  test("begin with a form of the usual ones that passes its own check", async () => {
    const text = await (await look("/limits")).text();
    expect(text).toContain("No version was put yet");
    const values = [...text.matchAll(/<input id="\w+" name="(\w+)"[^>]*value="([^"]*)"/g)];
    const form = Object.fromEntries(values.map(([, name, value]) => [name, value]));
    const answer = await send("/limits/preview", { ...form, allowlistKind: "all" } as Record<
      string,
      string
    >);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("A second person is needed");
  });

  test("that only tighten take effect at once", async () => {
    await rig.seedLimits();
    const tighter = limitsWith({
      cyclesPerHourMax: 9,
      reserve: { USDT: "5" },
      allowlist: ["kraken:BTC/USD"],
    });
    const preview = await send("/limits/preview", formOf(tighter));
    const text = await preview.text();
    expect(text).toContain("Takes effect at once");
    expect(text).toContain("reserve.USDT");
    const hidden = /name="limits" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&quot;", '"') ?? "";
    const answer = await send("/limits/put", {
      limits: hidden,
      version: "1",
      reason: "smaller",
      key: "key-of-tight",
    });
    expect(answer.headers.get("location")).toBe("/limits?done=put&version=2");
    const after = await (await look("/limits?done=put&version=2")).text();
    expect(after).toContain("Version 2 is put");
    expect(after).toContain("kraken:BTC/USD");
    expect(after).toContain("USDT 5");
    expect(await (await look("/limits/versions/2")).text()).toContain("smaller");
  });

  test("that widen wait for somebody else, who can approve or turn down", async () => {
    await rig.seedLimits({ cyclesPerHourMax: 9 });
    const wider = JSON.stringify(limitsWith({ cyclesPerHourMax: 10 }));
    const put = { limits: wider, version: "1", reason: "more", key: "key-of-wide" };
    expect((await send("/limits/put", put)).headers.get("location")).toBe("/limits?done=proposed");
    const own = await (await look("/limits?done=proposed")).text();
    expect(own).toContain("Nothing has changed yet");
    expect(own).toContain("Somebody else must approve it");
    const other = await (await look("/limits", "rolf")).text();
    expect(other).toContain("lets more through");
    expect(await (await look("/limits", "vera")).text()).toContain("Needs the role risk");
    const open = [...memory.proposals.values()].find(({ state }) => state === "open");
    const path = `/proposals/${open?.proposalId}/reject`;
    const form = { payloadHash: "", kind: "limits", reason: "no", key: "key-of-rejection" };
    const answer = await send(path, form, { person: "rolf" });
    expect(answer.headers.get("location")).toBe("/limits?done=rejected");
    expect(await (await look("/limits?done=rejected")).text()).toContain("turned down");
    const late = await send(path, { ...form, key: "key-of-late-one" }, { person: "anna" });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain("Not turned down");
  });

  test("that are wrong come back with the field that is, and with what was typed", async () => {
    const form = { ...formOf(limitsWith()), collarPpm: "a lot", reserve: "USDT 5 6" };
    const answer = await send("/limits/preview", form);
    const text = await answer.text();
    expect(answer.status).toBe(422);
    expect(text).toContain("<code>limits.collarPpm</code>");
    expect(text).toContain('value="a lot"');
  });

  test("that did not change have nothing to send, and those that did since are refused", async () => {
    await rig.seedLimits();
    expect(await (await send("/limits/preview", formOf(limitsWith()))).text()).toContain(
      "Nothing is different",
    );
    const stale = {
      limits: JSON.stringify(limitsWith()),
      version: "7",
      reason: "late",
      key: "key-of-stale",
    };
    expect((await send("/limits/put", stale)).status).toBe(412);
    expect((await send("/limits/put", { ...stale, limits: "{" })).status).toBe(422);
    const viewer = await send("/limits/preview", formOf(limitsWith({ openOrdersMax: 100 })), {
      person: "vera",
    });
    expect(await viewer.text()).toContain("not make them");
  });
});

describe("actions", () => {
  test.each([
    ["pause", {}],
    ["resume", {}],
    ["mode", { mode: "exitsOnly" }],
    ["resync", { instrument: "kraken:BTC/USD" }],
    ["cancel-all", { venue: "" }],
    ["drain", { policy: "flatten" }],
    ["flatten", { confirm: ENGINE }],
  ])("%s is sent once and listed", async (id, fields) => {
    const form = { ...fields, reason: "because of a drill", key: `key-of-${id}-1` };
    expect((await send(`/actions/${id}`, form)).headers.get("location")).toBe("/actions?done=sent");
    await send(`/actions/${id}`, form);
    expect(memory.sent).toHaveLength(1);
    expect(await (await look("/actions?done=sent")).text()).toContain("because of a drill");
  });

  test("that are refused say why", async () => {
    const answer = await send("/actions/flatten", {
      confirm: "x",
      reason: "y",
      key: "key-of-flatten",
    });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("name");
  });
});
