/**
 * Station: SIGINT, SIGTERM and SIGHUP -> one wish to end, that cannot come too early.
 *
 * A command with children listens from its first moment: the default answer to a signal is to die at
 * once, and a command that dies leaves its children to find out by themselves. Further signals are
 * the echo of the first (a terminal and the launcher both pass on ctrl-c) and change nothing.
 */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type Interruption = {
  /** Settles at the first signal. */
  readonly given: Promise<void>;
  isGiven(): boolean;
  /** Stops listening; signals have their default meaning again. */
  release(): void;
};

/** Listens for the wish to end. */
export function listenForInterruption(): Interruption {
  const first = Promise.withResolvers<void>();
  let isGiven = false;
  const onSignal = () => {
    isGiven = true;
    first.resolve();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    given: first.promise,
    isGiven: () => isGiven,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
