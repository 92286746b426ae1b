/**
 * Budgets 25 and 27: a change of the limits by HTTP until the loop has taken it, and the first paint of the
 * overview page, both over the processes that `npm start` runs.
 *
 * Embedded AWS, the host of the functions, the simulated venues with their faults, and an engine that trades
 * under its lease, each a process of its own. The loop is asked for its version over the admin port all the
 * while, so what is measured is late by up to one such question and never early.
 */
import type * as playwright from "playwright-core";
import type { RiskLimits } from "../../contracts/risk-limits.ts";
import { launchBrowser } from "../functions/control-api/pages/browser.ts";
import {
  ControlProcesses,
  startEngine,
  startedConfig,
  type Told,
  tradingAt,
} from "./control-processes.ts";
import { atMost, type BenchOptions, notMeasured, quantile, type Row, shown } from "./measure.ts";

const CHANGES = { quick: 12, full: 80 } as const;
const LIMITS_MS_MAX = 1000;
/** Each of them may change something once a second; these take turns. */
const PEOPLE = ["rita", "rolf", "rosa", "ruth", "rene", "rhea"] as const;
/** Between two changes, so that what is measured is one of them and not the queue of them. */
const REST_MS = 60;
const ASK_MS = 3;
const LOADS = { quick: 3, full: 20 } as const;
const PAINT_MS_MAX = 1000;
const FIRST_PAINT = `(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1)`;

export async function controlBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const processes = await ControlProcesses.open(startedConfig);
  try {
    const admin = await startEngine(processes);
    const limits = await measureLimits(processes, admin, isQuick ? CHANGES.quick : CHANGES.full);
    const paint = await measurePaint(processes, isQuick ? LOADS.quick : LOADS.full);
    return [limits, ...paint];
  } finally {
    await processes.close();
  }
}

async function measureLimits(
  processes: ControlProcesses,
  admin: string,
  changes: number,
): Promise<Row> {
  const { api, engine } = processes.control;
  const url = `${api}/v1/engines/${engine}/limits`;
  const tokens = await Promise.all(PEOPLE.map((person) => processes.tokenOf(person)));
  const headersOf = (at: number) => ({ authorization: `Bearer ${tokens[at % tokens.length]}` });
  const base = await toldOf(await fetch(url, { headers: headersOf(0) }));
  let limits = base.body.limits as RiskLimits;
  const takenMs: number[] = [];
  const answeredMs: number[] = [];
  for (let version = 1; version <= changes; version++) {
    limits = { ...limits, ordersPerDayMax: limits.ordersPerDayMax - 1 };
    const body = JSON.stringify({ limits, reason: `bench ${version}` });
    const headers = {
      ...headersOf(version),
      "content-type": "application/json",
      "if-match": `"${version - 1}"`,
    };
    const startMs = performance.now();
    const answering = fetch(url, { method: "PUT", headers, body }).then(async (response) => {
      answeredMs.push(performance.now() - startMs);
      return await toldOf(response);
    });
    await untilInForce(admin, version, answering);
    takenMs.push(performance.now() - startMs);
    await rest(REST_MS);
  }
  const note =
    `p50 ${shown(quantile(takenMs, 0.5))} ms, worst ${shown(Math.max(...takenMs))} ms, ` +
    `answer p50 ${shown(quantile(answeredMs, 0.5))} ms, ${changes} changes`;
  const what = "limits by HTTP until the loop has them, p99";
  return atMost(25, what, LIMITS_MS_MAX, quantile(takenMs, 0.99), "ms", note);
}

/** Resolves when the loop says that it goes by `version`; throws where the API has refused it. */
async function untilInForce(
  admin: string,
  version: number,
  answering: Promise<Told>,
): Promise<void> {
  let refusal: Told | undefined;
  const checked = answering.then((told) => {
    if (told.status !== 200) refusal = told;
  });
  while ((await tradingAt(admin))?.limitsVersion !== version) {
    if (refusal !== undefined) throw new Error(`the API refused: ${JSON.stringify(refusal)}`);
    await rest(ASK_MS);
  }
  await checked;
}

/** The page with nothing cached, in a context of its own each time, over the session of a person. */
async function measurePaint(processes: ControlProcesses, loads: number): Promise<Row[]> {
  const what = "overview page, first contentful paint, worst";
  const browser = await launchBrowser();
  if (typeof browser === "string") {
    return [notMeasured(27, what, `<= ${PAINT_MS_MAX} ms`, `Chromium does not start: ${browser}`)];
  }
  try {
    const token = await processes.tokenOf("rita");
    const paintMs: number[] = [];
    for (let load = 0; load < loads; load++) {
      paintMs.push(await paintOf(browser, processes.control.api, token));
    }
    const note = `p50 ${shown(quantile(paintMs, 0.5))} ms, ${loads} loads, nothing cached`;
    return [atMost(27, what, PAINT_MS_MAX, Math.max(...paintMs), "ms", note)];
  } finally {
    await browser.close();
  }
}

async function paintOf(browser: playwright.Browser, api: string, token: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await context.addCookies([{ name: "reckoner-session", value: token, url: api }]);
    const page = await context.newPage();
    await page.goto(`${api}/`);
    if ((await page.locator("h1").textContent()) !== "Overview") {
      throw new Error("it is not the overview that was loaded");
    }
    let paintMs = -1;
    while (paintMs < 0) paintMs = Number(await page.evaluate(FIRST_PAINT));
    return paintMs;
  } finally {
    await context.close();
  }
}

async function toldOf(response: Response): Promise<Told> {
  return { status: response.status, body: (await response.json()) as Told["body"] };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
