/**
 * What the host says: one line of JSON on standard error for each thing that went wrong, and for nothing
 * else. Standard output holds the one line of addresses.
 */
import type { Invocation } from "./invocation.ts";

export type HostLog = {
  /** Says so when a call did not return. */
  readonly invoked: (name: string, invocation: Invocation) => void;
  readonly failed: (what: string, error: unknown) => void;
};

/** A log over `write`, which takes one line. */
export function createHostLog(write: (line: string) => void): HostLog {
  const say = (fields: Readonly<Record<string, unknown>>): void =>
    write(`${JSON.stringify({ at: new Date().toISOString(), ...fields })}\n`);
  return {
    invoked: (name, invocation) => {
      if (invocation.kind === "returned") return;
      const reason = invocation.kind === "threw" ? sentenceOf(invocation.error) : "";
      say({ function: name, outcome: invocation.kind, reason });
    },
    failed: (what, error) => say({ failed: what, reason: sentenceOf(error) }),
  };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
