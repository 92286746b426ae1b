/**
 * The real control API over a real socket for tests of commands: stores in memory, people with tokens.
 */
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Command, Ending } from "../../../bin/command.ts";
import { parseFlags } from "../../../bin/flags.ts";
import { createApp } from "../../../functions/control-api/app.ts";
import { ENGINE } from "../../functions/control-api/memory-ports.ts";
import { createRigMaker, type Person, type Rig } from "../../functions/control-api/rig.ts";

export type Server = {
  readonly rig: Rig;
  readonly api: string;
  readonly tokenOf: (person: Person) => string;
  /** Runs a command as `person`, as the command line would. */
  readonly run: (command: Command, person: Person, words: readonly string[]) => Promise<Ending>;
  readonly close: () => Promise<void>;
};

export async function startServer(): Promise<Server> {
  const maker = await createRigMaker();
  const rig = maker.create();
  const app = createApp(rig.ports);
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise<void>((resolve) => {
    if (server.listening) resolve();
    else server.once("listening", () => resolve());
  });
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenOf = (person: Person): string => maker.tokens.get(person) ?? "";
  return {
    rig,
    api,
    tokenOf,
    run: (command, person, words) => run(command, words, { api, token: tokenOf(person) }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Runs a command against an address; the token goes by the environment, as scripts give it. */
export async function run(
  command: Command,
  words: readonly string[],
  { api, token }: { readonly api: string; readonly token: string },
): Promise<Ending> {
  const parsed = parseFlags("test", command, [...words, "--api", api, "--engine", ENGINE]);
  if (!parsed.ok) throw new Error(parsed.error);
  process.env.RECKONER_TOKEN = token;
  try {
    const { flags, operands } = parsed;
    return await command.run({ json: true, operands, flags, say: () => undefined });
  } finally {
    delete process.env.RECKONER_TOKEN;
  }
}
