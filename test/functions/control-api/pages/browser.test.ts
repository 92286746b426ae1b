// Goal: the pages in a real browser: no error, no sideways scroll, all by keyboard, live through lost connections.
import type * as playwright from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE, START_US } from "../memory-ports.ts";
import { wellHeartbeat } from "../rig.ts";
import { launchBrowser, logIn, type Served, servePages } from "./browser.ts";
import { CYCLE_CORR, sceneFact, sceneStatus } from "./scene.ts";

const launched = await launchBrowser();
if (typeof launched === "string") {
  process.stderr.write(
    `The pages were not tried in a browser: Chromium does not start here (${launched}).\n`,
  );
}

const PATHS = [
  "/",
  "/books",
  "/opportunities",
  "/cycles",
  `/cycles/${CYCLE_CORR}?at=${START_US - 240_000_000}`,
  "/orders",
  "/trades",
  "/denials",
  "/resyncs",
  "/limits",
  "/actions",
  "/kill",
  "/alerts",
  "/reports",
  "/reports/2026-11-20",
  "/audit?verify=1",
];

describe.skipIf(typeof launched === "string")("in a browser", () => {
  const browser = launched as playwright.Browser;
  let served: Served;
  let context: playwright.BrowserContext;
  let page: playwright.Page;
  const faults: string[] = [];

  beforeAll(async () => {
    served = await servePages();
    context = await contextOf({ width: 1280, height: 900 });
    await logIn(context, served, "rita");
    page = await context.newPage();
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
  });

  async function contextOf(
    viewport: { readonly width: number; readonly height: number },
    options: playwright.BrowserContextOptions = {},
  ): Promise<playwright.BrowserContext> {
    const made = await browser.newContext({ viewport, locale: "en-US", ...options });
    made.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    made.on("weberror", (error) => faults.push(error.error().message));
    return made;
  }

  /** Presses Tab until the element `id` has the focus, as somebody without a mouse would. */
  async function tabTo(id: string): Promise<void> {
    for (let press = 0; press < 120; press += 1) {
      if ((await page.evaluate("document.activeElement.id")) === id) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${id} cannot be reached by Tab`);
  }

  test("every page is whole at 1280 and at 320 pixels, without an error; its first paint is told", {
    timeout: 60_000,
  }, async () => {
    const paints: string[] = [];
    for (const path of PATHS) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(served.url + path);
      let paint = -1;
      while (paint < 0) paint = Number(await page.evaluate(FIRST_PAINT));
      paints.push(`${path.split("?")[0]} ${Math.round(paint)}`);
      expect(await page.locator("h1").count(), path).toBe(1);
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const scrolled = await page.evaluate("document.documentElement.scrollWidth");
        expect(scrolled, `${path} at ${width}`).toBeLessThanOrEqual(width);
      }
    }
    expect(faults).toEqual([]);
    process.stdout.write(`first paint in ms, beside other work: ${paints.join(", ")}\n`);
  });

  test("charts are drawn over their numbers, and the lanes are read by keyboard", async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${served.url}/`);
    expect(await page.locator("[data-chart] canvas").count()).toBe(2);
    expect(await page.locator("#confidence .numbers tbody tr").count()).toBe(60);
    await page.locator(".lanes a").first().focus();
    const before = await page.locator("#lane-detail").textContent();
    expect(before).toMatch(/^binance-spot:BTCUSDT, \d\d:\d\d/);
    await page.keyboard.press("ArrowDown");
    expect(await page.locator("#lane-detail").textContent()).not.toBe(before);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/resyncs\/run-1/);
    expect(await page.locator("h1").textContent()).toContain("Resync of");
  });

  test("a kill is done by keyboard alone, and not with a wrong name", async () => {
    await page.goto(`${served.url}/kill`);
    await tabTo("scope");
    await page.keyboard.press("ArrowDown");
    await tabTo("target");
    await page.keyboard.type("kraken");
    await tabTo("kill-reason");
    await page.keyboard.type("a drill by keyboard");
    await tabTo("confirm");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    expect(new URL(page.url()).search).toBe("");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(ENGINE);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/kill\?command=/);
    expect(await page.locator("#outcome").textContent()).toContain("Kill queued");
    expect(served.memory.sent.at(-1)).toMatchObject({
      action: { kind: "kill", scope: "venue", target: "kraken" },
      by: "rita",
      reason: "a drill by keyboard",
    });
  });

  test("a limit is changed by keyboard: seen, sent, and waiting for somebody else", async () => {
    await page.goto(`${served.url}/limits`);
    await tabTo("cyclesPerHourMax");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("77");
    expect(await page.locator(".changed").count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${served.url}/limits/preview`);
    expect(await page.locator("tr", { hasText: "cyclesPerHourMax" }).textContent()).toContain("77");
    await tabTo("reason");
    await page.keyboard.type("by keyboard");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=proposed/);
    expect(await page.locator("#approvals").textContent()).toContain("by keyboard");
    const [proposal] = [...served.memory.proposals.values()];
    expect(JSON.parse(proposal?.after ?? "{}")).toMatchObject({ cyclesPerHourMax: 77 });
  });

  test("the forms work without any script", async () => {
    const bare = await contextOf({ width: 360, height: 780 }, { javaScriptEnabled: false });
    await logIn(bare, served, "otto");
    const plain = await bare.newPage();
    await plain.goto(`${served.url}/actions`);
    await plain.fill("#pause-reason", "without a script");
    await plain.click("text=Pause >> nth=-1");
    await plain.waitForURL(/done=sent/);
    expect(served.memory.sent.at(-1)).toMatchObject({ action: { kind: "pause" }, by: "otto" });
    await bare.close();
  });

  test("a page hears of everything, through a lost connection and a reload", async () => {
    await page.goto(`${served.url}/`);
    await page.waitForSelector("#link-state.good");
    const tell = (text: string): void => {
      const alert = { severity: 2, kind: "drill", instrument: "", text } as const;
      served.memory.hot.push(sceneFact("alert", served.nowUs(), alert));
    };
    for (const text of ["first of four", "second of four"]) tell(text);
    await page.waitForSelector("#transitions >> text=first of four");
    await page.waitForSelector("#transitions >> text=second of four");
    await context.setOffline(true);
    tell("third of four");
    await expect.poll(() => page.evaluate("navigator.onLine")).toBe(false);
    await context.setOffline(false);
    await page.waitForSelector("#transitions >> text=third of four");
    await page.reload();
    tell("fourth of four");
    await page.waitForSelector("#transitions >> text=fourth of four");
    faults.length = 0;
  });

  test("a heartbeat is shown within seconds, and a kill's banner with it", async () => {
    await page.goto(`${served.url}/trades`);
    await page.waitForSelector("#link-state.good");
    const kills = [{ scope: "all", target: "", by: "anna", reason: "seen live", atUs: START_US }];
    const status = sceneStatus();
    const statusJson = JSON.stringify({
      ...status,
      trading: { ...(status.trading as object), kills },
    });
    served.memory.heartbeats.set(ENGINE, wellHeartbeat({ atUs: served.nowUs(), statusJson }));
    await page.waitForSelector("#kills >> text=seen live");
    expect(await page.locator("#kills h2").textContent()).toBe("■ Trading is killed");
  });

  test("a page that may not listen asks by itself", async () => {
    await page.route("**/events?*", (route) => route.fulfill({ status: 503 }));
    await page.goto(`${served.url}/books`);
    await page.waitForSelector("body[data-refreshes]");
    expect(await page.locator("#link-state").textContent()).toBe("asking every 2 s");
    await page.unroute("**/events?*");
  });

  test("light and dark are both readable: text against its ground", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${served.url}/kill`);
      const ratios = (await page.evaluate(CONTRAST)) as number[];
      expect(ratios.length).toBeGreaterThan(5);
      expect(Math.min(...ratios)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

const FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1";

/** Contrast of some texts with what is under them (WCAG 2.2, relative luminance; read 2026-11-21). */
const CONTRAST = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const groundOf = (part) => {
    for (let each = part; each; each = each.parentElement) {
      const color = parse(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("h1, h2, p, label, button, a, .badge, .faint, .age")].filter((part) => part.offsetParent && part.textContent.trim() !== "").map((part) => {
    const pair = [luminance(parse(getComputedStyle(part).color)), luminance(groundOf(part))].sort();
    return (pair[1] + 0.05) / (pair[0] + 0.05);
  });
})()`;
