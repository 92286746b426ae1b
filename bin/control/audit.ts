/**
 * Station: `reckoner audit list` and `reckoner audit verify`: the two chains of an engine.
 *
 * The verifier reads every item itself and works out every hash itself; the API's own opinion is not asked. It
 * reads a file as well, so that a copy can be judged where nothing else is at hand.
 */
import { readFileSync } from "node:fs";
import {
  AUDIT_CHAINS,
  type AuditChain,
  type AuditItem,
  type AuditRoot,
} from "../../contracts/audit.ts";
import type { Command, Ending, Invocation } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { ask, endingOf, type Json } from "./api.ts";
import { type AuditVerdict, verifyChain } from "./audit-chain.ts";
import { type Access, findAccess, PROFILE_FLAGS } from "./profile.ts";
import { tableOf, timeText } from "./table.ts";

const PAGE = "500";

export const auditListCommand: Command = {
  operands: [],
  flags: [
    { name: "chain", kind: "choice", choices: AUDIT_CHAINS, summary: "which", standard: "action" },
    { name: "limit", kind: "count", summary: "how many", standard: "50" },
    { name: "cursor", kind: "text", summary: "nextCursor of the page before" },
    ...PROFILE_FLAGS,
  ],
  fields: [["items", "audit items, newest first"]],
  run: async (invocation) => {
    const { flags } = invocation;
    const query = {
      chain: flags.get("chain") ?? "action",
      limit: flags.get("limit") ?? "50",
      cursor: flags.get("cursor"),
    };
    return await endingOf(invocation, { path: "audit", query }, ({ body }) => ({
      exitCode: EXIT.ok,
      lines: tableOf((body.items ?? []) as readonly Json[], [
        { name: "no.", of: (row) => String(row.seq), isNumber: true },
        { name: "time (UTC)", of: (row) => timeText(row.atUs) },
        { name: "what", of: (row) => String(row.kind) },
        { name: "by", of: (row) => String(row.by) },
        { name: "approved by", of: (row) => String(row.approvedBy) },
        { name: "reason", of: (row) => String(row.reason) },
      ]),
      json: body,
    }));
  },
};

export const auditVerifyCommand: Command = {
  notes: [
    "Reads both chains whole and works out every hash anew. An edit, a missing item, an exchange and a cut end\n" +
      "each have a name and the number of the first bad item.",
  ],
  operands: [],
  flags: [
    {
      name: "file",
      kind: "text",
      summary: "JSON lines of audit items instead of the API; a line may be a day's root",
    },
    ...PROFILE_FLAGS,
  ],
  fields: [
    ["chains", "of each chain: count, head (hash of its last good item) and fault"],
    ["faults", "chain, seq, kind and detail of each break; none in a whole chain"],
  ],
  run: async (invocation) => {
    const file = invocation.flags.get("file");
    return file === undefined ? await verifyRemote(invocation) : verifyFile(file);
  },
};

async function verifyRemote(invocation: Invocation): Promise<Ending> {
  const found = await findAccess(invocation);
  if (!found.ok) return found.ending;
  const verdicts: AuditVerdict[] = [];
  for (const chain of AUDIT_CHAINS) {
    const items = await readChain(found.access, chain);
    if (!Array.isArray(items)) return items as Ending;
    verdicts.push(verifyChain(chain, items as readonly AuditItem[]));
  }
  return verdictEnding(verdicts);
}

/** A chain from its first item on; the API gives the newest first. */
async function readChain(
  access: Access,
  chain: AuditChain,
): Promise<readonly AuditItem[] | Ending> {
  const items: AuditItem[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; ) {
    const asked = await ask(access, { path: "audit", query: { chain, limit: PAGE, cursor } });
    if (!asked.ok) return asked.ending;
    const { body } = asked.answer;
    items.push(...((body.items ?? []) as readonly AuditItem[]));
    cursor = typeof body.nextCursor === "string" ? body.nextCursor : undefined;
    isFirst = false;
  }
  return items.reverse();
}

function verifyFile(file: string): Ending {
  let lines: readonly string[];
  try {
    lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return refusal(EXIT.environment, `flag --file: cannot be read: ${cause}`);
  }
  const items: AuditItem[] = [];
  let root: AuditRoot | undefined;
  for (const [at, line] of lines.entries()) {
    const value = parsed(line);
    if (value === undefined) return refusal(EXIT.usage, `${file}:${at + 1} is no audit item`);
    if ("chains" in value) root = value as unknown as AuditRoot;
    else items.push(value as unknown as AuditItem);
  }
  return verdictEnding(
    AUDIT_CHAINS.map((chain) =>
      verifyChain(
        chain,
        items.filter((item) => item.chain === chain),
        root?.chains[chain],
      ),
    ),
  );
}

function parsed(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    if ("chains" in value) return value as Json;
    // An item that says it is of no chain would be passed over with its chain, and its edit with it.
    const { seq, chain } = value as Json;
    const isItem = seq !== undefined && (AUDIT_CHAINS as readonly unknown[]).includes(chain);
    return isItem ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function verdictEnding(verdicts: readonly AuditVerdict[]): Ending {
  const faults = verdicts.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  const lines = verdicts.map(({ chain, count, head, fault }) =>
    fault === undefined
      ? `${chain}: ${count} items, whole; head ${head.slice(0, 16)}`
      : `${chain}: broken at item ${fault.seq} (${fault.kind}): ${fault.detail}`,
  );
  const chains = Object.fromEntries(verdicts.map(({ chain, ...rest }) => [chain, rest]));
  const [first] = faults;
  return {
    exitCode: first === undefined ? EXIT.ok : EXIT.failed,
    lines,
    json: { chains, faults },
    ...(first === undefined
      ? {}
      : { error: `chain ${first.chain}, item ${first.seq}: ${first.kind}: ${first.detail}` }),
  };
}
