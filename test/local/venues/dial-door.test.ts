// Goal: dials are counted by address within a window; what comes too often, or while a fault lasts, opens nothing.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Connection } from "../../../local/venues/connection.ts";
import { Delays, NO_DELAYS } from "../../../local/venues/delays.ts";
import { DialDoor, DialLimiter } from "../../../local/venues/dial-door.ts";
import { Random } from "../../../local/venues/market/random.ts";
import { SocketDial, Upgrades } from "../../../local/venues/socket-connection.ts";

const MINUTE_US = 60_000_000;
const AT_US = 1_000 * MINUTE_US + 15_000_000;

describe("dials", () => {
  it("are refused above the limit until the first of them leaves the window", () => {
    const limiter = new DialLimiter(2, 5 * MINUTE_US);
    expect(limiter.charge("a", AT_US)).toBe(0);
    expect(limiter.charge("a", AT_US + 1_000_000)).toBe(0);
    expect(limiter.charge("a", AT_US + 2_000_000)).toBe(298);
    expect(limiter.charge("b", AT_US + 2_000_000)).toBe(0);
    expect(limiter.charge("a", AT_US + 5 * MINUTE_US)).toBe(0);
    expect(limiter.charge("a", AT_US + 5 * MINUTE_US)).toBe(1);
  });
});

describe("a door", () => {
  const servers: { close: () => void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function doorOf(dialsMax: number, tellsWait: boolean, dialMs = 0) {
    const door = new DialDoor(
      {
        clock: () => AT_US,
        delays: new Delays({ ...NO_DELAYS, dialMs: [dialMs, dialMs] }, new Random(1, "delays")),
        dials: new DialLimiter(dialsMax, MINUTE_US),
      },
      { inboundBytesMax: 1024, tellsWait },
    );
    const server = createServer();
    const upgrades = new Upgrades();
    server.on("upgrade", (request, stream, head) => {
      const open = (connection: Connection) => connection.close(1_000, "seen");
      const taken = new SocketDial(upgrades, { request, socket: stream as Socket, head });
      door.take(taken, request.url === "/" ? open : undefined);
      // A fault that begins while the dial is under way.
      if (dialMs > 0) door.refusalCount = 1;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    /** "opened", an HTTP answer's status and wait, or the code of the socket's end. */
    const dial = async (path = "/"): Promise<unknown> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      const { promise, resolve } = Promise.withResolvers<unknown>();
      socket.on("open", () => resolve("opened"));
      socket.on("error", (error) => resolve("code" in error ? error.code : error.message));
      socket.on("unexpected-response", (_, { statusCode, headers }: IncomingMessage) => {
        resolve([statusCode, headers["retry-after"]]);
        socket.terminate();
      });
      return promise;
    };
    return { door, dial };
  }

  it("opens what it knows, refuses what comes too often, and says how long where the venue does", async () => {
    const telling = await doorOf(2, true);
    expect(await telling.dial()).toBe("opened");
    expect(await telling.dial("/elsewhere")).toEqual([404, undefined]);
    expect(await telling.dial()).toEqual([429, "60"]);
    expect(telling.door).toMatchObject({ dialCount: 3, dialRefusedCount: 1 });
    const silent = await doorOf(0, false);
    expect(await silent.dial()).toEqual([429, undefined]);
  });

  it("resets dials while a fault lasts, those under way too", async () => {
    const { door, dial } = await doorOf(9, true, 20);
    expect(await dial()).toBe("ECONNRESET");
    expect(await dial()).toBe("ECONNRESET");
    expect(door).toMatchObject({ dialCount: 2, dialRefusedCount: 0 });
  });
});
