// Goal: of a mail it is known whether it was sent, certainly not sent, or perhaps sent.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createMailSender, type MailSender } from "../../../functions/stores/mail-sender.ts";

const MAIL = { from: "a@example.com", to: ["b@example.com"], subject: "s", text: "t" };
const NOWHERE = "http://127.0.0.1:9";

let server: Server;
let url: string;
let mode: "send" | "refuse" | "fail" | "silent";
let count: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    count++;
    if (mode === "silent") return;
    const status = { send: 200, refuse: 400, fail: 500 }[mode];
    const error = mode === "refuse" ? { "x-amzn-errortype": "MessageRejected" } : {};
    response.writeHead(status, { "Content-Type": "application/json", ...error });
    response.end(JSON.stringify(mode === "send" ? { MessageId: "m" } : { message: "no" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  count = 0;
});

function senderTo(endpoint: string): MailSender {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return createMailSender(
    new SESv2Client({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 }),
  );
}

test.each([
  ["send", { kind: "sent" }],
  ["refuse", { kind: "answered", status: 400, name: "MessageRejected" }],
  ["fail", { kind: "answered", status: 500 }],
] as const)("a service that does %s is asked once and believed", async (what, outcome) => {
  mode = what;
  expect(await senderTo(url).send(MAIL, 2_000)).toMatchObject(outcome);
  expect(count).toBe(1);
});

test("a mail whose answer does not come may have been sent", async () => {
  mode = "silent";
  expect(await senderTo(url).send(MAIL, 100)).toMatchObject({ kind: "unanswered" });
});

test("a mail to nobody who listens was not sent", async () => {
  expect(await senderTo(NOWHERE).send(MAIL, 2_000)).toEqual({
    kind: "unreachable",
    name: "ECONNREFUSED",
  });
});

test("without a client of its own the sender asks the region of the environment", () => {
  process.env.AWS_REGION = "us-east-1";
  expect(createMailSender()).toHaveProperty("send");
});
