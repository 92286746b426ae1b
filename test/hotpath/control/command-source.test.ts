// Goal: each command of the queue is carried out once, recorded, and only then taken away; nothing holds up a kill.
// Method: queue and records in memory, with every answer that the real ones can give.
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type CommandState,
  isCommandOver,
  type OperatorAction,
  type OperatorCommand,
} from "../../../contracts/operator-command.ts";
import type { Mode } from "../../../contracts/status.ts";
import type { ControlPorts } from "../../../hotpath/control/carry-out.ts";
import { CommandSource } from "../../../hotpath/control/command-source.ts";
import type { CommandQueue } from "../../../hotpath/io/aws/command-queue.ts";
import type { CommandEnd, CommandRecords } from "../../../hotpath/io/aws/command-records.ts";
import { openLog } from "../../../hotpath/io/log.ts";

const NOW_US = 1_000_000_000;
const KILL: OperatorAction = { kind: "kill", scope: "all", target: "" };
const RELEASE: OperatorAction = { kind: "release", scope: "all", target: "" };

class Bench {
  readonly did: string[] = [];
  readonly records = new Map<string, CommandState>();
  readonly ends = new Map<string, CommandEnd>();
  readonly removed: string[] = [];
  readonly lines: string[] = [];
  isTableAway = false;
  isQueueAway = 0;
  /** Messages that the queue gives at once, and removals that it does not hear of. */
  batchMax = 1;
  lostRemovals = 0;
  isRemovalStuck = false;
  keptMode: Mode = "active";
  readonly modes: string[] = [];
  limitsVersion: number | undefined = 3;
  takeAnswers = 0;
  /** What operations answer: 0 for done, a code for a refusal. */
  code: 0 | 409 | 503 = 0;
  source: CommandSource | undefined;
  #messages: string[] = [];

  send(...messages: readonly (OperatorCommand | string)[]): void {
    this.#messages.push(
      ...messages.map((each) => (typeof each === "string" ? each : JSON.stringify(each))),
    );
  }

  /** Runs until the queue is empty, and everything that can be recorded is. */
  async run(isDone: () => boolean = () => this.#messages.length === 0): Promise<void> {
    const source = new CommandSource({
      engine: "paper",
      queue: this.#queue(),
      records: this.#records(),
      ports: this.#ports(),
      nowUs: () => NOW_US,
      log: openLog({ instance: "t", nowUs: () => 0, write: (line) => void this.lines.push(line) }),
    });
    this.source = source;
    source.start();
    while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 1));
    await source.stop();
  }

  #queue(): CommandQueue {
    return {
      receive: async (stop) => {
        if (this.isQueueAway > 0) {
          this.isQueueAway--;
          return { ok: false, reason: "away" };
        }
        const bodies = this.#messages.slice(0, this.batchMax);
        const messages = bodies.map((body) => ({ body, receipt: body }));
        if (messages.length > 0) return { ok: true, messages };
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
          stop.addEventListener("abort", resolve);
        });
        return { ok: true, messages: [] };
      },
      remove: async (receipt) => {
        if (this.isRemovalStuck) await new Promise(() => undefined);
        if (this.lostRemovals > 0) {
          this.lostRemovals--;
          return { ok: false, reason: "away" };
        }
        this.removed.push(receipt);
        this.#messages = this.#messages.filter((each) => each !== receipt);
        return { ok: true };
      },
    };
  }

  #records(): CommandRecords {
    return {
      take: async ({ commandId }) => {
        this.takeAnswers++;
        if (this.isTableAway) return { kind: "unknown", reason: "away" };
        const state = this.records.get(commandId);
        if (state === undefined) return { kind: "absent" };
        if (isCommandOver(state)) return { kind: "over", state };
        this.records.set(commandId, "taken");
        return { kind: "taken", isAgain: state === "taken" };
      },
      end: async ({ commandId }, end) => {
        if (this.isTableAway) return { ok: false, reason: "away" };
        const state = this.records.get(commandId);
        if (state !== undefined && isCommandOver(state)) return { ok: true };
        this.records.set(commandId, end.state);
        this.ends.set(commandId, end);
        return { ok: true };
      },
      beat: async () => ({ ok: true }),
      readHeartbeat: async () => ({ ok: true, heartbeat: undefined }),
    };
  }

  #ports(): ControlPorts {
    const act = (what: string) => async () => {
      this.did.push(what);
      if (this.code === 0) return { ok: true, tick: 7 } as const;
      return { ok: false, code: this.code, reason: "so it is" } as const;
    };
    return {
      operations: {
        kill: act("kill"),
        release: act("release"),
        drain: act("drain"),
        changeLimits: act("limits"),
      },
      operate: async (event) => {
        this.did.push(event.type);
        if (event.type === "modeRequested") this.modes.push(event.mode);
        return 8;
      },
      resync: async (instrument) => (instrument === "kraken:NOBODY" ? false : 9),
      limitsVersion: async () => this.limitsVersion,
      readLimits: async (version) => ({ kind: "refused", version, reason: "its hash" }),
      keptMode: () => this.keptMode,
      keepMode: (mode) => {
        this.keptMode = mode;
        return "";
      },
    };
  }
}

let made = 0;
function command(action: OperatorAction, fields: Partial<OperatorCommand> = {}): OperatorCommand {
  made++;
  return {
    schemaVersion: 1,
    commandId: `c${made}`,
    engine: "paper",
    action,
    by: "anna",
    reason: "because",
    askedUs: NOW_US - 1,
    expiresUs: NOW_US + 1,
    ...fields,
  };
}

let bench = new Bench();
afterEach(() => {
  vi.useRealTimers();
  bench = new Bench();
});

function queued(...commands: readonly OperatorCommand[]): void {
  for (const { commandId } of commands) bench.records.set(commandId, "queued");
  bench.send(...commands);
}

describe("a command", () => {
  test("is carried out, recorded with its tick, and taken away", async () => {
    const [kill, release] = [command(KILL), command(RELEASE)];
    queued(kill, release);
    await bench.run();
    expect(bench.did).toEqual(["kill", "release"]);
    expect(bench.ends.get(kill.commandId)).toEqual({ state: "done", tick: 7, outcome: "" });
    expect(bench.removed).toHaveLength(2);
    expect(bench.source?.counts).toMatchObject({ done: 2, refused: 0, unrecorded: 0 });
  });

  test("that the engine refuses keeps the reason", async () => {
    const release = command(RELEASE);
    queued(release);
    bench.code = 409;
    await bench.run();
    expect(bench.ends.get(release.commandId)).toEqual({
      state: "refused",
      tick: -1,
      outcome: "so it is",
    });
  });

  test("is tried again while the loop does not answer, and then refused", async () => {
    const kill = command(KILL);
    queued(kill);
    bench.code = 503;
    await bench.run();
    expect(bench.did).toEqual(["kill", "kill", "kill"]);
    expect(bench.ends.get(kill.commandId)?.state).toBe("refused");
  });

  test.each(["done", "refused", "expired"] as const)(
    "whose record says %s has that as its result, and nothing is done twice",
    async (state) => {
      const release = command(RELEASE);
      bench.records.set(release.commandId, state);
      bench.send(release);
      await bench.run();
      expect(bench.did).toEqual([]);
      expect(bench.records.get(release.commandId)).toBe(state);
      expect(bench.removed).toHaveLength(1);
    },
  );

  test("that an earlier life had taken and not ended is carried out by this one", async () => {
    const release = command(RELEASE);
    bench.records.set(release.commandId, "taken");
    bench.send(release);
    await bench.run();
    expect(bench.did).toEqual(["release"]);
    expect(bench.records.get(release.commandId)).toBe("done");
  });

  test("that came too late is expired, but never a kill", async () => {
    const late = { expiresUs: NOW_US - 1 };
    const [kill, release, flatten] = [
      command(KILL, late),
      command(RELEASE, late),
      command({ kind: "flatten" }, late),
    ];
    queued(kill, release, flatten);
    await bench.run();
    expect(bench.did).toEqual(["kill"]);
    expect(bench.ends.get(release.commandId)?.state).toBe("expired");
    expect(bench.ends.get(flatten.commandId)?.state).toBe("expired");
  });
});

describe("a command that could not be taken away", () => {
  test("comes again behind a later one, and is not done twice", async () => {
    const [kill, release] = [command(KILL), command(RELEASE)];
    queued(kill, release);
    bench.batchMax = 2;
    bench.lostRemovals = 1;
    await bench.run();
    expect(bench.did).toEqual(["kill", "release"]);
    expect(bench.removed).toHaveLength(2);
  });
});

describe("a source that is stopped", () => {
  test("waits for a queue that does not answer for a moment only", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    queued(command(KILL));
    bench.isRemovalStuck = true;
    const run = bench.run(() => bench.did.length > 0);
    await vi.advanceTimersByTimeAsync(3000);
    await run;
    expect(bench.did).toEqual(["kill"]);
  });
});

describe("a mode that is kept", () => {
  test.each([
    [{ kind: "pause" }, "active", "noNewPositions"],
    [{ kind: "pause" }, "exitsOnly", "exitsOnly"],
    [{ kind: "pause" }, "suspended", "suspended"],
    [{ kind: "flatten" }, "active", "exitsOnly"],
    [{ kind: "flatten" }, "suspended", "suspended"],
    [{ kind: "resume" }, "suspended", "active"],
  ] as const)("under %j goes from %s to %s", async (action, before, after) => {
    bench.keptMode = before;
    queued(command(action));
    await bench.run();
    expect(bench.keptMode).toBe(after);
    expect(bench.modes).toEqual(action.kind === "flatten" ? [] : [after]);
  });

  test("limits are refused where the loop does not say which are in force", async () => {
    const sent = command({ kind: "applyLimits", version: 4 });
    queued(sent);
    bench.limitsVersion = undefined;
    await bench.run();
    const outcome = "the hot thread does not answer";
    expect(bench.ends.get(sent.commandId)).toEqual({ state: "refused", tick: -1, outcome });
  });
});

describe("a table that is away", () => {
  test("holds up no kill; its end is recorded when the table is back", async () => {
    const kill = command(KILL);
    queued(kill);
    bench.isTableAway = true;
    await bench.run(() => {
      if (bench.did.length > 0 && bench.removed.length > 0) bench.isTableAway = false;
      return bench.ends.has(kill.commandId);
    });
    expect(bench.did).toEqual(["kill"]);
    expect(bench.ends.get(kill.commandId)?.state).toBe("done");
    expect(bench.source?.counts.unrecorded).toBe(0);
  });

  test("lets nothing be loosened, and the kill behind it comes through", async () => {
    const [release, kill] = [command(RELEASE), command(KILL)];
    queued(release, kill);
    bench.isTableAway = true;
    await bench.run();
    expect(bench.did).toEqual(["kill"]);
    expect(bench.takeAnswers).toBe(3);
    expect(bench.source?.counts).toMatchObject({ refused: 1, done: 1, unrecorded: 2 });
  });

  test("and no record at all lets a kill through, and nothing that loosens", async () => {
    const [release, kill] = [command(RELEASE), command(KILL)];
    bench.send(release, kill);
    await bench.run();
    expect(bench.did).toEqual(["kill"]);
    expect(bench.ends.get(kill.commandId)?.state).toBe("done");
    expect(bench.ends.has(release.commandId)).toBe(false);
  });
});

describe("a message", () => {
  test.each([
    ["no JSON", "{"],
    ["no command", "[]"],
    ["an unknown field", JSON.stringify({ ...command(KILL), extra: 1 })],
    ["an unknown action", JSON.stringify({ ...command(KILL), action: { kind: "sell" } })],
    ["a kill of all with a target", JSON.stringify(command({ ...KILL, target: "kraken" }))],
    ["a release of nothing named", JSON.stringify(command({ ...RELEASE, scope: "venue" }))],
    ["another engine's", JSON.stringify(command(KILL, { engine: "other" }))],
    ["a line break in its reason", JSON.stringify(command(KILL, { reason: "a\nb" }))],
    ["a later version", JSON.stringify({ ...command(KILL), schemaVersion: 2 })],
  ])("with %s is taken away, and holds up nobody", async (_, body) => {
    const kill = command(KILL);
    bench.send(body);
    queued(kill);
    await bench.run();
    expect(bench.did).toEqual(["kill"]);
    expect(bench.removed).toHaveLength(2);
    expect(bench.source?.counts.unreadable).toBe(1);
    expect(bench.lines.some((line) => line.includes("no command"))).toBe(true);
  });
});

describe("a queue that is away", () => {
  test("is asked again, and told of once", async () => {
    const kill = command(KILL);
    queued(kill);
    bench.isQueueAway = 2;
    await bench.run();
    expect(bench.did).toEqual(["kill"]);
    expect(bench.lines.filter((line) => line.includes("does not answer"))).toHaveLength(1);
    expect(bench.lines.some((line) => line.includes("answers again"))).toBe(true);
  });
});

describe("each action", () => {
  test.each([
    [{ kind: "pause" }, "modeRequested", 8],
    [{ kind: "resume" }, "modeRequested", 8],
    [{ kind: "setMode", mode: "exitsOnly" }, "modeRequested", 8],
    [{ kind: "flatten" }, "flattenRequested", 8],
    [{ kind: "cancelAll", venue: "" }, "cancelAllRequested", 8],
    [{ kind: "drain", policy: "handOver" }, "drain", 7],
    [{ kind: "resync", instrument: "" }, undefined, 9],
  ] as const)("%j reaches the loop as %s", async (action, did, tick) => {
    const sent = command(action);
    queued(sent);
    await bench.run();
    expect(bench.did[0]).toBe(did);
    expect(bench.ends.get(sent.commandId)).toEqual({ state: "done", tick, outcome: "" });
  });

  test.each([
    [{ kind: "resync", instrument: "kraken:NOBODY" }, "no such instrument is followed here"],
    [{ kind: "applyLimits", version: 2 }, "version 3 is in force, which is newer"],
    [{ kind: "applyLimits", version: 4 }, "version 4: its hash"],
  ] as const)("%j is refused with its reason", async (action, outcome) => {
    const sent = command(action);
    queued(sent);
    await bench.run();
    expect(bench.ends.get(sent.commandId)).toEqual({ state: "refused", tick: -1, outcome });
  });

  test("limits that are in force already are done", async () => {
    const sent = command({ kind: "applyLimits", version: 3 });
    queued(sent);
    await bench.run();
    expect(bench.ends.get(sent.commandId)).toMatchObject({ state: "done", tick: -1 });
    expect(bench.did).toEqual([]);
  });
});
