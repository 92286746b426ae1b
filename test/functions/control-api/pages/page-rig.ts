/**
 * Requests to the pages in tests, as a browser makes them: a cookie, forms of their own site, no script.
 */
import { createApp } from "../../../../functions/control-api/app.ts";
import { mountPages } from "../../../../functions/control-api/pages/mount.ts";
import type { ApiPorts } from "../../../../functions/control-api/ports.ts";
import { type Memory, memoryRig } from "../memory-ports.ts";
import { limitsWith, PEOPLE, type Person } from "../rig.ts";
import { createMint } from "../test-tokens.ts";
import { fillScene } from "./scene.ts";

const SITE = "http://pages.test";

export type Form = Readonly<Record<string, string>>;

export type PageRig = {
  readonly ports: ApiPorts;
  readonly memory: Memory;
  readonly tokenOf: (person: Person) => string;
  /** `""` is a stranger. */
  readonly look: (path: string, person?: Person | "", headers?: Form) => Promise<Response>;
  readonly send: (
    path: string,
    form: Form,
    by?: { readonly person?: Person | ""; readonly origin?: string; readonly type?: string },
  ) => Promise<Response>;
  /** The same stores behind ports that are otherwise. */
  readonly withPorts: (changes: Partial<ApiPorts>) => PageRig;
  /** Puts version 1 of the limits by two people, through the forms. */
  readonly seedLimits: (changes?: object) => Promise<void>;
};

/** Keys and tokens once; each call of what it gives has stores of its own, with the scene in them. */
export async function createPageRigs(): Promise<() => PageRig> {
  const mint = await createMint();
  const tokens = new Map<Person, string>();
  for (const person of Object.keys(PEOPLE) as Person[]) {
    tokens.set(person, await mint.token(person, PEOPLE[person]));
  }
  return () => {
    const { ports, memory } = memoryRig(mint.readToken, { isLocal: true });
    fillScene(memory);
    return rigOver(ports, memory, tokens);
  };
}

function rigOver(ports: ApiPorts, memory: Memory, tokens: ReadonlyMap<Person, string>): PageRig {
  const app = createApp(ports);
  mountPages(app, ports);
  const cookieOf = (person: Person | ""): Form =>
    person === "" ? {} : { cookie: `reckoner-session=${tokens.get(person)}` };
  const send: PageRig["send"] = async (path, form, by = {}) => {
    const { person = "rita", origin = SITE, type = "application/x-www-form-urlencoded" } = by;
    const headers = { ...cookieOf(person), origin, "content-type": type };
    const body = new URLSearchParams(form).toString();
    return await app.fetch(new Request(SITE + path, { method: "POST", headers, body }));
  };
  return {
    ports,
    memory,
    tokenOf: (person) => tokens.get(person) ?? "",
    send,
    look: async (path, person = "rita", headers = {}) =>
      await app.fetch(new Request(SITE + path, { headers: { ...cookieOf(person), ...headers } })),
    withPorts: (changes) => rigOver({ ...ports, ...changes }, memory, tokens),
    seedLimits: async (changes = {}) => {
      const limits = JSON.stringify(limitsWith(changes));
      await send("/limits/put", { limits, version: "0", reason: "the first", key: "key-of-first" });
      const [proposal] = [...memory.proposals.values()];
      const payloadHash = proposal?.payloadHash ?? "";
      const approval = { payloadHash, kind: "limits", reason: "seen", key: "key-of-second" };
      const path = `/proposals/${proposal?.proposalId}/approve`;
      const approved = await send(path, approval, { person: "rolf" });
      if (approved.status !== 303) throw new Error("the limits were not seeded");
    },
  };
}
