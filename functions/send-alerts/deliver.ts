/**
 * Station: the body of one message -> its alert on every channel it is routed to, or an error that brings the
 * message back.
 *
 * Each channel has a record of its own and waits for no other, so what comes back is tried only where it is
 * missing. README.md says what is done when an answer is lost, and why.
 */
import type { Alert } from "../../contracts/alert.ts";
import { type Micros, US_PER_MS } from "../../contracts/time.ts";
import type { Log } from "../platform/log.ts";
import type { Meter } from "../platform/metrics.ts";
import type { Attempt, IdempotencyStore } from "../stores/idempotency-store.ts";
import type { Channel } from "./channels.ts";
import { type AlertRoutes, channelsFor, deliveryKey, readAlert, type Sent } from "./logic.ts";

export type DeliverPorts = {
  readonly idempotency: IdempotencyStore;
  readonly channels: readonly Channel[];
  readonly routes: AlertRoutes;
  readonly isLocal: boolean;
  readonly nowUs: () => Micros;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: Log;
  readonly meter: Pick<Meter, "count">;
  /** Those of this process where they are left out. */
  readonly underWay?: UnderWay;
};

/** One delivery of a message: who tries, and until when. */
export type Delivery = { readonly owner: string; readonly deadlineUs: Micros };

/** A message that is no alert; it ends among the dead letters. */
export class PoisonError extends Error {
  override readonly name = "PoisonError";
}

/** Some channels have not been told; the message says which. */
export class UndeliveredError extends Error {
  override readonly name = "UndeliveredError";
}

/** How long one attempt may take: a grave alert is out within five seconds, or another channel has it. */
const ATTEMPT_MS_MAX = 4_000;
const ATTEMPTS_MAX = 6;
const LOST_ANSWERS_MAX = 2;
const BACKOFF_MS = 250;
/** The outcome of a record whose channel has confirmed. */
const SENT = "sent";
/** Less than this is not enough for an attempt. */
const REST_MS_MIN = 500;

/** `told`: now or before, by us or by another. `perhaps`: no answer ever came. `missing`: again, please. */
type Told = "told" | "perhaps" | "missing";
/** `open` is the record of a "perhaps", which others decide. */
type Telling = { readonly told: Told; readonly open?: Attempt };

/** Deliveries under way in one process: several messages about one incident share one. */
export type UnderWay = Map<string, Promise<Telling>>;

/** Delivers the alert in `body`; throws `PoisonError` or `UndeliveredError`. */
export async function deliverMessage(
  ports: DeliverPorts,
  body: string,
  delivery: Delivery,
): Promise<void> {
  const read = readAlert(body);
  if (!read.ok) {
    ports.meter.count("AlertsRefused");
    ports.log.error("message refused", { reason: read.reason });
    throw new PoisonError(`the message is no alert: ${read.reason}`);
  }
  const { alert } = read;
  const wanted = wantedChannels(ports, alert);
  const tellings = await Promise.all(wanted.map((each) => tellOnce(ports, alert, each, delivery)));
  // "Perhaps" is enough where another channel has surely told, or where nobody has to act.
  const isEnough = alert.severity === 3 || tellings.some(({ told }) => told === "told");
  for (const { open } of tellings) {
    if (open === undefined) continue;
    await keep(ports, open, isEnough ? "unconfirmed" : undefined);
  }
  const missing = wanted.filter((_, n) => tellings[n]?.told === "missing").map(({ name }) => name);
  if (missing.length === 0 && (isEnough || wanted.length === 0)) return;
  throw new UndeliveredError(`${alert.kind} has not reached ${missing.join(", ") || "anybody"}`);
}

function wantedChannels(ports: DeliverPorts, alert: Alert): readonly Channel[] {
  const { channels, routes, isLocal, log, meter } = ports;
  const { severity, kind, engine, text } = alert;
  const configured = channels.map(({ name }) => name);
  const names = channelsFor(severity, routes, configured);
  if (names.length === 0) {
    log.warn("alert without a channel", { severity, kind, engine, text });
    meter.count("AlertsWithoutChannel");
    // On one machine the log is where people look; in the cloud somebody has to hear of it.
    if (severity !== 3 && !isLocal) throw new UndeliveredError("no channel is configured");
  }
  return channels.filter(({ name }) => names.includes(name));
}

const processUnderWay: UnderWay = new Map();

function tellOnce(
  ports: DeliverPorts,
  alert: Alert,
  channel: Channel,
  delivery: Delivery,
): Promise<Telling> {
  const key = deliveryKey(alert, channel.name);
  const { underWay = processUnderWay } = ports;
  const known = underWay.get(key);
  if (known !== undefined) return known;
  const telling = tell(ports, alert, channel, delivery).finally(() => underWay.delete(key));
  underWay.set(key, telling);
  return telling;
}

async function tell(
  ports: DeliverPorts,
  alert: Alert,
  channel: Channel,
  { owner, deadlineUs }: Delivery,
): Promise<Telling> {
  const { idempotency, log, nowUs } = ports;
  const messageKey = deliveryKey(alert, channel.name);
  const attempt: Attempt = { consumer: "send-alerts", messageKey, owner };
  try {
    const begun = await idempotency.begin(attempt, nowUs(), deadlineUs);
    if (begun.kind === "completed") return { told: begun.outcome === SENT ? "told" : "perhaps" };
    if (begun.kind === "inProgress") return { told: "missing" };
  } catch (error) {
    log.error("no record can be made", { channel: channel.name, error });
    // Without a record it may go out twice; a grave one goes out all the same.
    if (alert.severity !== 1) return { told: "missing" };
    return { told: await tryChannel(ports, alert, channel, deadlineUs) };
  }
  const told = await tryChannel(ports, alert, channel, deadlineUs);
  if (told === "perhaps") return { told, open: attempt };
  await keep(ports, attempt, told === "told" ? SENT : undefined);
  return { told };
}

/**
 * Writes down what became of an attempt; without an outcome the next delivery may begin. An alert that is out
 * is out, whether or not this can be written.
 */
async function keep(
  { idempotency, log }: DeliverPorts,
  attempt: Attempt,
  outcome: string | undefined,
): Promise<void> {
  try {
    if (outcome === undefined) await idempotency.fail(attempt, "not delivered");
    else await idempotency.complete(attempt, outcome);
  } catch (error) {
    log.error("a record cannot be kept", { messageKey: attempt.messageKey, outcome, error });
  }
}

/** Attempts until it is told, or neither time nor hope is left. */
async function tryChannel(
  ports: DeliverPorts,
  alert: Alert,
  channel: Channel,
  deadlineUs: Micros,
): Promise<Told> {
  const { nowUs, pause, log, meter } = ports;
  const restMs = (): number => Math.floor((deadlineUs - nowUs()) / US_PER_MS);
  let lostCount = 0;
  let sent: Sent = { kind: "failed", reason: "no time is left" };
  for (let n = 0; n < ATTEMPTS_MAX && restMs() >= REST_MS_MIN; n++) {
    sent = await channel.send(alert, Math.min(ATTEMPT_MS_MAX, restMs()));
    if (sent.kind === "sent") {
      meter.count("AlertsDelivered");
      return "told";
    }
    if (sent.kind === "ambiguous") lostCount++;
    if (sent.kind === "refused" || lostCount >= LOST_ANSWERS_MAX) break;
    const waitMs = sent.kind === "limited" ? sent.waitMs : BACKOFF_MS * 2 ** n;
    if (waitMs > restMs() - REST_MS_MIN) break;
    await pause(waitMs);
  }
  const isLost = lostCount >= LOST_ANSWERS_MAX;
  log.error("alert not delivered", { channel: channel.name, kind: alert.kind, outcome: sent });
  meter.count(isLost ? "AlertsUnconfirmed" : "AlertsUndelivered");
  return isLost ? "perhaps" : "missing";
}
