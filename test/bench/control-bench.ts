/**
 * Budgets 25 and 27: a change of the limits by HTTP until the loop has taken it, and the first paint of the
 * overview page, both over the processes that `npm start` runs.
 *
 * Embedded AWS, the host of the functions, the simulated venues with their faults, and an engine that trades
 * under its lease, each a process of its own. The loop has a version when the engine's log says so, which it
 * does after the loop's answer: what is measured is late by a line of the log, and never early.
 */
import type * as playwright from "playwright-core";
import type { RiskLimits } from "../../contracts/risk-limits.ts";
import { launchBrowser } from "../functions/control-api/pages/browser.ts";
import { ControlProcesses, startEngine, startedConfig, tradingAt } from "./control-processes.ts";
import { atMost, type BenchOptions, notMeasured, quantile, type Row, shown } from "./measure.ts";

const CHANGES = { quick: 12, full: 80 } as const;
const LIMITS_MS_MAX = 1000;
/** Each of them may change something once a second; these take turns. */
const PEOPLE = ["rita", "rolf", "rosa", "ruth", "rene", "rhea"] as const;
/** Between two changes, so that what is measured is one of them and not the queue of them. */
const REST_MS = 60;
const TAKEN_MS_MAX = 30_000;
const LOADS = { quick: 3, full: 20 } as const;
const PAINT_MS_MAX = 1000;
const FIRST_PAINT = `(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1)`;

export async function controlBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const processes = await ControlProcesses.open(startedConfig);
  try {
    const takings = new Takings();
    const admin = await startEngine(processes, (line) => takings.onLog(line));
    const changes = isQuick ? CHANGES.quick : CHANGES.full;
    const limits = await measureLimits({ processes, admin, takings }, changes);
    const paint = await measurePaint(processes, isQuick ? LOADS.quick : LOADS.full);
    return [limits, ...paint];
  } finally {
    await processes.close();
  }
}

/** Hears from the engine's log when its loop has taken limits, by the message or by the poll. */
class Takings {
  #taken: (() => void) | undefined;

  onLog(line: string): void {
    if (!line.startsWith("{")) return;
    const { sentence, action, tick } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    // A message that came after the poll finds the version in force, and names no tick.
    const isByMessage = sentence === "command carried out" && action === "applyLimits";
    const isByPoll = sentence === "limits taken by the poll";
    if ((isByMessage && Number(tick) >= 0) || isByPoll) this.#taken?.();
  }

  /** Resolves with the next one. */
  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the loop took no limits")), TAKEN_MS_MAX);
      this.#taken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

type Running = {
  readonly processes: ControlProcesses;
  readonly admin: string;
  readonly takings: Takings;
};

async function measureLimits(
  { processes, admin, takings }: Running,
  changes: number,
): Promise<Row> {
  const { api, engine } = processes.control;
  const url = `${api}/v1/engines/${engine}/limits`;
  const tokens = await Promise.all(PEOPLE.map((person) => processes.tokenOf(person)));
  const headersOf = (at: number) => ({ authorization: `Bearer ${tokens[at % tokens.length]}` });
  const base = await fetch(url, { headers: headersOf(0) });
  let { limits } = (await base.json()) as { readonly limits: RiskLimits };
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
    const taken = takings.next();
    const startMs = performance.now();
    const answering = fetch(url, { method: "PUT", headers, body }).then(async (response) => {
      answeredMs.push(performance.now() - startMs);
      if (response.status !== 200) throw new Error(`the API refused: ${await response.text()}`);
    });
    await Promise.all([answering, taken.then(() => takenMs.push(performance.now() - startMs))]);
    const inForce = (await tradingAt(admin))?.limitsVersion;
    if (inForce !== version) throw new Error(`version ${inForce} is in force, not ${version}`);
    await rest(REST_MS);
  }
  const note =
    `p50 ${shown(quantile(takenMs, 0.5))} ms, worst ${shown(Math.max(...takenMs))} ms, ` +
    `answer p50 ${shown(quantile(answeredMs, 0.5))} ms, ${changes} changes`;
  const what = "limits by HTTP until the loop has them, p99";
  return atMost(25, what, LIMITS_MS_MAX, quantile(takenMs, 0.99), "ms", note);
}

/** The page with nothing cached, in a context of its own each time, over the session of a person. */
async function measurePaint(processes: ControlProcesses, loads: number): Promise<Row[]> {
  const what = "overview page, first contentful paint";
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
    const note = `${loads} loads, nothing cached`;
    return [
      atMost(27, `${what}, p50`, PAINT_MS_MAX, quantile(paintMs, 0.5), "ms", note),
      atMost(27, `${what}, worst`, PAINT_MS_MAX, Math.max(...paintMs), "ms"),
    ];
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

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
