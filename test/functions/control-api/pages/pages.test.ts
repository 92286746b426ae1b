// Goal: every page is drawn for whoever may see it, says hostile text as text, and changes nothing by itself.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { InstrumentId } from "../../../../contracts/ids.ts";
import { createApp } from "../../../../functions/control-api/app.ts";
import { ASSET_NAMES } from "../../../../functions/control-api/pages/assets.ts";
import { mountPages } from "../../../../functions/control-api/pages/mount.ts";
import { PAGES } from "../../../../functions/control-api/pages/pages.ts";
import type { ApiPorts } from "../../../../functions/control-api/ports.ts";
import { ENGINE, type Memory, memoryRig, START_US } from "../memory-ports.ts";
import { limitsWith, PEOPLE, type Person, wellHeartbeat } from "../rig.ts";
import { createMint, type Mint } from "../test-tokens.ts";
import { CYCLE_CORR, fillScene, resyncFact, sceneFact, sceneStatus } from "./scene.ts";

let mint: Mint;
const tokens = new Map<Person, string>();
let memory: Memory;
let ports: ApiPorts;
let fetchPage: (request: Request) => Response | Promise<Response>;

beforeAll(async () => {
  mint = await createMint();
  for (const person of Object.keys(PEOPLE) as Person[]) {
    tokens.set(person, await mint.token(person, PEOPLE[person]));
  }
});

beforeEach(() => {
  ({ ports, memory } = memoryRig(mint.readToken, { isLocal: true }));
  fillScene(memory);
  const app = createApp(ports);
  mountPages(app, ports);
  fetchPage = app.fetch;
});

const SITE = "http://pages.test";

async function look(path: string, person: Person | "" = "rita", headers = {}): Promise<Response> {
  const cookie = person === "" ? {} : { cookie: `reckoner-session=${tokens.get(person)}` };
  return await fetchPage(new Request(SITE + path, { headers: { ...cookie, ...headers } }));
}

async function send(
  path: string,
  form: Readonly<Record<string, string>>,
  { person = "rita" as Person | "", origin = SITE } = {},
): Promise<Response> {
  const cookie = person === "" ? {} : { cookie: `reckoner-session=${tokens.get(person)}` };
  return await fetchPage(
    new Request(SITE + path, {
      method: "POST",
      headers: { ...cookie, origin, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    }),
  );
}

const CYCLE_PATH = `/cycles/${CYCLE_CORR}?at=${START_US - 240_000_000}`;

function pathOf(path: string): string {
  const resync = memory.hot.find(({ kind }) => kind === "resync");
  const place = `${resync?.fact_id}?at=${resync?.observed_at}&instrument=binance-spot%3ABTCUSDT`;
  return path
    .replace("/cycles/:corr", CYCLE_PATH)
    .replace("/resyncs/:id", `/resyncs/${place}`)
    .replace("/reports/:day", "/reports/2026-11-20");
}

/** Puts version 1 of the limits by two people, through the pages. */
async function seedLimits(changes = {}): Promise<void> {
  await send("/limits/put", {
    limits: JSON.stringify(limitsWith(changes)),
    version: "0",
    reason: "the first",
    key: "key-of-the-first",
  });
  const [proposal] = [...memory.proposals.values()];
  const approved = await send(
    `/proposals/${proposal?.proposalId}/approve`,
    {
      payloadHash: proposal?.payloadHash ?? "",
      kind: "limits",
      reason: "seen",
      key: "key-of-second",
    },
    { person: "rolf" },
  );
  expect(approved.headers.get("location")).toBe("/limits?done=approved");
}

describe("every page", () => {
  test.each(PAGES.map(({ path }) => path))("%s is drawn for a viewer", async (path) => {
    await seedLimits();
    const answer = await look(pathOf(path).replace(":version", "1"), "vera");
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain("<h1>");
    expect(text).not.toMatch(/\bundefined\b|\bNaN\b|\[object|role="alert"><h2>Something/);
    expect(text).not.toMatch(/ (?:style|on\w+)="/);
    expect(answer.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(memory.logged.filter(({ cause }) => cause !== undefined)).toEqual([]);
  });

  test.each(PAGES.map(({ path }) => path))("%s leads strangers to the login", async (path) => {
    const answer = await look(pathOf(path).replace(":version", "1"), "");
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toMatch(/^\/login\?next=%2F/);
  });

  test.each(PAGES.map(({ path }) => path))("%s is drawn while nothing is known", async (path) => {
    for (const list of [memory.hot, memory.cold]) list.length = 0;
    memory.heartbeats.clear();
    const answer = await look(path.replace(/:\w+/, "2026-11-19"));
    expect([200, 404]).toContain(answer.status);
    expect(await answer.text()).toContain("<h1>");
  });

  test.each(PAGES.map(({ path }) => path))(
    "%s is drawn while the tables are away",
    async (path) => {
      const away = pathOf(path).replace(":version", "1");
      for (const store of ["control", "commands", "history"] as const) memory.away.add(store);
      const answer = await look(away);
      const text = await answer.text();
      expect(text).toContain("<h1>");
      expect(text).not.toContain("secret-of-the-store");
    },
  );

  test("is refused to a person without a role, and of an engine that is not theirs", async () => {
    expect((await look("/", "nobody")).status).toBe(403);
    const elsewhere = await look(`/?engine=${ENGINE}`, "elsewhere");
    expect(await elsewhere.text()).toContain("There is no such engine");
  });

  test("keeps the engine that was chosen in its links", async () => {
    const text = await (await look("/?engine=other")).text();
    expect(text).toContain('href="/books?engine=other"');
    expect(await (await look("/")).text()).toContain('href="/books"');
  });

  test("that breaks says so with a number, and the log knows why", async () => {
    ports.commands.readHeartbeat = async () => ({ ...wellHeartbeat(), atUs: 1 });
    const broken = new Error("a store's own words");
    const failing = { ...ports, readToken: () => Promise.reject(broken) };
    const app = createApp(failing);
    mountPages(app, failing);
    const answer = await app.fetch(
      new Request(SITE, { headers: { cookie: "reckoner-session=x" } }),
    );
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("a store's own words");
    expect(memory.logged.some(({ cause }) => cause === broken)).toBe(true);
  });
});

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&`;

describe("hostile text", () => {
  test("of facts, kills and reports stays text on every page", async () => {
    const instrument = `kraken:${HOSTILE}` as InstrumentId;
    const alertText = { severity: 1, kind: HOSTILE, instrument, text: HOSTILE } as const;
    const at = START_US - 5_000_000;
    memory.hot.push(
      resyncFact(3, 5_000_000, instrument),
      sceneFact("alert", at, alertText, "kraken"),
      sceneFact("mode", at, { from: "active", to: "exitsOnly", reason: HOSTILE }, "kraken"),
      sceneFact("denial", at, {
        instrument,
        cycle: 1,
        leg: 0,
        control: HOSTILE,
        reason: HOSTILE,
        limitsVersion: 1,
      }),
    );
    const kill = { scope: "venue", target: HOSTILE, by: HOSTILE, reason: HOSTILE, atUs: 5 };
    const status = sceneStatus();
    const trading = { ...(status.trading as object), kills: [kill] };
    const books = [{ instrument: HOSTILE, state: HOSTILE, bid: { isEscaped: true }, ask: HOSTILE }];
    const statusJson = JSON.stringify({ ...status, trading, books });
    memory.heartbeats.set(ENGINE, wellHeartbeat({ halted: HOSTILE, statusJson }));
    memory.reports.set(`${ENGINE} 2026-11-20`, {
      [HOSTILE]: HOSTILE,
      list: [{ [HOSTILE]: HOSTILE }],
    });
    for (const path of [
      "/",
      "/books",
      "/alerts",
      "/denials",
      "/resyncs",
      "/kill",
      "/reports/2026-11-20",
    ]) {
      const text = await (await look(path)).text();
      expect(text).toContain("&lt;script&gt;");
      expect(text).not.toContain("<script>alert");
      expect(text).not.toContain("<img");
    }
  });

  test("of the address stays text", async () => {
    const asked = encodeURIComponent(HOSTILE);
    for (const path of [
      `/orders?instrument=${asked}`,
      `/trades?from=${asked}`,
      `/login?next=${asked}`,
      `/cycles/${asked}`,
      `/audit?chain=${asked}`,
      `/?engine=${asked}`,
      `/limits?done=put&version=${asked}`,
    ]) {
      const text = await (await look(path)).text();
      expect(text).not.toContain("<script>alert");
      expect(text).not.toContain("<img");
    }
  });
});

describe("a session", () => {
  test("begins with a good token and ends with a logout", async () => {
    const answer = await send(
      "/login",
      { token: tokens.get("vera") ?? "", next: "/books?engine=other" },
      { person: "" },
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/books?engine=other");
    expect(answer.headers.get("set-cookie")).toMatch(
      /^reckoner-session=[\w.-]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/,
    );
    const ended = await send("/logout", {});
    expect(ended.headers.get("set-cookie")).toContain("Max-Age=0");
  });

  test("has a cookie that needs TLS in the cloud", async () => {
    const cloud = { ...ports, settings: { ...ports.settings, isLocal: false } };
    const app = createApp(cloud);
    mountPages(app, cloud);
    fetchPage = app.fetch;
    const answer = await send("/login", { token: tokens.get("vera") ?? "" }, { person: "" });
    expect(answer.headers.get("set-cookie")).toMatch(/^__Host-reckoner=.*; Secure$/);
  });

  test.each([
    ["no token", "hello"],
    ["a token that is not valid", `${"a".repeat(40)}.b.c`],
  ])("does not begin with %s", async (_name, token) => {
    const answer = await send("/login", { token }, { person: "" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test("does not begin for a person without a role", async () => {
    const answer = await send("/login", { token: tokens.get("nobody") ?? "" }, { person: "" });
    expect(await answer.text()).toContain("names no role");
  });

  test("does not begin while tokens cannot be checked, nor after too many tries", async () => {
    const unavailable = {
      ...ports,
      readToken: async () => ({ kind: "unavailable", reason: "x" }) as const,
    };
    const app = createApp(unavailable);
    mountPages(app, unavailable);
    fetchPage = app.fetch;
    const asked = (): Promise<Response> =>
      send("/login", { token: "a".repeat(40) }, { person: "" });
    expect(await (await asked()).text()).toContain("cannot be checked");
    for (let at = 0; at < 200; at += 1) await asked();
    expect(await (await asked()).text()).toContain("Too many tries");
  });

  test.each(["//evil.test/", "https://evil.test", "/\\evil.test", "javascript:alert(1)"])(
    "never leads to %s",
    async (next) => {
      const answer = await send(
        "/login",
        { token: tokens.get("vera") ?? "", next },
        { person: "" },
      );
      expect(answer.headers.get("location")).toBe("/");
    },
  );
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
    const json = await fetchPage(
      new Request(`${SITE}/kill`, {
        method: "POST",
        headers: { origin: SITE, "content-type": "application/json" },
        body: "{}",
      }),
    );
    expect(json.status).toBe(403);
    expect((await send("/kill", { reason: "x".repeat(70_000) })).status).toBe(403);
  });
});

describe("the kill switch", () => {
  const good = { scope: "venue", target: "kraken", reason: "odd prices", key: "key-of-kill-1" };

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
    await seedLimits();
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
    await seedLimits({ cyclesPerHourMax: 9 });
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
    await seedLimits();
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

describe("lists", () => {
  test("are filtered, paged, and the same as CSV", async () => {
    for (let at = 0; at < 70; at += 1)
      memory.hot.push(resyncFact(3, at * 1_000 + 1, "kraken:SOL/USD"));
    const filtered = await (await look("/resyncs?instrument=kraken%3ASOL%2FUSD&cause=")).text();
    expect(filtered.match(/<tr><td/g)).toHaveLength(50);
    const next = /rel="next" href="([^"]+)"/.exec(filtered)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const older = await (await look(next)).text();
    expect(older.match(/<tr><td/g)).toHaveLength(20);
    expect(older).toContain("End of the range");
    const csv = /class="csv" href="([^"]+)"/.exec(filtered)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const rows = (await (await look(csv)).text()).trim().split("\r\n");
    expect(rows).toHaveLength(71);
  });

  test("say what is wrong with a question", async () => {
    const answer = await look("/orders?from=yesterday");
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("must be a time in UTC");
  });
});

describe("the audit", () => {
  test("is marked whole, and broken where an item was edited", async () => {
    await seedLimits();
    const whole = await (await look("/audit?verify=1")).text();
    expect(whole).toContain("The chain holds");
    expect(whole).toContain("These items are whole");
    const chain = memory.chains.get(`${ENGINE} limits`) ?? [];
    const [item] = chain;
    if (item === undefined) throw new Error("no item");
    chain[0] = { ...item, by: "somebody else" };
    const broken = await (await look("/audit?chain=limits&verify=1")).text();
    expect(broken.match(/The chain is broken at item 1/g)).toHaveLength(2);
  });
});

describe("assets", () => {
  test.each(ASSET_NAMES)("%s is served, and not twice", async (name) => {
    const answer = await look(`/assets/${name}`, "");
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(100);
    const etag = answer.headers.get("etag") ?? "";
    expect((await look(`/assets/${name}`, "", { "if-none-match": etag })).status).toBe(304);
  });

  test("are a closed list", async () => {
    expect((await look("/assets/../handler.ts", "")).status).toBe(401);
    expect((await look("/assets/live.mjs")).status).toBe(404);
  });
});
