/**
 * Mail through SES, one attempt a call: whoever sends decides whether to try again, because an answer that was
 * lost may belong to a mail that has gone out.
 */
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { sdkName, sdkStatus } from "./store-error.ts";

export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
};

export type MailOutcome =
  | { readonly kind: "sent" }
  /** An answer that was no; `status` is that of HTTP, `name` the service's word for it. */
  | { readonly kind: "answered"; readonly status: number; readonly name: string }
  /** No connection: nothing can have been sent. */
  | { readonly kind: "unreachable"; readonly name: string }
  /** The request went out, and no answer came. */
  | { readonly kind: "unanswered"; readonly name: string };

export type MailSender = {
  readonly send: (mail: Mail, timeoutMs: number) => Promise<MailOutcome>;
};

const CONNECT_TIMEOUT_MS = 2_000;
const NO_CONNECTION = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/;

/** Mail of the account and region that the environment names. */
export function createMailSender(
  client = new SESv2Client({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
  }),
): MailSender {
  return {
    async send({ from, to, subject, text }, timeoutMs) {
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [...to] },
        Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
      });
      try {
        await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
        return { kind: "sent" };
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

function outcomeOf(error: unknown): MailOutcome {
  const status = sdkStatus(error);
  const name = sdkName(error);
  if (status > 0) return { kind: "answered", status, name };
  const { code } = error as { readonly code?: unknown };
  const reason = typeof code === "string" ? code : name;
  // Without credentials the request is never made.
  const isUnsent = NO_CONNECTION.test(reason) || name === "CredentialsProviderError";
  return { kind: isUnsent ? "unreachable" : "unanswered", name: reason };
}
