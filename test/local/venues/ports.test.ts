// Goal: ports carry whole requests and their first answers, cut what no venue would read, and come back.
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { VenuePorts } from "../../../local/venues/ports.ts";
import type { AnswerHttp, HttpRequest } from "../../../local/venues/transport.ts";

const opened: VenuePorts[] = [];
afterEach(async () => {
  for (const ports of opened.splice(0)) await ports.close();
});

async function portsWith(
  onRequest: (request: HttpRequest, answer: AnswerHttp) => void,
): Promise<VenuePorts> {
  const ports = new VenuePorts({ restPort: 0, wsPort: 0 });
  ports.serve({ onDial: (dial) => dial.refuse("404 Not Found", ""), onRequest });
  await ports.open();
  opened.push(ports);
  return ports;
}

const ok = (body: string) => ({ status: 200, headers: { "X-Mine": "1" }, body });

describe("a request", () => {
  it("arrives whole, with its headers by any case, and its first answer goes back", async () => {
    const ports = await portsWith(({ method, target, header, body, address }, answer) => {
      answer(ok(JSON.stringify([method, target, header("x-OWN"), header("none"), body, address])));
      answer(ok("twice"));
    });
    const init = { method: "POST", headers: { "X-Own": "me" }, body: "what" };
    const response = await fetch(`${ports.restUrl}/a/b?c=d`, init);
    expect(response.headers.get("x-mine")).toBe("1");
    expect(await response.json()).toEqual(["POST", "/a/b?c=d", "me", "", "what", "127.0.0.1"]);
  });

  it("that is too long, or for an address that is none, is cut", async () => {
    let count = 0;
    const ports = await portsWith(({ target }, answer) => {
      count += 1;
      answer(ok(new URL(target, "http://127.0.0.1").pathname));
    });
    const { port } = new URL(ports.restUrl);
    const long = { method: "POST", body: "x".repeat(70_000) };
    await expect(fetch(ports.restUrl, long)).rejects.toThrow();
    expect(count).toBe(0);
    const asked = request({ host: "127.0.0.1", port, path: "//" }).end();
    const [error] = await once(asked, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect(count).toBe(1);
    expect(await (await fetch(`${ports.restUrl}/still`)).text()).toBe("/still");
  });

  it("whose client has left is answered to nobody", async () => {
    const { promise, resolve } = Promise.withResolvers<AnswerHttp>();
    const ports = await portsWith((_request, answer) => resolve(answer));
    const { port } = new URL(ports.restUrl);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const answer = await promise;
    ports.goDown();
    await once(socket, "close");
    expect(() => answer(ok("late"))).not.toThrow();
  });

  it("to the port of WebSockets is told to upgrade", async () => {
    const ports = await portsWith((_request, answer) => answer(ok("")));
    const response = await fetch(ports.wsUrl.replace("ws:", "http:"));
    expect(response.status).toBe(426);
  });
});

describe("ports that go down", () => {
  it("come back at the same addresses, however soon they are told to", async () => {
    const ports = await portsWith((_request, answer) => answer(ok("here")));
    const { restUrl, wsUrl } = ports;
    expect(await (await fetch(restUrl)).text()).toBe("here");
    ports.goDown();
    await new Promise<void>((resolve) => ports.comeBack(resolve));
    expect([ports.restUrl, ports.wsUrl]).toEqual([restUrl, wsUrl]);
    expect(await (await fetch(restUrl)).text()).toBe("here");
  });
});
