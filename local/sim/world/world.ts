/**
 * Station: one seed -> one history of an engine among its venues, judged. The simulator's composition root.
 *
 * Two phases, after TigerBeetle's VOPR: in the first anything may fail; then all faults end, and within a
 * bound every book must be live, every order ended, every balance equal. Checkers stand outside the code and
 * hold it against the venues' own books.
 */
import { assert } from "../../../contracts/assert.ts";
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { PlaceOrder, TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import { worldStatus } from "../../../hotpath/world-status.ts";
import { Random } from "../../venues/market/random.ts";
import { isTrading } from "../../venues/trading-desk.ts";
import { blockFault } from "../checks/block-check.ts";
import { BookCheck } from "../checks/book-check.ts";
import { CycleCheck } from "../checks/cycle-check.ts";
import { EngineChecks } from "../checks/engine-checks.ts";
import { LimitsCheck } from "../checks/limits-check.ts";
import { RecordCheck } from "../checks/record-check.ts";
import { VenueWatch } from "../checks/venue-watch.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import type { EngineLife } from "../engine/engine-life.ts";
import { switchOff, switchOn } from "../faults/arming.ts";
import { Coverage } from "../faults/coverage.ts";
import { FaultDriver, type Swarm } from "../faults/fault-driver.ts";
import { Strikes } from "../faults/strikes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Network } from "../network/network.ts";
import { Weather } from "../network/weather.ts";
import { MemoryVenues } from "../venues/memory-venues.ts";
import { Host } from "./host.ts";
import { Operator } from "./operator.ts";
import { see, seeRecovery, Unknowns } from "./probes.ts";
import { type Settings, startAmountsOf } from "./settings.ts";
import { TraceHash } from "./trace-hash.ts";
import type { Violation } from "./violation.ts";
import { watchCancels } from "./watched-cancels.ts";
import { watchIntents } from "./watched-disk.ts";

const LOOK_US: Micros = 1_000_000;
/** Clocks of containers may be off by so much (RELIABILITY C11); beyond, an engine refuses to lead. */
const SKEW_US_MAX = 200_000;

const VIOLATIONS_KEPT = 20;

export class SimWorld {
  readonly kernel: Kernel;
  readonly settings: Settings;
  readonly coverage = new Coverage();
  readonly trace = new TraceHash();
  readonly violations: Violation[] = [];
  readonly venues: MemoryVenues;
  readonly weather: Weather;
  readonly network: Network;
  readonly host: Host;
  readonly lives: EngineLife[] = [];
  readonly watches = new Map<VenueId, VenueWatch>();
  readonly records: RecordCheck;
  readonly #books: BookCheck;
  readonly #cycles: CycleCheck;
  readonly checks: EngineChecks;
  readonly #operator = new Operator();
  readonly #unknowns = new Unknowns();
  readonly #limits = new LimitsCheck();
  readonly #driver: FaultDriver;
  readonly #strikes: Strikes;
  readonly #arms: Random;
  readonly #intents = new Set<string>();
  /** While a kill of everything by a person holds. */
  isKilled = false;
  isCalm = false;
  resyncs = 0;

  constructor(kernel: Kernel, settings: Settings, seed: number) {
    this.kernel = kernel;
    this.settings = settings;
    const { coverage } = this;
    this.weather = new Weather(new Random(seed, "weather"), (fault) =>
      coverage.fire(fault, kernel.nowUs),
    );
    const { venues, options } = settings;
    this.venues = new MemoryVenues({ clock: () => kernel.nowUs, options, venues });
    this.network = new Network({ kernel, weather: this.weather, venues: this.venues });
    const onViolation = (invariant: number, sentence: string) => this.violate(invariant, sentence);
    this.records = new RecordCheck(onViolation);
    this.#books = new BookCheck(this.venues, onViolation);
    this.#cycles = new CycleCheck({
      startAmounts: startAmountsOf(settings),
      onViolation,
    });
    this.checks = new EngineChecks({
      venues: this.venues,
      network: this.network,
      referenceAssetOf: (id) => settings.config.venues[id]?.trading?.referenceAsset ?? "",
      nowUs: () => kernel.nowUs,
      onToldToWait: () => coverage.see("toldToWait"),
      onViolation,
    });
    this.host = this.#makeHost(seed);
    this.#watchVenues();
    this.#arms = new Random(seed, "arms");
    this.#strikes = new Strikes(this, new Random(seed, "strikes"));
    this.#driver = new FaultDriver(kernel, new Random(seed, "faults"), this.#strikes);
    this.#operator.onRelease = () => coverage.see("killReleased");
    this.#operator.onBlocked = (reason) => {
      coverage.see("accountBlocked");
      const fault = blockFault(reason, coverage);
      if (fault !== "") this.violate(7, fault);
    };
  }

  #makeHost(seed: number): Host {
    const { kernel, network, settings, venues } = this;
    const random = new Random(seed, "host");
    const addresses = Object.fromEntries(
      venues.built.models.map(({ id, endpoints }) => [id, endpoints]),
    );
    return new Host({
      kernel,
      network,
      config: settings.config,
      addresses,
      disk: new VirtualDisk(),
      random,
      skewUs: Math.round(random.between(-SKEW_US_MAX, SKEW_US_MAX)),
      onLife: (life) => this.#onLife(life),
      onBegun: (life) => this.#onBegun(life),
      onMessage: (life, message) => this.#onMessage(life, message),
      onEnd: (reason, isBegun) => this.#onEnd(reason, isBegun),
    });
  }

  #watchVenues(): void {
    const { coverage, kernel } = this;
    for (const { id, trading } of this.venues.built.models.filter(isTrading)) {
      const watch = new VenueWatch({
        venue: id,
        hasIntent: (clientId) => this.#intents.has(clientId),
        onViolation: (invariant, sentence) => this.violate(invariant, sentence),
      });
      watch.onEvent = (executionId, clientId) => this.trace.event(executionId, clientId);
      this.watches.set(id, watch);
      trading.backEnd.watch((event) => {
        watch.onExchangeEvent(event);
        this.checks.onExchangeEvent(event, this.runningLife);
      });
      watchCancels(trading.backEnd, (clientId) => {
        // The cancel of an order whose fill the engine has not heard the end of.
        if (!this.records.endings.has(clientId)) coverage.fire("O14", kernel.nowUs);
      });
      trading.backEnd.faults.onNote = (kind) => this.#strikes.onTradingFault(kind);
    }
  }

  get #tradingFaults() {
    return this.venues.built.models.filter(isTrading).map(({ trading }) => trading.backEnd.faults);
  }

  /** Begins: the market lives, the engine starts, faults strike as the swarm has them. */
  start(swarm: Swarm): void {
    this.#tick();
    this.host.start();
    this.kernel.at(this.kernel.nowUs + LOOK_US, this.kernel.world, () => this.#look());
    this.weather.rates = swarm.weather;
    const after = (us: Micros, arm: () => void) =>
      this.kernel.at(this.kernel.nowUs + us, this.kernel.world, () => this.isCalm || arm());
    const isFast = this.settings.speed > 1;
    switchOn(this.#tradingFaults, swarm, { random: this.#arms, isFast, after });
    this.#driver.start(swarm);
  }

  /** From here on nothing fails any more; what lasts by itself still comes to its end. */
  calm(): void {
    this.isCalm = true;
    this.#driver.stop();
    this.weather.rates = {};
    switchOff(this.#tradingFaults);
    this.#strikes.calm();
  }

  #tick(): void {
    const { kernel, venues, settings } = this;
    venues.tick(kernel.nowUs);
    kernel.at(kernel.nowUs + settings.tickMs * US_PER_MS, kernel.world, () => this.#tick());
  }

  /** Once a second: a person looks, and every book is held against the truth. */
  #look(): void {
    const { kernel, host } = this;
    kernel.at(kernel.nowUs + LOOK_US, kernel.world, () => this.#look());
    const fault = this.#limits.faultOf(this.venues.built.models, kernel.nowUs);
    if (fault !== "") this.violate(19, fault);
    const { life } = host;
    const { side } = life ?? {};
    if (life === undefined || side === undefined) return;
    if (side.world.halted !== "") {
      this.checks.look(life, null);
      return;
    }
    this.#books.checkAll(side.world);
    this.#books.checkPace(side.world, kernel.nowUs, this.isCalm);
    const { trading } = this.status(life);
    this.checks.look(life, trading);
    if (trading === null) return;
    this.records.checkStatus(trading);
    this.#unknowns.look(this.coverage, side, trading);
    kernel.runAs(life.process, () => this.#operator.look(life, trading, kernel.nowUs));
  }

  /** The life that runs, if one does. */
  get runningLife(): EngineLife | undefined {
    const { life, isStarting } = this.host;
    return isStarting || life?.side === undefined ? undefined : life;
  }

  /** As the admin port tells it. */
  status(life: EngineLife) {
    const { side } = life;
    assert(side !== undefined, "a life that runs has a status");
    return worldStatus(side.world, this.kernel.nowUs + life.process.skewUs, {});
  }

  /** The clock of a venue's sessions stands still from now on. */
  onFrozen(venue: VenueId): void {
    const skewUs = this.host.life?.process.skewUs ?? 0;
    this.#books.onFrozen(venue, this.kernel.nowUs + skewUs);
  }

  #onLife(life: EngineLife): void {
    this.lives.push(life);
    this.#limits.onLife(this.kernel.nowUs);
    this.#strikes.operator.onLife();
    this.trace.text(life.runId);
    this.records.onLife();
    this.#unknowns.onLife();
    this.#cycles.onLife();
    this.checks.onLife();
    watchIntents(this.host.disk, (order) => this.#onIntent(order));
  }

  /** Nothing that was acknowledged may be refused, unless the disk itself was made to fail. */
  #onBegun(life: EngineLife): void {
    const { recovery } = life;
    this.checks.onBegun(life);
    seeRecovery(this.coverage, recovery);
    const [refused] = recovery.refused;
    if (refused !== undefined && !this.#strikes.hasSpoiledDisk) this.violate(4, refused);
  }

  /** In the turn of the decision, before the order can leave. */
  #onIntent(order: PlaceOrder): void {
    this.#intents.add(order.clientId);
    this.records.onPlaced(order.clientId);
    if (this.isKilled && !order.isTest) {
      this.violate(16, `${order.clientId} was decided after a kill of everything`);
    }
    const { life } = this.host;
    if (life?.side === undefined || order.isTest) return;
    this.#books.checkOrder(life.side.world, order);
    this.checks.onIntent(life, order);
    this.#strikes.operator.onIntent();
  }

  #onMessage(life: EngineLife, message: FromHotThread): void {
    if (message.type === "resync") {
      this.resyncs++;
      this.#books.checkAll(life.side?.world);
    }
    if (message.type === "trade") {
      this.trace.number(message.tick);
      this.#onRecord(message.command);
      this.#cycles.onRecord(message.command, message.tick);
    }
    if (message.type === "halted") this.checks.told.onHalted(message.reason);
    see(this.coverage, message);
  }

  #onRecord(record: TradeRecord): void {
    this.records.onRecord(record);
    this.checks.onRecord(record);
    this.#unknowns.onRecord(this.coverage, record);
    if (record.type === "recordKill" && record.scope === "all" && !record.isKilled) {
      this.isKilled = false;
    }
  }

  #onEnd(reason: string, isBegun: boolean): void {
    this.trace.text(reason);
    this.#strikes.onEnd(reason, isBegun);
  }

  violate(invariant: number, sentence: string): void {
    if (this.violations.length >= VIOLATIONS_KEPT) return;
    const { nowUs, steps } = this.kernel;
    this.violations.push({ invariant, sentence, atUs: nowUs, step: steps });
  }
}
