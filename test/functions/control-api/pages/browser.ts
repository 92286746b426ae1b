/**
 * A real browser and a real server for tests of the pages: Chromium without a screen, the application on
 * loopback over ports in memory.
 */
import { serve } from "@hono/node-server";
import chromium from "@sparticuz/chromium";
import * as playwright from "playwright-core";
import { createApp } from "../../../../functions/control-api/app.ts";
import { mountPages } from "../../../../functions/control-api/pages/mount.ts";
import { type Memory, memoryRig, START_US } from "../memory-ports.ts";
import { PEOPLE, type Person } from "../rig.ts";
import { createMint, type Mint } from "../test-tokens.ts";
import { fillScene } from "./scene.ts";

export type Served = {
  readonly url: string;
  readonly memory: Memory;
  /** The server's clock: it goes on from the scene's end. */
  readonly nowUs: () => number;
  readonly tokenOf: (person: Person) => Promise<string>;
  readonly mint: Mint;
  readonly stop: () => Promise<void>;
};

/** The pages on a loopback port, with the scene in their stores. */
export async function servePages(): Promise<Served> {
  const mint = await createMint();
  const { ports: still, memory } = memoryRig(mint.readToken, { isLocal: true });
  fillScene(memory);
  const startedMs = Date.now();
  const nowUs = (): number => START_US + (Date.now() - startedMs) * 1_000;
  const ports = { ...still, nowUs };
  const app = createApp(ports);
  mountPages(app, ports);
  const listening = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
    listening.resolve(port),
  );
  return {
    url: `http://127.0.0.1:${await listening.promise}`,
    memory,
    nowUs,
    mint,
    tokenOf: (person) => mint.token(person, PEOPLE[person]),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A browser, or why there is none here. */
export async function launchBrowser(): Promise<playwright.Browser | string> {
  try {
    return await playwright.chromium.launch({
      executablePath: await chromium.executablePath(),
      // In a single process, which a Lambda needs, the end of one context ends the browser.
      args: chromium.args.filter((flag) => flag !== "--single-process"),
      headless: true,
    });
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

/** Logs `person` in by the form, as a person would. */
export async function logIn(
  context: playwright.BrowserContext,
  served: Served,
  person: Person,
): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${served.url}/login`);
  await page.fill("#token", await served.tokenOf(person));
  await page.click("button");
  await page.waitForURL(`${served.url}/`);
  await page.close();
}
