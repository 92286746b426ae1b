// Goal: what people do by command reaches the control plane, and what it answers reaches people.
// Method: the real API over a real socket, stores in memory.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Ending } from "../../../bin/command.ts";
import { EXIT } from "../../../bin/command.ts";
import { auditListCommand, auditVerifyCommand } from "../../../bin/control/audit.ts";
import {
  cancelAllCommand,
  flattenCommand,
  modeCommand,
  pauseCommand,
  resumeCommand,
  resyncCommand,
} from "../../../bin/control/commands.ts";
import { historyCommand } from "../../../bin/control/history.ts";
import {
  limitsGetCommand,
  limitsHistoryCommand,
  limitsSetCommand,
} from "../../../bin/control/limits.ts";
import {
  proposalsApproveCommand,
  proposalsListCommand,
  proposalsRejectCommand,
} from "../../../bin/control/proposals.ts";
import { pnlCommand, reportCommand } from "../../../bin/control/report.ts";
import { killCommand, releaseCommand } from "../../../bin/operate.ts";
import { statusCommand } from "../../../bin/status.ts";
import { fillAt } from "../../functions/control-api/facts.ts";
import { ENGINE, START_US } from "../../functions/control-api/memory-ports.ts";
import { seedLimits } from "../../functions/control-api/rig.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.rig.memory.away.clear();
});

const COMMANDS = fileURLToPath(new URL("../../../bin/control", import.meta.url));
const SCHEMA = fileURLToPath(new URL("../../../docs/schema/control-api.json", import.meta.url));
const WHY = ["--reason", "for the test"];

describe("limits", () => {
  beforeAll(() => seedLimits(server.rig));

  test("are shown with version, person and reason", async () => {
    const ending = await server.run(limitsGetCommand, "vera", []);
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json).toMatchObject({ version: expect.any(Number) });
    expect(ending.lines.join("\n")).toMatch(/orderNotionalMax +\d/);
  });

  test("tighten at once, and the history has both versions", async () => {
    const before = Number((await server.run(limitsGetCommand, "vera", [])).json.version);
    const ending = await server.run(limitsSetCommand, "rita", [
      "openOrdersMax=5",
      "openOrdersPerInstrumentMax=1",
      ...WHY,
    ]);
    expect(ending).toMatchObject({
      exitCode: EXIT.ok,
      json: { version: before + 1, proposalId: null },
    });
    expect(ending.lines.at(-1)).toBe(`version ${before + 1} is in force`);
    const history = await server.run(limitsHistoryCommand, "vera", []);
    expect((history.json.items as readonly unknown[]).length).toBe(before + 1);
    const earlier = await server.run(limitsGetCommand, "vera", [String(before)]);
    expect(earlier.json.version).toBe(before);
  });

  test("that widen wait for another person, who is not the one who asked", async () => {
    const asked = await server.run(limitsSetCommand, "rita", ["openOrdersMax=6", ...WHY]);
    const id = String(asked.json.proposalId);
    expect(asked.lines.at(-1)).toContain(`reckoner proposals approve ${id}`);
    const listed = await server.run(proposalsListCommand, "rolf", ["--state", "open"]);
    expect(listed.lines.join("\n")).toContain("openOrdersMax 5 -> 6");
    const own = await server.run(proposalsApproveCommand, "rita", [id, ...WHY]);
    expect(own.exitCode).not.toBe(EXIT.ok);
    const approved = await server.run(proposalsApproveCommand, "rolf", [id, ...WHY]);
    expect(approved).toMatchObject({ exitCode: EXIT.ok });
    expect(approved.lines.at(-1)).toMatch(/^done; version \d+ is in force$/);
  });

  test("can be turned down", async () => {
    const asked = await server.run(limitsSetCommand, "rita", ["openOrdersMax=7", ...WHY]);
    const ending = await server.run(proposalsRejectCommand, "rolf", [
      String(asked.json.proposalId),
      ...WHY,
    ]);
    expect(ending).toMatchObject({ exitCode: EXIT.ok, json: { proposal: { state: "rejected" } } });
  });

  test("a dry run changes nothing and says who would be needed", async () => {
    const before = await server.run(limitsGetCommand, "vera", []);
    const ending = await server.run(limitsSetCommand, "rita", ["openOrdersMax=9", "--dry-run"]);
    expect(ending.lines.at(-1)).toBe("this needs a second person");
    expect((await server.run(limitsGetCommand, "vera", [])).json).toEqual(before.json);
  });

  test.each([
    [["openOrderMax=5"], "no limit is named openOrderMax"],
    [["openOrdersMax"], "openOrdersMax: expected openOrdersMax=VALUE"],
    [["openOrdersMax=many"], 'openOrdersMax: "many" is no value of it'],
  ])("%s is refused before anything is asked", async (words, sentence) => {
    const ending = await server.run(limitsSetCommand, "rita", [...words, ...WHY]);
    expect(ending).toMatchObject({ exitCode: EXIT.usage });
    expect(ending.error).toContain(sentence);
  });

  test("a value above its ceiling is refused by the API, with the field", async () => {
    const ending = await server.run(limitsSetCommand, "rita", ["openOrdersMax=501", ...WHY]);
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error).toContain("openOrdersMax");
  });

  test("without a reason nothing is changed or decided", async () => {
    for (const ending of [
      await server.run(limitsSetCommand, "rita", ["openOrdersMax=4"]),
      await server.run(proposalsApproveCommand, "rolf", ["some-id"]),
      await server.run(pauseCommand, "otto", []),
    ]) {
      expect(ending).toMatchObject({ exitCode: EXIT.usage });
      expect(ending.error).toContain("--reason");
    }
  });

  test("a proposal that does not exist cannot be approved", async () => {
    const ending = await server.run(proposalsApproveCommand, "rolf", ["nothing", ...WHY]);
    expect(ending).toMatchObject({ exitCode: EXIT.failed, error: "there is no proposal nothing" });
  });
});

describe("commands", () => {
  test.each([
    ["pause", pauseCommand, [], { kind: "pause" }],
    ["resume", resumeCommand, [], { kind: "resume" }],
    ["mode", modeCommand, ["exitsOnly"], { kind: "setMode", mode: "exitsOnly" }],
    ["resync", resyncCommand, ["kraken:BTC/USD"], { kind: "resync", instrument: "kraken:BTC/USD" }],
    ["cancel-all", cancelAllCommand, ["kraken"], { kind: "cancelAll", venue: "kraken" }],
    ["cancel-all of all", cancelAllCommand, [], { kind: "cancelAll", venue: "" }],
    ["flatten", flattenCommand, [ENGINE], { kind: "flatten" }],
  ] as const)("%s reaches the engine's queue", async (_name, command, words, action) => {
    const ending = await server.run(command, "anna", [...words, ...WHY]);
    expect(ending).toMatchObject({ exitCode: EXIT.ok, json: { state: "queued", tick: -1 } });
    expect(server.rig.memory.sent.at(-1)?.action).toEqual(action);
  });

  test("a role that may not is told so", async () => {
    const ending = await server.run(pauseCommand, "vera", WHY);
    expect(ending.exitCode).toBe(EXIT.environment);
    expect(ending.error).not.toBe("");
  });

  test("a mode that is none is refused here", async () => {
    const ending = await server.run(modeCommand, "otto", ["loose", ...WHY]);
    expect(ending).toMatchObject({ exitCode: EXIT.usage });
    expect(ending.error).toContain("MODE: expected one of active");
  });
});

describe("kill and release", () => {
  test("a kill goes through the control plane, and is no success before an engine has it", async () => {
    const ending = await server.run(killCommand, "otto", ["for the test"]);
    expect(ending).toMatchObject({ exitCode: EXIT.failed, json: { way: "controlPlane" } });
    expect(server.rig.memory.sent.at(-1)?.action).toEqual({
      kind: "kill",
      scope: "all",
      target: "",
    });
  });

  test("a release waits for a second person", async () => {
    const { heartbeats, nowUs } = server.rig.memory;
    const heartbeat = heartbeats.get(ENGINE);
    if (heartbeat !== undefined) heartbeats.set(ENGINE, { ...heartbeat, atUs: nowUs });
    const ending = await server.run(releaseCommand, "rita", ["for the test"]);
    expect(ending).toMatchObject({ exitCode: EXIT.ok, json: { way: "controlPlane" } });
    expect(ending.lines[0]).toContain("reckoner proposals approve");
  });
});

describe("status of an engine elsewhere", () => {
  function heartbeat(changes: object): void {
    const { heartbeats, nowUs } = server.rig.memory;
    const well = heartbeats.get(ENGINE);
    if (well !== undefined) heartbeats.set(ENGINE, { ...well, atUs: nowUs, ...changes });
  }

  test.each([
    ["that is well", {}, EXIT.ok, undefined],
    ["that has halted", { halted: "for the test" }, EXIT.halted, "the engine halted: for the test"],
    [
      "that is silent",
      { atUs: START_US - 3_600_000_000 },
      EXIT.failed,
      "the engine has fallen silent",
    ],
  ])("%s", async (_name, changes, exitCode, error) => {
    heartbeat({ halted: "", ...changes });
    const ending = await server.run(statusCommand, "vera", []);
    heartbeat({ halted: "" });
    expect(ending.exitCode).toBe(exitCode);
    expect(ending.error).toBe(error);
    expect(ending.lines[0]).toContain("heard of");
  });
});

/** Routes that no command asks for, and why. */
const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  "/v1/health": "whether it answers is what a load balancer asks",
  "/v1/me": "for pages: a person at a terminal knows who they are",
  "/v1/engines": "for pages: a command names its engine",
  "/v1/engines/{engine}/positions": "balances are in status of this machine, and on the pages",
  "/v1/engines/{engine}/positions/history": "as above",
  "/v1/engines/{engine}/execution": "for pages, which compare its tables",
  "/v1/engines/{engine}/modes": "for pages, as lanes over time",
  "/v1/engines/{engine}/kills": "status names the kills that stand; the audit has all",
  "/v1/engines/{engine}/runs": "for pages",
  "/v1/engines/{engine}/commands": "each command tells what became of it; the audit has all",
  "/v1/engines/{engine}/commands/{id}": "as above",
  "/v1/engines/{engine}/audit/verify": "the command reads the chain and judges it itself",
  "/v1/engines/{engine}/commands/drain": "reckoner drain speaks with the engine's own port",
};

test("every route of the API is reached by a command here, or is excused by name", () => {
  const document = JSON.parse(readFileSync(SCHEMA, "utf8")) as { readonly paths: object };
  const source = readdirSync(COMMANDS)
    .filter((file) => file.endsWith(".ts"))
    .concat("../status.ts")
    .map((file) => readFileSync(join(COMMANDS, file), "utf8"))
    .join("\n");
  const unreached = Object.keys(document.paths).filter((path) => {
    const tail = path.replace("/v1/engines/{engine}/", "").split("/{")[0] ?? "";
    const isNamed = ['"', "`"].some((quote) => source.includes(`${quote}${tail}`));
    // Kill and release take their path from the word that was given.
    return !isNamed && !["kill", "release"].includes(tail);
  });
  expect(unreached.filter((path) => !Object.hasOwn(WITHOUT_COMMAND, path))).toEqual([]);
  expect(
    Object.keys(WITHOUT_COMMAND).filter((path) => !Object.hasOwn(document.paths, path)),
  ).toEqual([]);
});

describe("history", () => {
  test("fills are a table, and the next page is named", async () => {
    const { hot } = server.rig.memory;
    hot.push(...[1, 2, 3].map((n) => fillAt(START_US - n * 1_000_000)));
    const ending = await server.run(historyCommand("trades"), "vera", [
      "--limit",
      "2",
      "--instrument",
      "kraken:BTC/USD",
    ]);
    expect((ending.json.items as readonly unknown[]).length).toBe(2);
    expect(ending.lines[1]).toContain("kraken:BTC/USD");
    expect(ending.lines.at(-1)).toMatch(/^more: --cursor /);
    const rest = await server.run(historyCommand("trades"), "vera", [
      "--limit",
      "2",
      "--instrument",
      "kraken:BTC/USD",
      "--cursor",
      String(ending.json.nextCursor),
    ]);
    expect((rest.json.items as readonly unknown[]).length).toBe(1);
  });

  test.each([
    "orders",
    "cycles",
    "opportunities",
    "denials",
    "resyncs",
    "alerts",
    "latency",
  ] as const)("%s of nothing is nothing", async (name) => {
    const ending = await server.run(historyCommand(name), "vera", []);
    expect(ending).toMatchObject({ exitCode: EXIT.ok, lines: ["nothing"] });
  });

  test("a range that is none is refused with the field", async () => {
    const ending = await server.run(historyCommand("orders"), "vera", ["--from", "yesterday"]);
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error).toMatch(/^from: /);
  });

  test("profit and reports", async () => {
    expect(await server.run(pnlCommand, "vera", [])).toMatchObject({ exitCode: EXIT.ok });
    server.rig.memory.reports.set(`${ENGINE} 2026-11-20`, { trades: { count: 3 } });
    const day = await server.run(reportCommand, "vera", ["2026-11-20"]);
    expect(day.lines).toContain("  count: 3");
    const missing = await server.run(reportCommand, "vera", ["2026-11-19"]);
    expect(missing.exitCode).toBe(EXIT.failed);
    expect((await server.run(reportCommand, "vera", [])).lines).toEqual(["nothing"]);
  });
});

describe("audit", () => {
  test("what was done above is listed, and both chains are whole", async () => {
    const list = await server.run(auditListCommand, "vera", []);
    expect(list.lines.join("\n")).toContain("anna");
    const verdict = await server.run(auditVerifyCommand, "vera", []);
    expect(verdict).toMatchObject({ exitCode: EXIT.ok, json: { faults: [] } });
  });

  test.each([
    ["an edit", "edit", (items: unknown[]) => Object.assign(items[1] as object, { by: "nobody" })],
    ["a drop", "drop", (items: unknown[]) => items.splice(1, 1)],
    ["an exchange", "reorder", (items: unknown[]) => items.splice(1, 2, items[2], items[1])],
  ])("%s that was planted in the store is found", async (_name, kind, plant) => {
    const { chains } = server.rig.memory;
    const key = `${ENGINE} action`;
    const whole = chains.get(key) ?? [];
    const spoiled = structuredClone(whole);
    plant(spoiled);
    chains.set(key, spoiled);
    const ending: Ending = await server.run(auditVerifyCommand, "vera", []);
    chains.set(key, whole);
    expect(ending.exitCode).toBe(EXIT.failed);
    expect(ending.error).toContain(`item 2: ${kind}`);
  });

  describe("in a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-audit-"));
    afterAll(() => rmSync(folder, { recursive: true }));

    async function judged(change: (lines: string[]) => void): Promise<Ending> {
      const items = server.rig.memory.chains.get(`${ENGINE} action`) ?? [];
      const { seq = 0, hash = "" } = items.at(-1) ?? {};
      const lines = items.map((item) => JSON.stringify(item));
      lines.push(JSON.stringify({ chains: { action: { seq, hash }, limits: { seq: 0, hash } } }));
      change(lines);
      const file = join(folder, "chain.jsonl");
      writeFileSync(file, `${lines.join("\n")}\n`);
      return await server.run(auditVerifyCommand, "vera", ["--file", file]);
    }

    test("that is whole is said to be whole", async () => {
      const ending = await judged(() => {});
      expect(ending).toMatchObject({ exitCode: EXIT.ok, json: { faults: [] } });
    });

    test("a cut end is found by the root", async () => {
      const ending = await judged((lines) => lines.splice(-2, 1));
      expect(ending.exitCode).toBe(EXIT.failed);
      expect(ending.error).toContain("cut");
    });

    test("a last item that says it is of no chain is not passed over", async () => {
      const ending = await judged((lines) => {
        lines.pop();
        const last = lines.pop() ?? "";
        lines.push(last.replace('"chain":"action"', '"chain":"actions"'));
      });
      expect(ending.exitCode).toBe(EXIT.usage);
      expect(ending.error).toContain("is no audit item");
    });

    test.each(["no JSON", "7", "null", '{"chain":"action"}'])(
      "a line %s is named",
      async (line) => {
        const ending = await judged((lines) => lines.splice(1, 0, line));
        expect(ending.exitCode).toBe(EXIT.usage);
        expect(ending.error).toContain("chain.jsonl:2 is no audit item");
      },
    );

    test("that is not there is said to be so", async () => {
      const args = ["--file", join(folder, "nothing.jsonl")];
      const ending = await server.run(auditVerifyCommand, "vera", args);
      expect(ending.exitCode).toBe(EXIT.environment);
    });
  });
});

test("stores that are away are somebody else's fault, and are said so", async () => {
  server.rig.memory.away.add("history");
  const ending = await server.run(historyCommand("trades"), "vera", []);
  expect(ending.exitCode).toBe(EXIT.environment);
  expect(ending.error).toMatch(/\(request request-\d+\)$/);
});
