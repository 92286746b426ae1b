/**
 * Station: `reckoner pause`, `resume`, `mode`, `resync`, `cancel-all`, `flatten`: commands to an engine through
 * the control plane, each waited for until the engine has taken it or two seconds have passed.
 */

import { MODES } from "../../contracts/status.ts";
import type { Command, Ending, Flag, Invocation, Operand } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { type Asked, askFor, type Json } from "./api.ts";
import { PROFILE_FLAGS } from "./profile.ts";

const WAIT_S = 2;

export const REASON_FLAG: Flag = {
  name: "reason",
  kind: "text",
  summary: "why; it is written into the audit",
};

const FIELDS: Command["fields"] = [
  ["commandId", "by which it can be asked about"],
  ["state", "queued, taken, done, refused or expired"],
  ["tick", "tick of the loop that took it; -1 while none has"],
  ["outcome", 'why it was refused, or ""'],
];

type Shape = {
  readonly path: string;
  readonly notes: string;
  readonly operands?: readonly Operand[];
  /** The body beside the reason, or a sentence about what is missing. */
  readonly bodyOf?: (invocation: Invocation) => Json | string;
};

export const pauseCommand = commandOf({
  path: "commands/pause",
  notes: "Opens nothing new until it is resumed; what is under way is finished.",
});

export const resumeCommand = commandOf({
  path: "commands/resume",
  notes: "Back to the engine's own mode. It releases no kill.",
});

export const resyncCommand = commandOf({
  path: "commands/resync",
  notes: "Makes one book anew, or all of them.",
  operands: [{ name: "INSTRUMENT", summary: "such as kraken:BTC/USD", required: false }],
  bodyOf: ({ operands }) => ({ instrument: operands[0] ?? "" }),
});

export const cancelAllCommand = commandOf({
  path: "commands/cancelAll",
  notes: "Cancels every open order of ours, at one venue or at all.",
  operands: [{ name: "VENUE", summary: "such as kraken", required: false }],
  bodyOf: ({ operands }) => ({ venue: operands[0] ?? "" }),
});

export const flattenCommand = commandOf({
  path: "commands/flatten",
  notes: "Ends what is under way, cancels, and sells what is held beside the start assets.",
  operands: [{ name: "ENGINE", summary: "its name once more, to confirm", required: true }],
  bodyOf: ({ operands }) => ({ confirm: operands[0] ?? "" }),
});

export const modeCommand = commandOf({
  path: "mode",
  notes: `The loosest mode the engine may be in: ${MODES.join(", ")}.`,
  operands: [{ name: "MODE", summary: "which", required: true }],
  bodyOf: ({ operands: [mode = ""] }) =>
    (MODES as readonly string[]).includes(mode)
      ? { mode }
      : `MODE: expected one of ${MODES.join(", ")}`,
});

function commandOf({ path, notes, operands = [], bodyOf }: Shape): Command {
  return {
    notes: [notes],
    operands,
    flags: [REASON_FLAG, ...PROFILE_FLAGS],
    fields: FIELDS,
    async run(invocation): Promise<Ending> {
      const reason = invocation.flags.get("reason") ?? "";
      if (reason === "") return refusal(EXIT.usage, "flag --reason: expected a text, got nothing");
      const body = bodyOf?.(invocation) ?? {};
      if (typeof body === "string") return refusal(EXIT.usage, body);
      return commandEnding(await command(invocation, path, { ...body, reason }));
    },
  };
}

/** Posts a command and waits a moment for what becomes of it. */
export async function command(invocation: Invocation, path: string, body: Json): Promise<Asked> {
  return await askFor(invocation, {
    method: "POST",
    path,
    body,
    headers: { prefer: `wait=${WAIT_S}` },
  });
}

/** What became of a command. */
export function commandEnding(asked: Asked): Ending {
  if (!asked.ok) return asked.ending;
  const { body } = asked.answer;
  const record = (body.command ?? body) as Json;
  const { state, tick, outcome, commandId } = record;
  if (state === "refused" || state === "expired") {
    return {
      exitCode: EXIT.failed,
      lines: [],
      json: record,
      error: `${String(state)}: ${String(outcome)}`,
    };
  }
  const line =
    state === "done"
      ? `done; taken by tick ${String(tick)}`
      : `${String(state)}; the engine has not taken it yet (command ${String(commandId)})`;
  return { exitCode: EXIT.ok, lines: [line], json: record };
}
