/**
 * Station: one child process, its lines and its end.
 *
 * Commands that are processes of their own (the engine, the simulated venues, the benches, the
 * tools of development) are started here, so that signals are passed on in one way only. A child is
 * never left behind: who starts one also stops it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The folder of this checkout, without a trailing slash. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** After this long without an end, a child that was asked to stop is killed. */
const STOP_MS_MAX = 15_000;

/** The same signal again within this time is the echo of the first one. */
const SIGNAL_ECHO_MS_MAX = 500;

/**
 * glibc raises its threshold for giving memory straight back with every large buffer that is freed, and
 * then keeps such buffers: a process that reads and compresses segments grows by its worst moment. Fixed
 * thresholds give them back (mallopt(3); no effect elsewhere). An operator's own settings stand.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2",
  MALLOC_MMAP_THRESHOLD_: process.env.MALLOC_MMAP_THRESHOLD_ ?? "131072",
  MALLOC_TRIM_THRESHOLD_: process.env.MALLOC_TRIM_THRESHOLD_ ?? "131072",
};

export type ChildOptions = {
  /** Arguments to Node, the script first. */
  readonly args: readonly string[];
  /** Called with each line of the child's stdout; without it stdout goes where ours goes. */
  readonly onLine?: (line: string) => void;
  /** Called with each line of the child's stderr; without it stderr goes where ours goes. */
  readonly onErrorLine?: (line: string) => void;
  /** Variables of the child's own, over ours; an undefined one is taken away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Keeps a pipe to the child's stdin open: when this process dies, the child sees its end. */
  readonly tied?: boolean;
};

export type Child = {
  readonly process: ChildProcess;
  /** Resolves to the exit code; a death by signal gives 128 and the signal's number. */
  readonly ended: Promise<number>;
  /** Asks the child to end, kills it when it has not within `graceMs`; resolves to its exit code. */
  stop(graceMs?: number): Promise<number>;
};

/** Starts this Node on a script of this checkout. */
export function startChild(options: ChildOptions): Child {
  const child = spawn(process.execPath, [...options.args], {
    cwd: ROOT,
    // A group of its own: a terminal's ctrl-c goes to every process of a group at once, and a child
    // that also gets it from us would take the second one for impatience.
    detached: true,
    env: { ...process.env, ...ALLOCATOR, ...options.environment },
    stdio: [
      options.tied === true ? "pipe" : "ignore",
      options.onLine === undefined ? "inherit" : "pipe",
      options.onErrorLine === undefined ? "inherit" : "pipe",
    ],
  });
  const { onLine, onErrorLine } = options;
  if (child.stdout !== null && onLine !== undefined) {
    createInterface({ input: child.stdout }).on("line", onLine);
  }
  if (child.stderr !== null && onErrorLine !== undefined) {
    createInterface({ input: child.stderr }).on("line", onErrorLine);
  }
  // A child that dies first breaks the pipe we hold; its end is reported by `ended` already.
  child.stdin?.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.on("error", () => resolve(127));
    child.on("close", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  return {
    process: child,
    ended,
    stop: (graceMs = STOP_MS_MAX) => stopChild(child, ended, graceMs),
  };
}

async function stopChild(
  child: ChildProcess,
  ended: Promise<number>,
  graceMs: number,
): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const timer = setTimeout(() => killGroup(child), graceMs);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

/** Kills the child and whatever it has started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

/** Runs a child to its end and passes SIGINT and SIGTERM of this process on to it. */
export async function runChild(options: ChildOptions): Promise<number> {
  const child = startChild(options);
  let lastPassedMs = Number.NEGATIVE_INFINITY;
  // One ctrl-c arrives twice, from the terminal and from the launcher; the child gets it once.
  const pass = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (nowMs - lastPassedMs > SIGNAL_ECHO_MS_MAX) child.process.kill(signal);
    lastPassedMs = nowMs;
  };
  process.on("SIGINT", pass).on("SIGTERM", pass).on("SIGHUP", pass);
  const code = await child.ended;
  process.off("SIGINT", pass).off("SIGTERM", pass).off("SIGHUP", pass);
  return code;
}
