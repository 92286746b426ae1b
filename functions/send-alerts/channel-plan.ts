/**
 * The channels of a deployment as data: who is told and with which secret. Text of JSON -> a plan, or a sentence
 * about what is wrong with it that repeats none of it.
 */
import { z } from "zod";
import type { AlertChannel } from "../../contracts/alert.ts";
import { isLoopbackUrl } from "../../contracts/aws-environment.ts";

const URL_LENGTH_MAX = 500;
const RECIPIENTS_MAX = 20;
/** Shorter ones can be guessed. */
const SECRET_LENGTH_MIN = 16;

const address = z.string().max(URL_LENGTH_MAX).refine(URL.canParse, "an address");
const mailbox = z.email().max(URL_LENGTH_MAX);

const planSchema = z.strictObject({
  telegram: z
    .strictObject({
      token: z.string().regex(/^\d{1,20}:[\w-]{10,100}$/, "the token of a bot"),
      chatId: z.string().regex(/^(?:-?\d{1,20}|@\w{1,64})$/, "the id of a chat"),
      /** Only a stand-in on this machine has another. */
      origin: address.refine(isLoopbackUrl, "a loopback address").optional(),
    })
    .optional(),
  discord: z.strictObject({ webhookUrl: address }).optional(),
  email: z
    .strictObject({ from: mailbox, to: z.array(mailbox).min(1).max(RECIPIENTS_MAX) })
    .optional(),
  webhook: z
    .strictObject({ url: address, secret: z.string().min(SECRET_LENGTH_MIN).max(URL_LENGTH_MAX) })
    .optional(),
});

export type ChannelPlan = { readonly [Name in AlertChannel]?: z.infer<typeof planSchema>[Name] };

/** A plan that cannot be used; the message names the field. */
export class ChannelPlanError extends Error {
  override readonly name = "ChannelPlanError";
}

/** The plan in `text`; no text is no channel. Throws `ChannelPlanError`. */
export function readChannelPlan(text: string): ChannelPlan {
  if (text.trim() === "") return {};
  const result = planSchema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // The path and the kind of fault; zod's own sentence could show what it was given.
  throw new ChannelPlanError(
    `alert channels: ${issue?.path.join(".") ?? ""}: ${issue?.code ?? "wrong"}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
