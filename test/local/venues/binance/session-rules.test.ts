/** Goal: a session lives and ends by the venue's rules, and injected delays hold back what they name. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { NO_DELAYS } from "../../../../local/venues/delays.ts";
import type { VenuesHandle } from "../../../../local/venues/handle.ts";
import type { VenuesOptions } from "../../../../local/venues/options.ts";
import { VenueSession } from "../../../../local/venues/session.ts";
import { SocketConnection } from "../../../../local/venues/socket-connection.ts";
import { TextFrame } from "../../../../local/venues/socket-frame.ts";
import { startVenues } from "../../../../local/venues/start.ts";
import { VenueClient } from "../venue-client.ts";

const SMALL = {
  seed: 6,
  spotInstruments: 2,
  usdmInstruments: 1,
  diffsPerSecond: 300,
  levelsPerSide: 60,
};

async function withVenues(
  options: Partial<VenuesOptions>,
  use: (venues: VenuesHandle) => Promise<void>,
): Promise<void> {
  const venues = await startVenues({ ...SMALL, ...options });
  try {
    await use(venues);
  } finally {
    await venues.stop();
  }
}

function dial(venues: VenuesHandle, path: string, options = {}): Promise<VenueClient> {
  return new VenueClient(`${venues.endpoints["binance-spot"].ws}${path}`, options).opened();
}

describe("the end of a session", () => {
  it("by age comes after a notice on spot, and without one on USD-M", async () => {
    await withVenues({ sessionLifeMs: 300, shutdownLeadMs: 100 }, async (venues) => {
      const spot = await dial(venues, "/ws/btcusdt@depth@100ms");
      const usdm = await new VenueClient(
        `${venues.endpoints["binance-usdm"].ws}/public/ws`,
      ).opened();
      await spot.find((one) => one.e === "serverShutdown");
      expect(spot.closeCode).toBeNull();
      await spot.until(() => spot.closeCode !== null, "the end");
      await usdm.until(() => usdm.closeCode !== null, "the end");
      expect([spot.closeCode, usdm.closeCode]).toEqual([1_001, 1_001]);
      expect(usdm.texts).toEqual([]);
    });
  });

  it("comes when a pong is missing, and not when pongs come", async () => {
    await withVenues({ pingMs: 250, pongTimeoutMs: 100 }, async (venues) => {
      const mute = await dial(venues, "/ws", { autoPong: false });
      const polite = await dial(venues, "/ws");
      await mute.until(() => mute.closeCode !== null, "the end");
      expect(mute.closeCode).toBe(1_008);
      expect(mute.pings[0]).toMatch(/^\d{13}$/);
      await polite.until(() => polite.pings.length >= 2, "a second ping");
      expect(polite.closeCode).toBeNull();
      // An unsolicited pong is allowed, and keeps nobody alive who does not answer the ping.
      const chatty = await dial(venues, "/ws", { autoPong: false });
      chatty.socket.pong("");
      await chatty.until(() => chatty.closeCode !== null, "the end");
      expect(chatty.closeCode).toBe(1_008);
    });
  });

  it("comes to a reader that does not read", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    await once(server, "listening");
    const client = new VenueClient(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [webSocket, request] = await once(server, "connection");
    await client.opened();
    client.socket.pause();
    const traffic = { framesSent: 0, bytesSent: 0, backlogCuts: 0 };
    const clock = () => Math.round(performance.now() * 1_000);
    const door = { entry: "any", isCombined: false } as const;
    const connection = new SocketConnection(request.socket, webSocket);
    const session = new VenueSession(connection, door, { clock, traffic });
    const frame = new TextFrame("x".repeat(8 * 1_024 * 1_024));
    for (let at = 0; at < 12; at += 1) session.sendData(frame);
    expect(traffic.backlogCuts).toBe(1);
    expect(request.socket.destroyed).toBe(true);
    expect(traffic.framesSent).toBeLessThan(12);
    client.close();
    server.close();
  });
});

describe("dials", () => {
  it("above the limit of an address are answered with 429", async () => {
    await withVenues({ dialsMax: 2 }, async (venues) => {
      const allowed = [await dial(venues, "/ws"), await dial(venues, "/ws")];
      const refused = new VenueClient(`${venues.endpoints["binance-spot"].ws}/ws`);
      const [, response] = await once(refused.socket, "unexpected-response");
      expect(response.statusCode).toBe(429);
      expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
      for (const client of allowed) client.close();
      expect(venues.stats().venues["binance-spot"]).toMatchObject({ dialRefusedCount: 1 });
    });
  });
});

describe("injected delays", () => {
  it("hold the dial, then the reply and the data, and half a snapshot each way", async () => {
    const delays = { dialMs: [120, 130], subscribeMs: [150, 160], snapshotMs: [200, 210] } as const;
    await withVenues({ delays }, async (venues) => {
      const start = performance.now();
      const client = await dial(venues, "/ws");
      expect(performance.now() - start).toBeGreaterThanOrEqual(119);
      const subscribed = performance.now();
      await client.ask({ method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 });
      expect(performance.now() - subscribed).toBeGreaterThanOrEqual(149);
      // Nothing came before the reply: until then the stream did not exist.
      expect(client.texts[0]).toBe('{"result":null,"id":1}');
      await client.find((one) => one.e === "depthUpdate");
      const asked = performance.now();
      const url = `${venues.endpoints["binance-spot"].rest}/api/v3/depth?symbol=BTCUSDT`;
      const before = Number(client.data("depthUpdate").at(-1)?.u);
      const body = (await (await fetch(url)).json()) as { lastUpdateId: number };
      expect(performance.now() - asked).toBeGreaterThanOrEqual(199);
      // The state was taken on the way: after the request left, before the answer came.
      expect(body.lastUpdateId).toBeGreaterThan(before);
      expect(body.lastUpdateId).toBeLessThan(Number(client.data("depthUpdate").at(-1)?.u));
      venues.setDelays(NO_DELAYS);
      expect(venues.delays()).toEqual(NO_DELAYS);
      client.close();
    });
  });

  it("do not bring a session to life whose client has left meanwhile", async () => {
    await withVenues({ delays: { ...NO_DELAYS, dialMs: [80, 80] } }, async (venues) => {
      const client = new VenueClient(`${venues.endpoints["binance-spot"].ws}/ws`);
      await sleep(20);
      client.close();
      await sleep(100);
      expect(venues.stats().venues["binance-spot"]).toMatchObject({
        dialCount: 1,
        sessionCount: 0,
      });
    });
  });

  it("do not let a held dial through when refusal begins meanwhile", async () => {
    await withVenues({ delays: { ...NO_DELAYS, dialMs: [60, 60] } }, async (venues) => {
      const client = new VenueClient(`${venues.endpoints["binance-spot"].ws}/ws`);
      await sleep(20);
      venues.inject({ kind: "refuse", venue: "binance-spot", durationMs: 200 });
      await client.until(() => client.closeCode !== null, "reset");
      expect(client.closeCode).toBe(1_006);
    });
  });
});
