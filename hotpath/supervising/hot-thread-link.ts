/**
 * Station: supervisor <-> hot thread, questions and their answers. Every question has a deadline, so that
 * a thread that is away never holds the supervisor.
 */
import type { FromHotThread, ToHotThread } from "../hot-thread-messages.ts";

const ANSWER_MS_MAX = 1500;
const STOP_MS_MAX = 4_000;

export type Stopped = Extract<FromHotThread, { readonly type: "stopped" }>;
type Answer = Extract<FromHotThread, { readonly requestId: number }>;

export class HotThreadLink {
  readonly #post: (message: ToHotThread) => void;
  readonly #waiting = new Map<number, (message: Answer) => void>();
  #requestId = 0;
  #onStopped: ((message: Stopped) => void) | undefined;

  constructor(post: (message: ToHotThread) => void) {
    this.#post = post;
  }

  tell(message: ToHotThread): void {
    this.#post(message);
  }

  /** The answer to a question, or undefined when none came in time. */
  ask(make: (requestId: number) => ToHotThread): Promise<FromHotThread | undefined> {
    this.#requestId++;
    const requestId = this.#requestId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        resolve(undefined);
      }, ANSWER_MS_MAX);
      this.#waiting.set(requestId, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#post(make(requestId));
    });
  }

  onAnswer(message: Answer): void {
    const answer = this.#waiting.get(message.requestId);
    this.#waiting.delete(message.requestId);
    answer?.(message);
  }

  /** Has the loop ended in order; its last word, or undefined when none came in time. */
  shutDown(): Promise<Stopped | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), STOP_MS_MAX);
      this.#onStopped = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
      this.#post({ type: "shutdown" });
    });
  }

  onStopped(message: Stopped): void {
    this.#onStopped?.(message);
  }
}
