/**
 * Station: `reckoner kill`, `reckoner release` and `reckoner drain`: an operator's word to a running engine,
 * over its admin port and with its token.
 *
 * An engine that does not answer cannot be killed this way; the message says which way is left. Nothing
 * here is asked twice.
 */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { KILL_SCOPES } from "../contracts/trade.ts";
import { ADMIN_TOKEN_NAME } from "../hotpath/io/admin-token.ts";
import type { Command, Ending, Flag, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { command, commandEnding } from "./control/commands.ts";
import { PROFILE_FLAGS } from "./control/profile.ts";
import { askLoopback } from "./loopback.ts";
import { readRunFile, readRunningControl, readTokenFile } from "./run-file.ts";

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost):\d{1,5}\/?$/;

const ADDRESS_FLAGS: readonly Flag[] = [
  {
    name: "admin",
    kind: "text",
    summary: "address of the engine's admin port, http://127.0.0.1:PORT",
    standard: "the engine that was started last in this checkout",
  },
  {
    name: "token-file",
    kind: "text",
    summary: "file with the token of the admin port",
    standard: `${ADMIN_TOKEN_NAME}, or the file that the engine wrote`,
  },
  { name: "by", kind: "text", summary: "who asks", standard: "the name of the user" },
];

const KILL_FLAGS: readonly Flag[] = [
  {
    name: "scope",
    kind: "choice",
    choices: KILL_SCOPES,
    summary: "what is meant",
    standard: "all",
  },
  { name: "reason", kind: "text", summary: "why, for the journal and the log" },
  { name: "target", kind: "text", summary: "name of the venue, the strategy or the instrument" },
  ...ADDRESS_FLAGS,
];

/** Where a control plane is asked; the flags of the admin port above stand over it. */
const CONTROL_FLAGS = PROFILE_FLAGS.filter(({ name }) =>
  ["profile", "api", "engine", "as"].includes(name),
);

const REASON = { name: "REASON", summary: "the same as --reason", required: false };

export const killCommand: Command = {
  notes: [
    "Stops all new orders at once and cancels what is open. It holds over restarts until somebody\n" +
      "releases it. Where the engine does not answer: a file named KILL beside the journal's folder, or\n" +
      "SIGUSR1, do the same. Beside a control plane the word goes through it, and to the admin port as well\n" +
      "where it does not answer.",
  ],
  operands: [REASON],
  flags: [...KILL_FLAGS, ...CONTROL_FLAGS],
  fields: [
    ["tick", "tick of the loop that took it: nothing is ordered from there on"],
    ["way", "controlPlane or adminPort"],
  ],
  run: (invocation) => killOrRelease(invocation, "/kill"),
};

export const releaseCommand: Command = {
  notes: [
    "Only what was killed under the same scope and target is released, and nothing else. Beside a control\n" +
      "plane it takes a second person: this proposes it, and `reckoner proposals approve` carries it out. With\n" +
      "--admin it goes to the engine's own port and takes one.",
  ],
  operands: [REASON],
  flags: [...KILL_FLAGS, ...CONTROL_FLAGS],
  fields: [
    ["tick", "tick of the loop that took it"],
    ["proposalId", "what a second person approves; only beside a control plane"],
    ["way", "controlPlane or adminPort"],
  ],
  run: (invocation) => killOrRelease(invocation, "/release"),
};

export const drainCommand: Command = {
  notes: ["Finishes the cycles under way and begins no other; the engine goes on watching."],
  operands: [],
  flags: ADDRESS_FLAGS,
  fields: [["tick", "tick of the loop that took it"]],
  run: (invocation) => operate(invocation, "/drain", { by: askerOf(invocation) }),
};

async function killOrRelease(invocation: Invocation, path: string): Promise<Ending> {
  const { flags, operands } = invocation;
  const reason = flags.get("reason") ?? operands[0];
  if (reason === undefined)
    return refusal(EXIT.usage, "flag --reason: expected a text, got nothing");
  const what = { scope: flags.get("scope") ?? "all", target: flags.get("target") ?? "" };
  let queued: Ending | undefined;
  if (isBesideControl(flags)) {
    queued = await throughControl(invocation, path, { ...what, reason });
    if (queued !== undefined && !(path === "/kill" && isNotTaken(queued))) return queued;
    const why = queued === undefined ? "does not answer" : "has it, and the engine has not";
    invocation.say(`the control plane ${why}; asking the engine's admin port`);
  }
  const ending = await operate(invocation, path, { ...what, by: askerOf(invocation), reason });
  if (ending.exitCode !== EXIT.ok && queued !== undefined) return notTakenEnding(queued, ending);
  return { ...ending, json: { ...ending.json, way: "adminPort" } };
}

/** A kill that only waits somewhere has killed nothing yet. */
function isNotTaken({ exitCode, json }: Ending): boolean {
  return exitCode === EXIT.ok && json.state !== "done";
}

function notTakenEnding(queued: Ending, direct: Ending): Ending {
  const error = `${queued.lines.join(" ")}; ${direct.error ?? "its admin port did not take it"}`;
  return { ...queued, exitCode: EXIT.failed, lines: [], error };
}

/** Whether a control plane is meant: one is named or was started here, and the admin port was not asked for. */
function isBesideControl(flags: Invocation["flags"]): boolean {
  if (flags.has("admin") || flags.has("token-file")) return false;
  const { RECKONER_API: api = "", RECKONER_PROFILE: profile = "" } = process.env;
  const isNamed = ["profile", "api"].some((name) => flags.has(name));
  return isNamed || api !== "" || profile !== "" || readRunningControl() !== null;
}

/** Kills or proposes a release through the control plane; undefined where a kill finds it silent. */
async function throughControl(
  invocation: Invocation,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Ending | undefined> {
  const asked = await command(invocation, path.slice(1), body);
  if (!asked.ok) return path === "/kill" && asked.isSilent ? undefined : asked.ending;
  const { proposal } = asked.answer.body as {
    readonly proposal?: { readonly proposalId: string };
  };
  if (proposal === undefined) {
    const ending = commandEnding(asked);
    return { ...ending, json: { ...ending.json, way: "controlPlane" } };
  }
  const { proposalId } = proposal;
  return {
    exitCode: EXIT.ok,
    lines: [`it waits for a second person: reckoner proposals approve ${proposalId} --reason WHY`],
    json: { proposalId, way: "controlPlane" },
  };
}

function askerOf(invocation: Invocation): string {
  return invocation.flags.get("by") ?? userInfo().username;
}

async function operate(invocation: Invocation, path: string, body: object): Promise<Ending> {
  const admin = invocation.flags.get("admin") ?? readRunFile();
  if (admin === null) {
    return refusal(EXIT.environment, "no engine is running here; start one with: reckoner start");
  }
  if (!LOOPBACK.test(admin)) {
    return refusal(EXIT.usage, `flag --admin: expected http://127.0.0.1:PORT, got "${admin}"`);
  }
  const token = tokenOf(invocation.flags.get("token-file"));
  if (token === null) {
    return refusal(
      EXIT.environment,
      "the token of the admin port cannot be read; see --token-file",
    );
  }
  const answer = await askLoopback(`${admin.replace(/\/$/, "")}${path}`, body, token);
  if (!answer.ok) return refusal(EXIT.environment, `no engine answers: ${answer.reason}`);
  const { tick, error } = (answer.body ?? {}) as {
    readonly tick?: number;
    readonly error?: string;
  };
  if (answer.status !== 200) {
    const code = answer.status === 422 ? EXIT.usage : EXIT.failed;
    return refusal(code, error ?? `the engine answered with HTTP ${answer.status}`);
  }
  return { exitCode: EXIT.ok, lines: [`done; taken by tick ${tick}`], json: { tick } };
}

/** The token: of the file that was named, of the environment, or of the file of the running engine. */
function tokenOf(named: string | undefined): string | null {
  const chosen = process.env[ADMIN_TOKEN_NAME];
  if (named === undefined && chosen !== undefined && chosen !== "") return chosen;
  const file = named ?? readTokenFile();
  if (file === null) return null;
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
