/**
 * Station: one direction of one connection -> deliveries, in order, each after its time on the way.
 *
 * What was sent first arrives first, as TCP has it; a fault may lose, double or swap messages all the same,
 * because a venue may do that before its socket. It knows nothing of what it carries.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { Weather } from "./weather.ts";

export class Lane {
  readonly #kernel: Kernel;
  readonly #weather: Weather;
  readonly #to: Process;
  /** Nothing sent from now on arrives, and the sender does not know. */
  isDead = false;
  #lastUs: Micros = 0;

  constructor(kernel: Kernel, weather: Weather, to: Process) {
    this.#kernel = kernel;
    this.#weather = weather;
    this.#to = to;
  }

  /** Delivers after everything that was sent before. */
  send(deliver: () => void): void {
    if (this.isDead) return;
    this.#deliverAt(this.#kernel.nowUs + this.#weather.latencyUs(), deliver);
  }

  /** As `send`, for messages that a fault of the stream may hit. */
  sendFrame(deliver: () => void): void {
    if (this.isDead) return;
    const weather = this.#weather;
    const dueUs = this.#kernel.nowUs + weather.latencyUs();
    if (weather.isFair) {
      this.#deliverAt(dueUs, deliver);
      return;
    }
    if (weather.hits("T01")) return;
    if (weather.hits("T04")) {
      // It overtakes whatever is on its way, and is overtaken by nothing.
      this.#kernel.at(dueUs, this.#to, deliver);
      return;
    }
    this.#deliverAt(dueUs, deliver);
    if (weather.hits("T03")) this.#deliverAt(dueUs, deliver);
  }

  #deliverAt(dueUs: Micros, deliver: () => void): void {
    this.#lastUs = Math.max(this.#lastUs, dueUs);
    this.#kernel.at(this.#lastUs, this.#to, deliver);
  }
}
