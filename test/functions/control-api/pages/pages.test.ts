// Goal: every page is drawn for whoever may see it, says hostile text as text, and changes nothing by itself.
import { beforeEach, describe, expect, test } from "vitest";
import type { InstrumentId } from "../../../../contracts/ids.ts";
import { ASSET_NAMES } from "../../../../functions/control-api/pages/assets.ts";
import { PAGES } from "../../../../functions/control-api/pages/pages.ts";
import { ENGINE, type Memory, START_US } from "../memory-ports.ts";
import { wellHeartbeat } from "../rig.ts";
import { createPageRigs, type PageRig } from "./page-rig.ts";
import { CYCLE_CORR, resyncFact, sceneFact, sceneStatus } from "./scene.ts";

const createRig = await createPageRigs();
let rig: PageRig;
let memory: Memory;
const look: PageRig["look"] = (...asked) => rig.look(...asked);
const send: PageRig["send"] = (...asked) => rig.send(...asked);

beforeEach(() => {
  rig = createRig();
  memory = rig.memory;
});

const CYCLE_PATH = `/cycles/${CYCLE_CORR}?at=${START_US - 240_000_000}`;

function pathOf(path: string): string {
  const resync = memory.hot.find(({ kind }) => kind === "resync");
  const place = `${resync?.fact_id}?at=${resync?.observed_at}&instrument=binance-spot%3ABTCUSDT`;
  return path
    .replace("/cycles/:corr", CYCLE_PATH)
    .replace("/resyncs/:id", `/resyncs/${place}`)
    .replace("/reports/:day", "/reports/2026-11-20");
}

describe("every page", () => {
  test.each(PAGES.map(({ path }) => path))("%s is drawn for a viewer", async (path) => {
    await rig.seedLimits();
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

  test.each(PAGES.map(({ path }) => path).filter((path) => !path.includes(":")))(
    "%s keeps it in the forms that ask, whose address loses its query",
    async (path) => {
      const text = await (await look(`${path}?engine=other`)).text();
      const forms = text.match(/<form[^>]*method="get".*?<\/form>/gs) ?? [];
      expect(forms.length).toBeGreaterThan(0);
      for (const form of forms) expect(form).toMatch(/name="engine"/);
    },
  );

  test("that breaks says so with a number, and the log knows why", async () => {
    const broken = new Error("a store's own words");
    const failing = rig.withPorts({ readToken: () => Promise.reject(broken) });
    const answer = await failing.look("/");
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
      { token: rig.tokenOf("vera"), next: "/books?engine=other" },
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
    const cloud = rig.withPorts({ settings: { ...rig.ports.settings, isLocal: false } });
    const answer = await cloud.send("/login", { token: rig.tokenOf("vera") }, { person: "" });
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
    const answer = await send("/login", { token: rig.tokenOf("nobody") }, { person: "" });
    expect(await answer.text()).toContain("names no role");
  });

  test("does not begin while tokens cannot be checked, nor after too many tries", async () => {
    const reading = { kind: "unavailable", reason: "x" } as const;
    const unavailable = rig.withPorts({ readToken: async () => reading });
    const form = { token: "a".repeat(40) };
    const asked = (): Promise<Response> => unavailable.send("/login", form, { person: "" });
    expect(await (await asked()).text()).toContain("cannot be checked");
    for (let at = 0; at < 200; at += 1) await asked();
    expect(await (await asked()).text()).toContain("Too many tries");
  });

  test.each(["//evil.test/", "https://evil.test", "/\\evil.test", "javascript:alert(1)"])(
    "never leads to %s",
    async (next) => {
      const answer = await send("/login", { token: rig.tokenOf("vera"), next }, { person: "" });
      expect(answer.headers.get("location")).toBe("/");
    },
  );
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
    await rig.seedLimits();
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
