// Goal: a venue's own headers of budget are read, requests are signed where they are to be, and a POST is one.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RestAnswer, RestClient, type RestOptions } from "../../../hotpath/io/rest-client.ts";

let server: Server;
let client: RestClient | undefined;
let asked: { method: string; url: string; signature: unknown }[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    asked.push({ method, url, signature: request.headers["x-sign"] });
    response.setHeader("x-left", "7").setHeader("x-many", ["1", "2"]).end("done");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  await client?.close();
  server.closeAllConnections();
  server.close();
});

function clientWith(options: RestOptions): RestClient {
  const { port } = server.address() as AddressInfo;
  client = new RestClient(`http://127.0.0.1:${port}`, "x-weight", options);
  return client;
}

test("the venue's own words decide what was used and how long to be silent", async () => {
  const seen: (string | undefined)[] = [];
  const budgetOf = (header: (name: string) => string | undefined) => {
    seen.push(header("x-left"), header("x-many"), header("x-none"));
    return { weightUsed: 93, retryAfterUs: 5 };
  };
  const answer = await clientWith({ budgetOf }).get("/a", 2000);
  expect(answer).toMatchObject({ kind: "body", weightUsed: 93, retryAfterUs: 5 });
  // A header that comes twice may be joined by the library, and is no number either way.
  expect([seen[0], Number(seen[1] ?? "x"), seen[2]]).toEqual(["7", Number.NaN, undefined]);
});

test("what is to be signed is signed, and a POST is a POST", async () => {
  const sign = (method: string, path: string) =>
    path === "/signed" ? { "x-sign": `${method} ${path}` } : ({} as Record<string, string>);
  const made = clientWith({ sign });
  await made.get("/signed", 2000);
  await made.get("/open", 2000);
  await new Promise<RestAnswer>((told) => made.ask("POST", "/ticket", 2000, told));
  expect(asked).toEqual([
    { method: "GET", url: "/signed", signature: "GET /signed" },
    { method: "GET", url: "/open", signature: undefined },
    { method: "POST", url: "/ticket", signature: undefined },
  ]);
});
