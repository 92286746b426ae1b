/**
 * What became of one call to AWS, as a value: done, or one sentence. No call here is repeated by itself.
 */
export type AwsOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export const DONE: AwsOutcome = { ok: true };

/** Runs one call; whatever it throws becomes the reason. */
export async function attempt(what: string, call: () => Promise<unknown>): Promise<AwsOutcome> {
  try {
    await call();
    return DONE;
  } catch (thrown) {
    return { ok: false, reason: `${what}: ${awsReason(thrown)}` };
  }
}

/** Name and message of an SDK error; only the message of any other. */
export function awsReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { name, message } = thrown;
  return name === "Error" || message.startsWith(name) ? message : `${name}: ${message}`;
}
