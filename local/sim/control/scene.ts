/**
 * The scene of the control plane: an engine that publishes and obeys, the functions, people, and a cloud that
 * fails. First anything may go wrong, then nothing does, and by its end everything must be true.
 */
import { queueName } from "../../../contracts/resources.ts";
import { type Micros, US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import { Random } from "../../venues/market/random.ts";
import { type VirtualClients, VirtualCloud } from "../aws/cloud.ts";
import { CloudFaults } from "../aws/cloud-faults.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { EPOCH_US, type Kernel } from "../kernel/kernel.ts";
import { runUntil } from "../kernel/run-kernel.ts";
import { controlApi } from "./api-desk.ts";
import {
  ALERTS_SECRET,
  compactArchive,
  type DeploymentParts,
  ENGINE,
  PLACE,
  PREFIX,
  projectRecords,
  reportOfDay,
  sendAlerts,
  watchOfEngine,
} from "./deployment.ts";
import { JOURNAL_ROOT } from "./engine-journal.ts";
import { EngineLife } from "./engine-life.ts";
import type { Taken } from "./engine-loop.ts";
import { type HostedFunction, type Invocation, VirtualLambda } from "./lambda.ts";
import { ObjectNotices } from "./object-notices.ts";
import { People } from "./people.ts";
import { startPoller } from "./queue-poller.ts";
import { Receivers } from "./receivers.ts";
import { SceneFaults } from "./scene-faults.ts";
import { SceneLog } from "./scene-log.ts";
import { CHANNELS } from "./secrets.ts";
import { type Swarm, swarmOf } from "./swarm.ts";
import { Trace } from "./trace.ts";
import { TradingLife } from "./trading-life.ts";

const STEP_MS_MEAN = 400;
/** A quarter of an hour before midnight, so that a day ends while much is under way. */
const BEGIN_US = EPOCH_US + (24 * 60 - 15) * 60 * US_PER_S;
const WATCH_US = 60 * US_PER_S;
const KILL_FILE = "/KILL";
/** Longer than the file is looked for. */
const KILL_FILE_US = 100 * US_PER_MS;

export class ControlScene {
  readonly kernel: Kernel;
  readonly seed: number;
  readonly steps: number;
  readonly trace: Trace;
  readonly cloudFaults: CloudFaults;
  readonly faults: SceneFaults;
  readonly cloud: VirtualCloud;
  readonly clients: VirtualClients;
  readonly log: SceneLog;
  readonly lambda: VirtualLambda;
  readonly disk = new VirtualDisk();
  readonly receivers: Receivers;
  readonly people: People;
  readonly swarm: Swarm;
  readonly taken: Taken[] = [];
  /** build-report, for whoever calls it. */
  readonly report: HostedFunction;
  readonly #trading: TradingLife;
  readonly #random: Random;
  readonly #chance: Random;
  readonly #parts: DeploymentParts;
  readonly beginUs: Micros = BEGIN_US;
  /** Manifests of uploaded segments that the bucket has taken, each once. */
  readonly #manifests = new Set<string>();
  #life: EngineLife;
  #lives = 1;

  constructor(kernel: Kernel, seed: number, steps: number) {
    kernel.nowUs = BEGIN_US;
    this.kernel = kernel;
    this.seed = seed;
    this.steps = steps;
    this.trace = new Trace(kernel);
    this.swarm = swarmOf(seed);
    this.#random = new Random(seed, "workload");
    this.#chance = new Random(seed, "publisher");
    this.cloudFaults = new CloudFaults(seed);
    this.faults = new SceneFaults(seed);
    this.log = new SceneLog(
      () => kernel.last.name,
      (line) => this.trace.add(line),
    );
    this.cloud = new VirtualCloud({
      kernel,
      faults: this.cloudFaults,
      seed,
      prefix: PREFIX,
      place: PLACE,
      engines: [ENGINE],
      onCall: (operation, outcome) => this.trace.add(`${operation} ${outcome}`),
    });
    this.cloud.secrets.put(ALERTS_SECRET, CHANNELS);
    this.clients = this.cloud.clients();
    this.lambda = new VirtualLambda(kernel, this.faults, seed, (name, end) =>
      this.#onCallEnd(name, end),
    );
    this.receivers = new Receivers(kernel, this.faults, seed);
    const { clients, log, receivers } = this;
    const { deletesSegments } = this.swarm;
    this.#parts = { clients, log, receivers, deletesSegments };
    this.report = reportOfDay(this.#parts);
    this.people = this.#makePeople();
    this.#trading = new TradingLife(kernel, new Random(seed, "trading"));
    this.#life = this.#begin();
  }

  get life(): EngineLife {
    return this.#life;
  }

  /** How many segments have been uploaded so far. */
  get uploadedCount(): number {
    return this.#manifests.size;
  }

  /** Lets the day pass in which anything may go wrong; afterwards nothing does. */
  async play(): Promise<void> {
    this.kernel.awaiting += 1;
    this.#startFunctions();
    this.cloudFaults.setRates(this.swarm.cloud);
    this.faults.setRates(this.swarm.scene);
    const endUs = this.#planSteps();
    this.#planAccidents(endUs);
    await this.runUntil(endUs);
    this.cloudFaults.setRates({});
    this.faults.setRates({});
  }

  /** The engine dies where it is; another begins on what its disk holds. */
  crash(): void {
    this.kernel.kill(this.#life.process);
    this.log.count("engine.crashed");
    this.#lives += 1;
    const next = `run-${this.#lives}`;
    void this.kernel.freeze(
      recoverRuns(this.disk, JOURNAL_ROOT, next).then(() => {
        this.#life = this.#begin();
      }),
    );
  }

  /** The engine ends its journal; what it has published so far stays to be worked off. */
  endRun(): Promise<void> {
    return this.#life.journal.stop();
  }

  /** Lets virtual time pass. */
  async runUntil(untilUs: Micros): Promise<void> {
    await runUntil(this.kernel, untilUs, () => undefined);
  }

  #begin(): EngineLife {
    const { kernel, disk, log, taken } = this;
    const clients = this.cloud.clients(1);
    const chance = (): number => this.#chance.next();
    return new EngineLife({ kernel, disk, clients, log, taken, chance }, this.#lives);
  }

  #makePeople(): People {
    const { kernel, seed, lambda, faults, log } = this;
    const api = controlApi(this.#parts);
    const killFile = {
      put: (reason: string) => this.#putKillFile(reason),
      remove: () => this.#removeKillFile(),
    };
    return new People({ kernel, seed, lambda, api, faults, log, killFile });
  }

  #putKillFile(reason: string): void {
    this.#removeKillFile();
    this.kernel.at(this.kernel.nowUs + KILL_FILE_US, this.kernel.world, () => {
      const handle = this.disk.open(KILL_FILE, "replace");
      this.disk.write(handle, new TextEncoder().encode(reason), 0);
      this.disk.close(handle);
    });
  }

  #removeKillFile(): void {
    if (this.disk.sizeBytes(KILL_FILE) >= 0) this.disk.remove(KILL_FILE);
  }

  #planSteps(): Micros {
    const { kernel } = this;
    let atUs = kernel.nowUs;
    for (let n = 0; n < this.steps; n += 1) {
      atUs += Math.round(this.#random.exponential(STEP_MS_MEAN) * US_PER_MS);
      const draw = this.#random.next();
      if (draw < 0.12) kernel.at(atUs, this.people.process, () => this.people.act());
      else kernel.at(atUs, kernel.world, () => this.#trade(draw));
    }
    return atUs;
  }

  #trade(draw: number): void {
    if (!this.#life.process.isAlive) return;
    const { journal } = this.#life;
    if (draw < 0.2) this.#trading.alarm(journal);
    else this.#trading.trade(journal);
    journal.commit();
    if (this.faults.strikes("C16")) this.#poison();
  }

  /** A message that is none, on one of the queues. */
  #poison(): void {
    const names = ["records", "alerts", "archive"] as const;
    const name = names[this.faults.stream("C16").integer(names.length)] ?? "records";
    const id = `poison-${this.kernel.steps}`;
    const poison = { body: `{"poison":`, attributes: undefined, group: id, dedupId: id };
    this.cloud.queues.queue(queueName(PREFIX, name)).send(poison, this.kernel.nowUs);
  }

  #planAccidents(endUs: Micros): void {
    const { kernel, swarm } = this;
    const beginUs = kernel.nowUs;
    const sometime = (): Micros =>
      beginUs + Math.round(this.#random.next() * (endUs - beginUs) * 0.9);
    for (let n = 0; n < swarm.crashes; n += 1) {
      kernel.at(sometime(), kernel.world, () => this.crash());
    }
    for (let n = 0; n < swarm.deafness; n += 1) {
      const lastsUs = Math.round(this.#random.exponential(5) * US_PER_S);
      kernel.at(sometime(), kernel.world, () => {
        this.faults.count("C30");
        this.#life.loop.deafen(kernel.nowUs + lastsUs);
      });
    }
    for (const service of swarm.outages) {
      const lastsUs = Math.round(this.#random.exponential(20) * US_PER_S);
      kernel.at(sometime(), kernel.world, () =>
        this.cloudFaults.takeAway(service, kernel.nowUs + lastsUs),
      );
    }
  }

  #startFunctions(): void {
    const { kernel, lambda, faults, clients, cloud } = this;
    const polled: readonly (readonly ["records" | "archive" | "alerts", HostedFunction])[] = [
      ["records", projectRecords(this.#parts)],
      ["archive", compactArchive(this.#parts)],
      ["alerts", sendAlerts(this.#parts)],
    ];
    for (const [queue, hosted] of polled) {
      const name = queueName(PREFIX, queue);
      startPoller({ kernel, lambda, faults, client: clients.queues, queueName: name, hosted });
    }
    const archive = cloud.queues.queue(queueName(PREFIX, "archive"));
    const notices = new ObjectNotices(kernel, archive);
    cloud.objects.onPut = (bucket, key, size) => {
      if (key.startsWith("segments/") && key.endsWith(".manifest.json")) this.#manifests.add(key);
      notices.onPut(bucket, key, size);
    };
    const process = kernel.makeProcess("schedule");
    const watch = watchOfEngine(this.#parts);
    const look = (): void => {
      void lambda.invoke(watch, {});
      kernel.at(kernel.nowUs + WATCH_US, process, look);
    };
    kernel.at(kernel.nowUs + WATCH_US, process, look);
  }

  #onCallEnd(name: string, end: Invocation): void {
    this.trace.add(`${name} ${end.kind}`);
    this.log.count(`${name}.${end.kind}`);
  }
}
