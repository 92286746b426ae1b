/**
 * Station: keys of an account -> what they may do, as far as the venue tells, and whether we would use them.
 *
 * A key that can take money out is refused, and so is one that works from anywhere: whoever reads it would
 * own the account. A venue that tells nothing is no reason to refuse, but is said.
 */
import { nowUs } from "../io/clock.ts";
import { isProtected } from "../io/trade/desk-host.ts";
import { DeskHttp } from "../io/trade/desk-http.ts";
import type { AccountKeys, DeskAnswer, Execution, KeyRights } from "../venues/execution.ts";

export type RightsRead =
  | { readonly kind: "rights"; readonly rights: KeyRights }
  /** The venue has no such question. */
  | { readonly kind: "untold" }
  | { readonly kind: "failed"; readonly reason: string };

/** Asks the venue once what a key may do. */
export async function readKeyRights(
  execution: Pick<Execution, "keyRightsCall" | "parseKeyRights">,
  rest: string,
  keys: AccountKeys,
): Promise<RightsRead> {
  const call = execution.keyRightsCall?.(keys, nowUs());
  if (call === undefined || rest === "") return { kind: "untold" };
  if (!isProtected(rest)) return { kind: "failed", reason: "the address is without encryption" };
  const { promise, resolve } = Promise.withResolvers<DeskAnswer>();
  const http = new DeskHttp({
    origin: rest,
    connections: 1,
    warmPath: "",
    warmMs: 0,
    onAnswer: (_call, answer) => resolve(answer),
  });
  try {
    http.call(call);
    const answer = await promise;
    if (answer.kind === "failed") return { kind: "failed", reason: answer.code };
    const { status, body } = answer;
    const rights = status === 200 ? execution.parseKeyRights(body) : {};
    // An error may come with a status of 200 too: what tells nothing at all is no answer.
    if (isTelling(rights)) return { kind: "rights", rights };
    return { kind: "failed", reason: `HTTP ${status} ${shortText(body)}`.trim() };
  } finally {
    await http.close();
  }
}

function isTelling(rights: Partial<KeyRights>): rights is KeyRights {
  return Object.values(rights).some((right) => right !== undefined);
}

const TEXT_SHOWN_MAX = 200;

/** What the venue said, as one short line. */
function shortText(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, TEXT_SHOWN_MAX)).toString("utf8");
  return text.replace(/\s+/g, " ").trim();
}

/** Why a key with these rights is not used; "" when nothing speaks against it. */
export function rightsFault({ mayTrade, mayWithdraw, isIpRestricted }: KeyRights): string {
  if (mayWithdraw === true) return "the key can withdraw; make one that can only trade";
  if (isIpRestricted === false) {
    return "the key works from any address; restrict it to those of this machine";
  }
  return mayTrade === false ? "the key cannot trade" : "";
}
