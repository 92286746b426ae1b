/**
 * Station: a host with a disk -> one life of the engine after the other, ended by crashes and by itself.
 *
 * What a container platform does: it starts what has ended, after a pause that grows while it ends at once.
 * A life that refuses to begin is asked again; whether that was right is for the checkers to say.
 */
import type { Config } from "../../../contracts/schema/config.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import type { SimulatedAddresses } from "../../../hotpath/prepare.ts";
import type { Random } from "../../venues/market/random.ts";
import type { CrashModel } from "../disk/crash-models.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { EngineLife } from "../engine/engine-life.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Network } from "../network/network.ts";

/** From the end of a life to the start of the next: a platform's pause, and a boot. */
const RESTART_US: readonly [Micros, Micros] = [500_000, 8_000_000];
const ROOM_BYTES = 8 * 1024 ** 3;
const REFUSED_US: Micros = 10_000_000;

export type HostParts = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly config: Config;
  readonly addresses: SimulatedAddresses;
  readonly disk: VirtualDisk;
  readonly random: Random;
  /** Its clock minus the true one. */
  readonly skewUs: Micros;
  readonly onLife: (life: EngineLife) => void;
  /** A life runs now. */
  readonly onBegun: (life: EngineLife) => void;
  readonly onMessage: (life: EngineLife, message: FromHotThread) => void;
  /** A life has ended by itself, or would not begin (`isBegun` false). */
  readonly onEnd: (reason: string, isBegun: boolean) => void;
};

export class Host {
  readonly #parts: HostParts;
  disk: VirtualDisk;
  life: EngineLife | undefined;
  /** Whether a start is under way. */
  isStarting = false;
  lives = 0;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.disk = parts.disk;
  }

  /** Begins a life now. */
  start(): void {
    const { kernel, network, config, addresses, skewUs, onMessage } = this.#parts;
    this.lives++;
    const number = String(this.lives).padStart(5, "0");
    const process = kernel.makeProcess(`engine-${number}`, skewUs);
    const life = new EngineLife({
      kernel,
      network,
      process,
      disk: this.disk,
      config,
      addresses,
      runId: `run-${number}`,
      onMessage,
      onEnd: (ended, reason) => {
        if (ended !== this.life) return;
        this.#parts.onEnd(reason, true);
        // In a turn of its own: whoever says that it ends is still busy with it.
        kernel.at(kernel.nowUs, kernel.world, () => {
          if (ended === this.life) this.#over();
        });
      },
    });
    this.life = life;
    this.isStarting = true;
    this.#parts.onLife(life);
    kernel.awaiting++;
    void life
      .start()
      .catch((error: unknown) => ({ ok: false, reason: `it threw: ${String(error)}` }) as const)
      .then((started) => {
        kernel.awaiting--;
        if (life !== this.life) return;
        this.isStarting = false;
        if (started.ok) {
          this.#parts.onBegun(life);
          return;
        }
        this.#parts.onEnd(started.reason, false);
        this.#over(REFUSED_US);
      });
  }

  /** The process is dead; its host lives, so the disk has everything and the sockets are closed. */
  crashProcess(): boolean {
    if (this.life === undefined) return false;
    this.#over();
    return true;
  }

  /** Asked to end, and ended: the platform starts the next. */
  shutDown(): boolean {
    const { life } = this;
    if (life?.side === undefined) return false;
    this.#parts.kernel.runAs(life.process, () => life.shutDown());
    this.#over();
    return true;
  }

  /** The host is dead: what was not synced may be lost, and nobody tells the peers. */
  crashHost(model: CrashModel): boolean {
    if (this.life === undefined) return false;
    this.#end(false);
    this.disk = this.disk.crash(model, this.#parts.random);
    this.#restart();
    return true;
  }

  #over(pauseUs?: Micros): void {
    this.#end(true);
    this.disk = this.disk.crash("none", this.#parts.random);
    // Whoever runs it has made room before it is started again.
    this.disk.limitFreeBytes(ROOM_BYTES);
    this.#restart(pauseUs);
  }

  #end(isHostAlive: boolean): void {
    const { kernel, network } = this.#parts;
    const { life } = this;
    if (life === undefined) return;
    this.life = undefined;
    this.isStarting = false;
    kernel.kill(life.process);
    network.drop(life.process, isHostAlive);
  }

  #restart(pauseUs?: Micros): void {
    const { kernel, random } = this.#parts;
    const drawnUs = Math.round(random.between(RESTART_US[0], RESTART_US[1]));
    kernel.at(kernel.nowUs + (pauseUs ?? drawnUs), kernel.world, () => {
      if (this.life === undefined) this.start();
    });
  }
}
