/**
 * The scene of the control plane: an engine that publishes, the functions that take it in, people who ask, and a
 * cloud that fails. First anything may go wrong, then nothing does, and by its end everything must be true.
 */

import { queueName, tableName } from "../../../contracts/resources.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";
import { type VirtualClients, VirtualCloud } from "../aws/cloud.ts";
import { CloudFaults } from "../aws/cloud-faults.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { EPOCH_US, type Kernel } from "../kernel/kernel.ts";
import { runUntil } from "../kernel/run-kernel.ts";
import type { ControlSimReport } from "./control-sim.ts";
import { type DeploymentParts, ENGINE, PLACE, PREFIX, projectRecords } from "./deployment.ts";
import { EngineJournal } from "./engine-journal.ts";
import { EnginePublisher } from "./engine-publisher.ts";
import { historyFaults, journalFacts, lastReports } from "./facts-check.ts";
import { type Invocation, VirtualLambda } from "./lambda.ts";
import { startPoller } from "./queue-poller.ts";
import { Receivers } from "./receivers.ts";
import { SceneFaults } from "./scene-faults.ts";
import { SceneLog } from "./scene-log.ts";
import { Trace } from "./trace.ts";
import { TradingLife } from "./trading-life.ts";

const STEP_MS_MEAN = 400;
const CALM_US = 2 * 3_600 * US_PER_S;

export class ControlScene {
  readonly #kernel: Kernel;
  readonly #seed: number;
  readonly #steps: number;
  readonly #trace: Trace;
  readonly #cloudFaults: CloudFaults;
  readonly #faults: SceneFaults;
  readonly #cloud: VirtualCloud;
  readonly #clients: VirtualClients;
  readonly #log: SceneLog;
  readonly #lambda: VirtualLambda;
  readonly #disk = new VirtualDisk();
  readonly #journal: EngineJournal;
  readonly #publisher: EnginePublisher;
  readonly #life: TradingLife;
  readonly #random: Random;

  constructor(kernel: Kernel, seed: number, steps: number) {
    this.#kernel = kernel;
    this.#seed = seed;
    this.#steps = steps;
    this.#trace = new Trace(kernel);
    this.#random = new Random(seed, "workload");
    this.#cloudFaults = new CloudFaults(seed);
    this.#faults = new SceneFaults(seed);
    this.#log = new SceneLog((line) => this.#trace.add(line));
    this.#cloud = new VirtualCloud({
      kernel,
      faults: this.#cloudFaults,
      seed,
      prefix: PREFIX,
      place: PLACE,
      engines: [ENGINE],
      onCall: (operation, outcome) => this.#trace.add(`${operation} ${outcome}`),
    });
    this.#clients = this.#cloud.clients();
    this.#lambda = new VirtualLambda(kernel, this.#faults, seed, (name, end) =>
      this.#onCallEnd(name, end),
    );
    this.#journal = new EngineJournal(kernel, this.#disk, "run-1");
    const chance = new Random(seed, "publisher");
    this.#publisher = new EnginePublisher(
      {
        kernel,
        disk: this.#disk,
        clients: this.#cloud.clients(1),
        chance: () => chance.next(),
        onMessage: () => undefined,
      },
      this.#journal,
    );
    this.#life = new TradingLife(kernel, new Random(seed, "trading"));
  }

  async run(): Promise<ControlSimReport> {
    const kernel = this.#kernel;
    kernel.awaiting += 1;
    this.#startPollers();
    this.#cloudFaults.setRates({ C01: 0.1, C03: 0.05, C13: 0.2, C14: 0.3, C15: 0.1, C19: 0.1 });
    this.#faults.setRates({ C18: 0.1, C20: 0.1 });
    const endUs = this.#planSteps();
    await this.#runUntil(endUs);
    this.#cloudFaults.setRates({});
    this.#faults.setRates({});
    await this.#runUntil(endUs + CALM_US);
    return this.#report();
  }

  async #runUntil(untilUs: Micros): Promise<void> {
    await runUntil(this.#kernel, untilUs, () => undefined);
  }

  #planSteps(): Micros {
    let atUs = this.#kernel.nowUs;
    for (let n = 0; n < this.#steps; n += 1) {
      atUs += Math.round(this.#random.exponential(STEP_MS_MEAN) * US_PER_MS);
      this.#kernel.at(atUs, this.#kernel.world, () => {
        this.#life.trade(this.#journal);
        this.#journal.commit();
        if (n % 40 === 39) this.#publisher.restart();
      });
    }
    return atUs;
  }

  #startPollers(): void {
    const parts: DeploymentParts = {
      clients: this.#clients,
      log: this.#log,
      receivers: new Receivers(this.#kernel, this.#faults, this.#seed),
      deletesSegments: false,
    };
    startPoller({
      kernel: this.#kernel,
      lambda: this.#lambda,
      faults: this.#faults,
      client: this.#clients.queues,
      queueName: queueName(PREFIX, "records"),
      hosted: projectRecords(parts),
    });
  }

  #onCallEnd(name: string, end: Invocation): void {
    this.#trace.add(`${name} ${end.kind}`);
    this.#log.count(`${name}.${end.kind}`);
  }

  #report(): ControlSimReport {
    const facts = journalFacts(this.#disk, this.#journal.directory, ENGINE);
    const items = this.#cloud.tables.table(tableName(PREFIX, "history")).all();
    return {
      violations: historyFaults(lastReports(facts), items),
      traceHash: this.#trace.end(),
      steps: this.#kernel.steps,
      simulatedUs: this.#kernel.nowUs - EPOCH_US,
      classesFired: { ...this.#cloudFaults.counts(), ...this.#faults.counts() },
      probes: Object.fromEntries([...this.#log.counts].sort()),
    };
  }
}
