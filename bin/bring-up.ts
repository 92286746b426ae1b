/**
 * Station: a script -> a process that is up, or the reason why it is not.
 *
 * What a process says last before it gives up is that reason; it is held back from the log, so that it is told
 * once. An interruption meanwhile ends the process, and with it the wait.
 */
import type { Child } from "./child.ts";
import type { Interruption } from "./interruption.ts";
import type { ChildEnvironment } from "./start-control.ts";
import { startAndWait } from "./start-process.ts";

/** What is being started, as far as this file needs to know it. */
export type Starting = {
  /** Every child so far; a new one is added. */
  readonly children: Child[];
  readonly interruption: Interruption;
};

export type BroughtUp = Awaited<ReturnType<typeof startAndWait>>;

/** Starts a process; an interruption meanwhile ends it, and with it the wait. */
export async function bringUp(
  run: Starting,
  args: readonly string[],
  onErrorLine: (line: string) => void,
  environment: ChildEnvironment = {},
): Promise<BroughtUp> {
  const { children, interruption } = run;
  const held = holdLastLine(onErrorLine);
  const starting = startAndWait(args, children, held.take, environment);
  const child = children.at(-1);
  let isWaiting = true;
  void interruption.given.then(() => (isWaiting ? child?.stop() : undefined));
  const started = await starting;
  isWaiting = false;
  // What a process says last before it gives up is the reason, and is told once, in the refusal.
  if (started.ok) held.passOn();
  return started;
}

/** Passes lines on one behind, until `passOn` lets the held one and all further ones through. */
function holdLastLine(onLine: (line: string) => void) {
  let last: string | null = null;
  let isOpen = false;
  return {
    take(line: string): void {
      if (isOpen) {
        onLine(line);
        return;
      }
      if (last !== null) onLine(last);
      last = line;
    },
    passOn(): void {
      isOpen = true;
      if (last !== null) onLine(last);
    },
  };
}
