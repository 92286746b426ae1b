/** Goal: a listener keeps its port over a restart, and closing wins over an opening under way. */
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { Listener } from "../../../local/venues/listener.ts";

function makeListener(port = 0): Listener {
  return new Listener((_request, response) => response.end("here"), port);
}

describe("a listener", () => {
  it("comes back on the port it had, and cuts who was connected", async () => {
    const listener = makeListener();
    await listener.open();
    const { port } = listener;
    const url = `http://127.0.0.1:${port}/`;
    expect(await (await fetch(url)).text()).toBe("here");
    await listener.close();
    await expect(fetch(url)).rejects.toThrow();
    await listener.open();
    expect(listener.port).toBe(port);
    expect(await (await fetch(url)).text()).toBe("here");
    await listener.close();
  });

  it("that is closed while it opens ends closed", async () => {
    const listener = makeListener();
    const opening = listener.open();
    await listener.close();
    await opening;
    expect(listener.server.listening).toBe(false);
    await listener.close();
  });

  it("waits for a port that is taken for a moment only", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => {
      squatter.listen(0, "127.0.0.1", resolve);
    });
    const address = squatter.address();
    const listener = makeListener(typeof address === "object" ? (address?.port ?? 0) : 0);
    const opening = listener.open();
    setTimeout(() => squatter.close(), 50);
    await opening;
    expect(listener.server.listening).toBe(true);
    await listener.close();
  });
});
