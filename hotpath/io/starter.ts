/**
 * Station: the process that started this one -> word that it is gone.
 *
 * An engine whose starter is gone would trade on unseen, and one that waits for the lease would begin to. Who the
 * starter is, is noted when this file is loaded, before anything waits: later it may be gone already.
 */
const STARTER = process.ppid;
const LOOK_MS = 500;

/** Calls `onGone` once when the starter is gone; what it returns ends the watch. Keeps no process alive. */
export function watchStarter(onGone: () => void, starterNow = () => process.ppid): () => void {
  const timer = setInterval(() => {
    if (starterNow() === STARTER) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
