/**
 * Station: one batch of a lane -> its calls to AWS. A delivery keeps what has not left, so that trying again
 * sends only that; where an answer was lost something goes twice, under the same derived id.
 */
import type { Alert } from "../../contracts/alert.ts";
import type { Fact } from "../../contracts/history.ts";
import { ORDER_RECORD_STATES } from "../../contracts/operator-command.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";
import { alertOf } from "../facts/alert-of.ts";
import { messageBodies, queueText, requestsOf } from "../facts/batches.ts";
import type { OrderStep } from "../facts/order-step.ts";
import type { AlertQueue } from "../io/aws/alert-queue.ts";
import type { FactQueue } from "../io/aws/fact-queue.ts";
import type { OrderRecords, OrderWrite } from "../io/aws/order-records.ts";
import type { Delivery } from "./lane.ts";

/** An alert that is older is history: waking somebody for it would only confuse. */
const ALERT_AGE_US_MAX = 6 * 3600 * US_PER_S;
/** Orders are written side by side, because each is an item of its own. */
const WRITES_AT_ONCE = 8;

/** Facts to the queue of records. */
export function deliverFacts(queue: FactQueue, facts: readonly Fact[]): Delivery | undefined {
  if (facts.length === 0) return undefined;
  let left: readonly string[] = messageBodies(facts);
  return async () => {
    const unsent: string[] = [];
    let reason = "";
    for (const request of requestsOf(left)) {
      // After one failure the rest waits: an order of what is tried keeps retries few.
      const sent = reason === "" ? await queue.send(request) : { left: request, reason };
      unsent.push(...sent.left);
      reason = sent.reason;
    }
    left = unsent;
    return reason;
  };
}

/** Alerts that some of `facts` give rise to, ahead of the bulk. */
export function deliverAlerts(
  queue: AlertQueue,
  facts: readonly Fact[],
  nowUs: Micros,
): Delivery | undefined {
  const alerts = facts.flatMap((fact) => alertOf(fact) ?? []);
  return sendAlerts(
    queue,
    alerts.filter(({ atUs }) => nowUs - atUs < ALERT_AGE_US_MAX),
  );
}

/** Alerts in their order. */
export function sendAlerts(queue: AlertQueue, alerts: readonly Alert[]): Delivery | undefined {
  const left = [...alerts];
  if (left.length === 0) return undefined;
  return async () => {
    for (let alert = left[0]; alert !== undefined; alert = left[0]) {
      const sent = await queue.send(alert);
      if (!sent.ok) return sent.reason;
      left.shift();
    }
    return "";
  };
}

/** Steps of orders, of each order the furthest, to its record. */
export function deliverOrders(
  records: OrderRecords,
  engine: string,
  steps: readonly OrderStep[],
): Delivery | undefined {
  let left = furthestOf(steps);
  if (left.length === 0) return undefined;
  return async () => {
    const unsent: OrderWrite[] = [];
    let reason = "";
    for (let from = 0; from < left.length; from += WRITES_AT_ONCE) {
      const some = left.slice(from, from + WRITES_AT_ONCE);
      if (reason !== "") {
        unsent.push(...some);
        continue;
      }
      const written = await Promise.all(some.map((write) => records.write(engine, write)));
      for (const [index, outcome] of written.entries()) {
        const write = some[index];
        if (outcome.ok || write === undefined) continue;
        unsent.push(write);
        reason = outcome.reason;
      }
    }
    left = unsent;
    return reason;
  };
}

/** One write for each order: the furthest state, and everything that its steps knew. */
export function furthestOf(steps: readonly OrderStep[]): OrderWrite[] {
  const writes = new Map<string, OrderWrite>();
  for (const step of steps) {
    const known = writes.get(step.clientId);
    const isFurther =
      known === undefined ||
      ORDER_RECORD_STATES.indexOf(step.state) > ORDER_RECORD_STATES.indexOf(known.state);
    writes.set(step.clientId, {
      clientId: step.clientId,
      state: isFurther ? step.state : known.state,
      changedUs: isFurther ? step.atUs : known.changedUs,
      runId: step.runId,
      orderId: step.orderId === "" ? (known?.orderId ?? "") : step.orderId,
      placed: textOf(step.placed, known?.placed),
      ended: textOf(step.ended, known?.ended),
    });
  }
  return [...writes.values()];
}

function textOf(value: unknown, known = ""): string {
  return value === undefined ? known : queueText(value);
}
