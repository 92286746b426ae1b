/**
 * Station: a host -> lives of a whole engine on it, each of which waits for the lease and trades under it.
 *
 * The engine is the one of `local/sim/engine`, unchanged; what waits for the lease before it and tells it of
 * renewals is production code as well. Supervisor and hot thread share one process here: what happens when only
 * one of them is held up is shown without a market, in `container.ts`.
 */
import { type LeaseTimes, leaseMarginUs } from "../../../contracts/lease.ts";
import type { Config } from "../../../contracts/schema/config.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { type Claim, type Claimed, claimAccount } from "../../../hotpath/control/claim.ts";
import type { Log } from "../../../hotpath/io/log.ts";
import type { SimulatedAddresses } from "../../../hotpath/prepare.ts";
import type { Random } from "../../venues/market/random.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { EngineLife, type LifeStart } from "../engine/engine-life.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { Network } from "../network/network.ts";
import { ACCOUNT, type LeaseTables, PREFIX } from "./lease-tables.ts";

const RESTART_US: readonly [Micros, Micros] = [US_PER_S, 8 * US_PER_S];
const MESSAGE_US: readonly [Micros, Micros] = [20, 2 * US_PER_MS];
/** The supervisor ends a process whose hot thread is deaf to the loss (`hotpath/control/control-side.ts`). */
const DEAF_US = US_PER_S;
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type EngineHostParts = {
  readonly name: string;
  readonly kernel: Kernel;
  readonly network: Network;
  readonly random: Random;
  readonly tables: LeaseTables;
  readonly config: Config;
  readonly addresses: SimulatedAddresses;
  readonly times: LeaseTimes;
  readonly skewUs: Micros;
  readonly disk: VirtualDisk;
  /** A life has won the lease, or has ended and why. */
  readonly onNote: (host: string, note: string) => void;
};

type Life = {
  readonly process: Process;
  readonly runId: string;
  claimed: Claimed | undefined;
  engine: EngineLife | undefined;
};

export class EngineHost {
  readonly #parts: EngineHostParts;
  #disk: VirtualDisk;
  #life: Life | undefined;
  #lives = 0;
  cutUntilUs: Micros = 0;

  constructor(parts: EngineHostParts) {
    this.#parts = parts;
    this.#disk = parts.disk;
  }

  /** Whether its life holds the lease by its own count. */
  get isHolding(): boolean {
    const life = this.#life;
    if (life?.claimed === undefined) return false;
    const { keeper } = life.claimed;
    return this.#parts.kernel.runAs(life.process, () => keeper.remainingUs > 0);
  }

  start(): void {
    const { kernel, name, tables, times, config, skewUs } = this.#parts;
    this.#lives++;
    const runId = `${name}-${String(this.#lives).padStart(4, "0")}`;
    const process = kernel.makeProcess(runId, skewUs);
    const life: Life = { process, runId, claimed: undefined, engine: undefined };
    this.#life = life;
    const control = {
      prefix: PREFIX,
      bucketPlace: "",
      engine: "engine",
      account: ACCOUNT,
      times,
      isLocal: false,
    };
    const options = {
      control,
      runId,
      root: config.journal.directory,
      log: SILENT,
      asked: new Promise<void>(() => undefined),
      disk: this.#disk,
    };
    kernel.at(kernel.nowUs, process, () => {
      void claimAccount(options, tables.clientOf(this)).then((claim) => this.#onClaim(life, claim));
    });
  }

  /** Everything of it stands still while its clock goes on. */
  pause(us: Micros): void {
    const { kernel } = this.#parts;
    const { process } = this.#life ?? {};
    if (process !== undefined) {
      process.pausedUntilUs = Math.max(process.pausedUntilUs, kernel.nowUs + us);
    }
  }

  /** Killed from outside; its disk has everything. */
  crash(): void {
    if (this.#life !== undefined) this.#end(this.#life, "killed");
  }

  #onClaim(life: Life, claim: Claim): void {
    if (this.#life !== life) return;
    if (claim.kind !== "claimed") {
      this.#end(life, claim.kind);
      return;
    }
    const { claimed } = claim;
    life.claimed = claimed;
    claimed.keeper.listen({
      onHeld: () => undefined,
      onLost: (reason) => this.#end(life, `lost at its start: ${reason}`),
    });
    this.#parts.onNote(life.runId, "won");
    void this.#begin(life, claimed);
  }

  async #begin(life: Life, claimed: Claimed): Promise<void> {
    const { kernel, network, config, addresses, times } = this.#parts;
    const { process, runId } = life;
    const { held, isSuccessor, limits } = claimed;
    const marginUs = leaseMarginUs(times);
    const { stallUs } = times;
    const engine = new EngineLife({
      kernel,
      network,
      process,
      disk: this.#disk,
      config,
      addresses,
      runId,
      lease: { runId, fence: held.fence, marginUs, stallUs, isSuccessor, limits },
      onMessage: () => undefined,
      onEnd: (_, reason) => {
        kernel.at(kernel.nowUs, kernel.world, () => this.#end(life, reason));
      },
    });
    life.engine = engine;
    const started = await engine
      .start()
      .catch(
        (error: unknown): LifeStart => ({ ok: false, reason: String(error), isOutside: false }),
      );
    if (this.#life !== life) return;
    if (started.ok) kernel.runAs(process, () => this.#listen(life, claimed, engine));
    else this.#end(life, `did not begin: ${started.reason}`);
  }

  #listen(life: Life, { keeper }: Claimed, engine: EngineLife): void {
    const { kernel } = this.#parts;
    const tell = (message: Parameters<EngineLife["tell"]>[0]): void => {
      kernel.at(kernel.nowUs + this.#draw(MESSAGE_US), life.process, () => engine.tell(message));
    };
    keeper.listen({
      onHeld: (validUntilUs, openFromUs) => tell({ type: "lease", validUntilUs, openFromUs }),
      onLost: (reason) => {
        tell({ type: "leaseLost", reason });
        const endUs = kernel.nowUs + DEAF_US;
        kernel.at(endUs, life.process, () => this.#end(life, `lost: ${reason}`));
      },
    });
  }

  #end(life: Life, reason: string): void {
    if (this.#life !== life) return;
    const { kernel, network, random, onNote } = this.#parts;
    this.#life = undefined;
    life.claimed?.keeper.stop();
    kernel.kill(life.process);
    network.drop(life.process, true);
    this.#disk = this.#disk.crash("none", random);
    onNote(life.runId, reason);
    kernel.at(kernel.nowUs + this.#draw(RESTART_US), kernel.world, () => {
      if (this.#life === undefined) this.start();
    });
  }

  #draw([least, most]: readonly [Micros, Micros]): Micros {
    return Math.round(this.#parts.random.between(least, most));
  }
}
