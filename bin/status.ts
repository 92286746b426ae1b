/**
 * Station: `reckoner status`. Asks a running engine once and shows what the view would show.
 */
import type { EngineStatus } from "../contracts/status.ts";
import type { Command, Ending } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { endingOf, type Json } from "./control/api.ts";
import { PROFILE_FLAGS } from "./control/profile.ts";
import { printable } from "./control/table.ts";
import { askLoopback } from "./loopback.ts";
import { readRunFile } from "./run-file.ts";
import { renderView } from "./view/render.ts";
import { ansiText, plainText } from "./view/spans.ts";

const COLUMNS_STANDARD = 100;
const ROWS_STANDARD = 40;
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost):\d{1,5}\/?$/;

export const statusCommand: Command = {
  notes: [
    "With --profile or --api the control plane is asked for the engine's last word on itself; else the engine\n" +
      "on this machine is asked, and shown as in the view.",
  ],
  operands: [],
  flags: [
    {
      name: "admin",
      kind: "text",
      summary: "address of the engine's admin port, http://127.0.0.1:PORT",
      standard: "the engine that was started last in this checkout",
    },
    ...PROFILE_FLAGS,
  ],
  fields: [
    ["status", "what GET /status says; the fields are those of contracts/status.ts"],
    ["heartbeat, isFresh, ageUs", "only from a control plane: the last word, and how old it is"],
  ],
  async run(invocation): Promise<Ending> {
    const isRemote = ["profile", "api"].some((name) => invocation.flags.has(name));
    if (isRemote) {
      return await endingOf(invocation, { path: "status" }, ({ body }) => heartbeatEnding(body));
    }
    const admin = invocation.flags.get("admin") ?? readRunFile();
    if (admin === null) {
      return refusal(EXIT.environment, "no engine is running here; start one with: reckoner start");
    }
    if (!LOOPBACK.test(admin)) {
      return refusal(EXIT.usage, `flag --admin: expected http://127.0.0.1:PORT, got "${admin}"`);
    }
    const answer = await askLoopback(`${admin.replace(/\/$/, "")}/status`);
    if (!answer.ok) return refusal(EXIT.environment, `no engine answers: ${answer.reason}`);
    if (answer.status !== 200) {
      return refusal(EXIT.environment, `the engine answered with HTTP ${answer.status}`);
    }
    return statusEnding(answer.body as EngineStatus);
  },
};

/** An engine that says nothing any more, or has halted, is no good answer to a script. */
function heartbeatEnding(body: Json): Ending {
  const { isFresh, ageUs, heartbeat } = body;
  const { engine, runId, fence, limitsVersion, halted, isReady } = (heartbeat ?? {}) as Json;
  const age = typeof ageUs === "number" ? `${(ageUs / 1_000_000).toFixed(1)} s ago` : "never";
  const lines = [
    `${String(engine)} ${isReady === true ? "ready" : "not ready"}, heard of ${age}`,
    `run ${String(runId)}, fence ${String(fence)}, limits version ${String(limitsVersion)}`,
  ].map(printable);
  if (typeof halted === "string" && halted !== "") {
    return { exitCode: EXIT.halted, lines, json: body, error: `the engine halted: ${halted}` };
  }
  if (isFresh === true) return { exitCode: EXIT.ok, lines, json: body };
  return { exitCode: EXIT.failed, lines, json: body, error: "the engine has fallen silent" };
}

function statusEnding(status: EngineStatus): Ending {
  const width = process.stdout.columns ?? COLUMNS_STANDARD;
  const paint = process.stdout.isTTY && !process.env.NO_COLOR ? ansiText : plainText;
  const input = { status, previous: null, cycles: [], truth: null, hint: "" };
  const lines = renderView(input, width, ROWS_STANDARD);
  const isHalted = status.halted !== "";
  return {
    exitCode: isHalted ? EXIT.halted : EXIT.ok,
    lines: lines
      .filter((line, at) => line.length > 0 || (lines[at - 1]?.length ?? 0) > 0)
      .map(paint),
    json: { status },
    ...(isHalted ? { error: `the engine halted: ${status.halted}` } : {}),
  };
}
