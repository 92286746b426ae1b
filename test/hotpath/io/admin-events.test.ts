// Goal: a stream on the admin port loses no event while it is kept, and no listener can fill our memory.
import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { AdminEvents, EVENTS_KEPT, LISTENERS_MAX } from "../../../hotpath/io/admin-events.ts";
import { type AdminServer, startAdminServer } from "../../../hotpath/io/admin-http.ts";
import { engineStatus } from "../../fixtures/status/status-fixture.ts";

const open: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((admin) => admin.close()));
});

async function serve(events?: AdminEvents): Promise<AdminServer> {
  const status = engineStatus();
  const start = await startAdminServer(0, {
    status: () => status,
    metricsText: async () => "",
    book: () => null,
    resyncs: () => [],
    records: () => [],
    ...(events === undefined ? {} : { events }),
  });
  if (!start.ok) throw new Error(start.reason);
  open.push(start.admin);
  return start.admin;
}

type Stream = {
  readonly code: number;
  readonly text: () => string;
  readonly until: (part: string) => Promise<void>;
  readonly close: () => void;
};

function listen(admin: AdminServer, lastId = "", host = "127.0.0.1"): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...(lastId === "" ? {} : { "last-event-id": lastId }) };
    const sent = request(`${admin.url}/events`, { headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      resolve({
        code: response.statusCode ?? 0,
        text: () => text,
        until: async (part) => {
          while (!text.includes(part)) await new Promise((next) => setImmediate(next));
        },
        close: () => sent.destroy(),
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

function idsIn(text: string): number[] {
  return [...text.matchAll(/id: run-1:(\d+)\nevent: tick/g)].map(([, seq]) => Number(seq));
}

describe("a stream of events", () => {
  test("tells each event once through connections that are lost", async () => {
    const events = new AdminEvents("run-1");
    const admin = await serve(events);
    const heard: number[] = [];
    let lastId = "run-1:0";
    for (let round = 0; round < 5; round += 1) {
      const stream = await listen(admin, lastId);
      for (let at = 0; at < 3; at += 1) events.add("tick", { at });
      const last = round * 5 + 3;
      await stream.until(`id: run-1:${last}\n`);
      heard.push(...idsIn(stream.text()));
      lastId = `run-1:${last}`;
      stream.close();
      // Nobody listens while these happen.
      for (let at = 0; at < 2; at += 1) events.add("tick", { at });
    }
    const stream = await listen(admin, lastId);
    await stream.until("id: run-1:25\n");
    heard.push(...idsIn(stream.text()));
    expect(heard).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
  });

  test("begins at what happens now for whoever comes first", async () => {
    const events = new AdminEvents("run-1");
    events.add("tick", {});
    const stream = await listen(await serve(events));
    await stream.until("id: run-1:1\n\n");
    expect(stream.text()).not.toContain("event:");
  });

  test.each(["run-0:3", "run-1:99999", "run-1:1", "words", "run-1:x"])(
    "says that it was too long ago for the id %s",
    async (id) => {
      const events = new AdminEvents("run-1");
      for (let at = 0; at < 3 * EVENTS_KEPT; at += 1) events.add("tick", {});
      const stream = await listen(await serve(events), id);
      await stream.until("event: reset");
      expect(stream.text()).toContain(`id: run-1:${3 * EVENTS_KEPT}\n`);
    },
  );

  test("gives all that is kept to whoever knows what came before it", async () => {
    const events = new AdminEvents("run-1");
    for (let at = 0; at < 2 * EVENTS_KEPT + 7; at += 1) events.add("tick", {});
    const stream = await listen(await serve(events), `run-1:${EVENTS_KEPT + 7}`);
    await stream.until(`id: run-1:${2 * EVENTS_KEPT + 7}\n`);
    expect(idsIn(stream.text())).toHaveLength(EVENTS_KEPT);
  });

  test("is refused to one too many, to other names, and where nothing is streamed", async () => {
    const events = new AdminEvents("run-1");
    const admin = await serve(events);
    const streams = [];
    for (let at = 0; at < LISTENERS_MAX; at += 1) streams.push(await listen(admin));
    expect((await listen(admin)).code).toBe(503);
    expect((await listen(admin, "", "evil.test")).code).toBe(403);
    for (const stream of streams) stream.close();
    while (events.listenerCount > 0) await new Promise((next) => setImmediate(next));
    expect((await listen(await serve())).code).toBe(503);
  });

  test("lets a listener go that does not read", async () => {
    const events = new AdminEvents("run-1");
    const admin = await serve(events);
    const silent = request(`${admin.url}/events`, (response) => response.pause());
    silent.on("error", () => undefined);
    silent.end();
    while (events.listenerCount === 0) await new Promise((next) => setImmediate(next));
    const data = { text: "x".repeat(100_000) };
    for (let at = 0; at < 400 && events.listenerCount > 0; at += 1) events.add("tick", data);
    expect(events.listenerCount).toBe(0);
    silent.destroy();
  });

  test("is kept open by comments", async () => {
    const events = new AdminEvents("run-1", 1);
    const stream = await listen(await serve(events));
    await stream.until(": still here\n\n: still here");
    stream.close();
  });
});
