/**
 * Station: the records of one run, in order -> facts and steps of orders.
 *
 * Fed with the journal from any place, together with the memory that was kept at that place, it gives what
 * it would have given from the start. That is what makes delivery simple: whoever sent facts and died before
 * noting it sends the very same facts again.
 */

import type { Fact, FactKind, FactPayloads } from "../../contracts/history.ts";
import { CLASS_CMD, CTL_RUN_HEADER } from "../../contracts/journal.ts";
import type { Micros } from "../../contracts/time.ts";
import type { CoreCommand } from "../core/commands.ts";
import type { ControlEvent } from "../core/events.ts";
import { takeLimits } from "../core/risk/limits.ts";
import type { PlaceOrder, TradeRecord } from "../core/trade/commands.ts";
import { type FactSource, type FactStamp, factOf } from "./fact.ts";
import type { Derived, FactRecord } from "./fact-record.ts";
import { inheritedOf } from "./inherited.ts";
import { CycleMemory, type FactMemory, NO_MEMORY, OrderMemory } from "./memory.ts";
import { type FactPlan, Names } from "./names.ts";
import { type OrderStep, placedOrder } from "./order-step.ts";
import { resyncFact } from "./resync-fact.ts";
import { endedRun, haltAlert, startedRun } from "./run-facts.ts";
import {
  cycleFact,
  denialFact,
  fillFact,
  opportunityFact,
  orderFact,
  triangleText,
} from "./trade-facts.ts";

export type DeriverOptions = {
  readonly source: FactSource;
  /** Both or none: where a run is taken up in its middle. */
  readonly plan?: FactPlan;
  readonly memory?: FactMemory;
};

export class FactDeriver {
  readonly #source: FactSource;
  #names: Names;
  #orders: OrderMemory;
  #cycles: CycleMemory;
  #limitsVersion: number;
  #isEnded: boolean;
  #seq: number;
  #atUs: Micros;
  #facts: Fact[] = [];
  #steps: OrderStep[] = [];

  constructor({ source, plan, memory = NO_MEMORY }: DeriverOptions) {
    this.#source = source;
    this.#names = new Names(plan ?? { version: 0, venues: [], instruments: [] });
    this.#orders = new OrderMemory(memory.orders);
    this.#cycles = new CycleMemory(memory.cycles);
    this.#limitsVersion = memory.limitsVersion;
    this.#isEnded = memory.isEnded;
    this.#seq = memory.seq;
    this.#atUs = memory.atUs;
  }

  /** Everything that a deriver needs to go on after the last record. */
  get memory(): FactMemory {
    return {
      seq: this.#seq,
      atUs: this.#atUs,
      limitsVersion: this.#limitsVersion,
      isEnded: this.#isEnded,
      orders: this.#orders.all(),
      cycles: this.#cycles.all(),
    };
  }

  /** What one record tells. Throws where its text is no JSON, which no record of a journal is. */
  take(record: FactRecord): Derived {
    this.#seq = record.seq;
    this.#atUs = record.atUs;
    if (record.classCode === CLASS_CMD) {
      this.#takeCommand(JSON.parse(record.body) as CoreCommand);
    } else if (record.type === CTL_RUN_HEADER) {
      this.#takeHeader(JSON.parse(record.body) as FactPlan);
    } else this.#takeEvent(JSON.parse(record.body) as ControlEvent);
    return this.#handOut();
  }

  /** What is told when the journal ends here and nothing more will come: a run without an end has crashed. */
  finish(): Derived {
    if (this.#seq > 0) this.#endRun("the process ended without saying why");
    return this.#handOut();
  }

  #handOut(): Derived {
    const derived = { facts: this.#facts, orders: this.#steps };
    this.#facts = [];
    this.#steps = [];
    return derived;
  }

  #takeHeader(plan: FactPlan): void {
    this.#names = new Names(plan);
    this.#limitsVersion = plan.trading?.limitsVersion ?? 0;
    this.#tell("run", null, startedRun(this.#names));
    const inherited = inheritedOf(this.#names, this.#source.runId, this.#atUs);
    for (const order of inherited.orders) this.#orders.add(order);
    for (const { cycle, corr, triangle } of inherited.cycles) {
      this.#cycles.begin(cycle, corr, triangle);
    }
    this.#steps.push(...inherited.steps);
  }

  #takeCommand(command: CoreCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#takePlace(command);
        return;
      case "recordMode": {
        const { venue, from, to, reason } = command;
        this.#tell("mode", venue, { from, to, reason });
        return;
      }
      case "recordResync": {
        const { venue, ...record } = command.record;
        this.#push("resync", { venue }, resyncFact(record, this.#orders));
        return;
      }
      case "halt":
        this.#tell("alert", null, haltAlert(command.reason));
        this.#endRun(`halted: ${command.reason}`);
        return;
      case "recordOpportunity":
      case "recordDenial":
      case "recordOrder":
      case "recordFill":
      case "recordCycle":
      case "recordAlarm":
      case "recordKill":
        this.#takeRecord(command);
        return;
      default:
        return;
    }
  }

  #takePlace(order: PlaceOrder): void {
    const { clientId, cycle, limitsVersion, fence, command, instrument } = order;
    this.#cycles.begin(cycle, `${fence}-${command}`);
    this.#orders.add({
      clientId,
      instrument: this.#names.instrument(instrument),
      placedUs: this.#atUs,
      cycle,
      limitsVersion,
      endUs: 0,
    });
    // The intent was on the disk and the socket written before this record: accepted and sent are one.
    this.#step(clientId, "sent", { placed: placedOrder(this.#names, order) });
  }

  #takeRecord(record: TradeRecord): void {
    switch (record.type) {
      case "recordOpportunity": {
        const { venue, decision, triangle } = record.opportunity;
        if (decision === "suppressed") return;
        if (decision === "fired") this.#cycles.nameNewest(triangle);
        this.#tell("opportunity", venue, opportunityFact(record.opportunity));
        return;
      }
      case "recordDenial":
        this.#tell("denial", record.denial.venue, denialFact(this.#names, record.denial));
        return;
      case "recordOrder":
        this.#takeOrder(record.order);
        return;
      case "recordFill":
        this.#takeFill(record.fill);
        return;
      case "recordCycle":
        this.#takeCycle(record.cycle);
        return;
      case "recordAlarm": {
        const { severity, kind, venue, instrument, text } = record.alarm;
        const name = this.#names.instrument(instrument);
        this.#tell("alert", venue, { severity, kind, instrument: name, text });
        return;
      }
      case "recordKill": {
        const { scope, target, isKilled, by, reason } = record;
        this.#tell("kill", -1, { scope, target, isKilled, by, reason });
        return;
      }
    }
  }

  #takeOrder(order: Extract<TradeRecord, { type: "recordOrder" }>["order"]): void {
    const { clientId, orderId, state, cause, venue, cycle, instrument, filledLots } = order;
    const known = this.#orders.get(clientId);
    const filledQuantity = this.#names.quantity(instrument, filledLots);
    this.#orders.end(clientId, this.#atUs);
    this.#push(
      "order",
      // All reports of an order bear the time at which it was placed: one order is one item of history.
      {
        venue: this.#names.venue(venue),
        factId: clientId,
        observedUs: known?.placedUs ?? this.#atUs,
      },
      orderFact(this.#names, order, this.#cycles.name(cycle), known?.limitsVersion ?? 0),
    );
    this.#step(clientId, "terminal", { orderId, ended: { state, filledQuantity, cause } });
  }

  #takeFill(fill: Extract<TradeRecord, { type: "recordFill" }>["fill"]): void {
    const payload = fillFact(this.#names, fill, this.#cycles.name(fill.cycle));
    const factId = `${payload.instrument}:${fill.tradeId}:${fill.side}`;
    const stamp = { venue: this.#names.venue(fill.venue), factId, observedUs: fill.recvUs };
    this.#push("fill", stamp, payload);
  }

  #takeCycle(cycle: Extract<TradeRecord, { type: "recordCycle" }>["cycle"]): void {
    this.#cycles.begin(cycle.cycle, cycle.corr);
    this.#cycles.nameOne(cycle.cycle, triangleText(cycle.triangle));
    this.#cycles.end(cycle.cycle);
    this.#push(
      "cycle",
      {
        venue: this.#names.venue(cycle.venue),
        factId: cycle.corr,
        observedUs: cycle.signalUs > 0 ? cycle.signalUs : this.#atUs,
      },
      cycleFact(this.#names, cycle),
    );
  }

  #takeEvent(event: ControlEvent): void {
    switch (event.type) {
      case "limitsChanged": {
        const { version, limits, by, reason } = event;
        // The same look that the core takes: a version that it refused was never in force.
        if (!takeLimits(limits, version, this.#limitsVersion).ok) return;
        this.#limitsVersion = version;
        this.#tell("limits", -1, { version, by, reason });
        return;
      }
      case "shutdownRequested":
        this.#endRun("asked");
        return;
      case "orderAccepted":
        this.#hear(event.clientId, "acked", event.orderId);
        return;
      case "orderReported":
        this.#hear(event.order.clientId, "acked", event.order.orderId);
        return;
      case "orderRefused":
        if (event.refusal.class === "unknown") this.#hear(event.clientId, "unknown");
        return;
      default:
        return;
    }
  }

  /** A step of an order that is open; what is told later than its end changes nothing. */
  #hear(clientId: string, state: "acked" | "unknown", orderId = ""): void {
    if (this.#orders.get(clientId)?.endUs === 0) this.#step(clientId, state, { orderId });
  }

  #endRun(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // One run ends once, whichever record says so.
    const factId = `${this.#source.runId}.ended`;
    const stamp = { venue: null, factId, part: this.#facts.length };
    this.#push("run", stamp, endedRun(this.#names, reason));
  }

  /** A fact of this record alone, at a venue by its index; null and -1 are none. */
  #tell<Kind extends FactKind>(
    kind: Kind,
    venue: number | null,
    payload: FactPayloads[Kind],
  ): void {
    this.#push(kind, { venue: this.#names.venue(venue ?? -1) }, payload);
  }

  #push<Kind extends FactKind>(kind: Kind, stamp: FactStamp, payload: FactPayloads[Kind]): void {
    const origin = { seq: this.#seq, atUs: this.#atUs };
    this.#facts.push(
      factOf(this.#source, origin, kind, { part: this.#facts.length, ...stamp }, payload),
    );
  }

  #step(
    clientId: string,
    state: OrderStep["state"],
    more: Partial<Pick<OrderStep, "orderId" | "placed" | "ended">>,
  ): void {
    const { runId } = this.#source;
    this.#steps.push({ clientId, state, atUs: this.#atUs, runId, orderId: "", ...more });
  }
}
