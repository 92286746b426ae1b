// Goal: one request goes where it may and nowhere else, and what is known of its end is told as it is.
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createPoster,
  isPublicAddress,
  type Poster,
} from "../../../functions/send-alerts/http-post.ts";
import { Receivers } from "./receivers.ts";

let receivers: Receivers;
let poster: Poster;

beforeAll(async () => {
  receivers = await Receivers.start();
  poster = createPoster({ hosts: [], isLocal: true });
});
afterAll(async () => {
  await poster.close();
  await receivers.stop();
});
beforeEach(() => receivers.tidy());

function post(url = `${receivers.url}/hook`, timeoutMs = 2_000) {
  return poster.post({ url, headers: {}, body: "{}", timeoutMs });
}

describe("an address", () => {
  test.each(["8.8.8.8", "2606:4700::1111"])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
    "localhost",
  ])("%s is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("a request", () => {
  test("is answered with its status", async () => {
    expect(await post()).toEqual({ kind: "answer", status: 204, waitMs: -1 });
  });

  test("that comes too early learns how long to wait, in the channel's own words", async () => {
    receivers.spoil("webhook", { kind: "limit", retryAfterS: 3 });
    expect(await post()).toEqual({ kind: "answer", status: 429, waitMs: 3_000 });
    receivers.spoil("discord", { kind: "limit", retryAfterS: 0.65 });
    const discord = `${receivers.url}/api/webhooks/1/discord-token`;
    expect(await post(discord)).toEqual({ kind: "answer", status: 429, waitMs: 650 });
  });

  test("follows no redirect", async () => {
    receivers.spoil("webhook", { kind: "redirect", to: `${receivers.url}/hook` });
    expect(await post()).toMatchObject({ kind: "answer", status: 302 });
    expect(receivers.asked.webhook).toBe(1);
  });

  test("whose answer is cut off or never comes is unanswered", async () => {
    receivers.spoil("webhook", { kind: "loseAnswer" }, { kind: "silence" });
    expect(await post()).toMatchObject({ kind: "unanswered" });
    expect(await post(undefined, 50)).toMatchObject({ kind: "unanswered", reason: "TimeoutError" });
    expect(receivers.counts().webhook).toBe(2);
  });

  test("to a port where nobody listens has not left", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
      kind: "unreachable",
      reason: "ECONNREFUSED",
    });
  });

  test("to a host that is not on the list is not made", async () => {
    expect(await post("https://hooks.example.com/")).toMatchObject({ kind: "forbidden" });
  });
});

describe("a name on the list", () => {
  const asks = async (...addresses: readonly string[]) => {
    const guarded = createPoster({
      hosts: ["hooks.example.com"],
      isLocal: false,
      lookup: (_name, _options, found) =>
        found(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        ),
    });
    try {
      const url = "https://hooks.example.com/";
      return await guarded.post({ url, headers: {}, body: "", timeoutMs: 200 });
    } finally {
      await guarded.close();
    }
  };

  test.each([
    [["127.0.0.1"]],
    [["10.0.0.1"]],
    [["169.254.169.254"]],
    [["::1"]],
    [["8.8.8.8", "10.0.0.1"]],
  ])("is not asked when it leads to %s", async (addresses) => {
    expect(await asks(...addresses)).toEqual({ kind: "forbidden", reason: "a private address" });
  });

  test("is unreachable when it leads nowhere", async () => {
    expect(await asks()).toEqual({ kind: "unreachable", reason: "ENOTFOUND" });
  });
});
