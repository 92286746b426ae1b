/**
 * Station: `reckoner user add`: a person gets a role.
 *
 * On one machine the machine's own identity signs a token into a file that only its owner can read. In the cloud
 * people live in the user pool, which only its administrators change: the commands for it are printed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openIdentity, TOKEN_LIFE_S_MAX } from "../../local/identity/identity.ts";
import type { Command, Ending } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { type RunningControl, readRunningControl } from "../run-file.ts";
import { ROLES } from "./profile.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const userAddCommand: Command = userAddCommandOf(readRunningControl);

/** The command beside the control plane that `findRunning` finds. */
export function userAddCommandOf(findRunning: () => RunningControl | null): Command {
  return {
    operands: [{ name: "NAME", summary: "the person", required: true }],
    flags: [
      {
        name: "role",
        kind: "choice",
        choices: ROLES,
        summary: "what they may do",
        standard: "viewer",
      },
      {
        name: "user-pool",
        kind: "text",
        summary: "print the commands for this user pool of Cognito",
      },
    ],
    fields: [
      ["tokenFile", "file with the token, on one machine"],
      ["commands", "what an administrator of the user pool runs, in the cloud"],
    ],
    async run({ flags, operands }): Promise<Ending> {
      const [name = ""] = operands;
      if (!NAME.test(name)) return refusal(EXIT.usage, `NAME: "${name}" is no name of a user`);
      const role = flags.get("role") ?? "viewer";
      const pool = flags.get("user-pool");
      if (pool !== undefined) return cloudEnding(pool, name, role);
      const running = findRunning();
      if (running === null) {
        return refusal(
          EXIT.environment,
          "no control plane runs here; start one with: reckoner start, or name a --user-pool",
        );
      }
      const identity = await openIdentity(running.identity);
      const token = await identity.mint({ subject: name, roles: [role], lifeS: TOKEN_LIFE_S_MAX });
      const tokenFile = join(dirname(running.identity), "tokens", `${name}.token`);
      mkdirSync(dirname(tokenFile), { recursive: true, mode: 0o700 });
      writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
      const life = TOKEN_LIFE_S_MAX / 3600;
      return {
        exitCode: EXIT.ok,
        lines: [`${name} is ${role} for ${life} hours; the token is in ${tokenFile}`],
        json: { tokenFile, commands: [] },
      };
    },
  };
}

function cloudEnding(pool: string, name: string, role: string): Ending {
  const user = `--user-pool-id ${pool} --username ${name}`;
  const commands = [
    `aws cognito-idp admin-create-user ${user}`,
    `aws cognito-idp admin-add-user-to-group ${user} --group-name ${role}`,
  ];
  return { exitCode: EXIT.ok, lines: commands, json: { tokenFile: null, commands } };
}
