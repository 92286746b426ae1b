/**
 * What cancel-all decides without touching anything: what it was asked, which orders are meant, and whether
 * the work is done.
 */
import { CLIENT_ID_PREFIX } from "../../contracts/trade.ts";

/** An order as a venue lists it. */
export type OpenOrder = {
  readonly orderId: string;
  /** "" where whoever placed it gave it none. */
  readonly clientId: string;
  /** The venue's own spelling. */
  readonly symbol: string;
};

/** Which accounts, and whether foreign orders are meant as well. */
export type CancelRequest = {
  /** "" for all. */
  readonly engine: string;
  readonly venue: string;
  readonly isEverything: boolean;
};

export type RequestRead =
  | { readonly kind: "request"; readonly request: CancelRequest }
  /** An alarm that is over, or a test of the subscription. */
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

const FIELDS = ["engine", "venue", "everything"];

/** Reads a call, or the notice of an alarm; `engines` are the ones that have keys here. */
export function readRequest(event: unknown, engines: readonly string[]): RequestRead {
  if (!isFields(event)) return refused("the call is no object");
  if (Array.isArray(event.Records)) return ofAlarm(event.Records, engines);
  const unknown = Object.keys(event).find((name) => !FIELDS.includes(name));
  // A misspelled "venue" must not cancel at all venues, nor a misspelled "everything" at none.
  if (unknown !== undefined) return refused(`${unknown.slice(0, 64)} is no field of a call`);
  const { engine = "", venue = "", everything = false } = event;
  if (typeof engine !== "string") return refused("engine");
  if (typeof venue !== "string") return refused("venue");
  if (typeof everything !== "boolean") return refused("everything");
  return { kind: "request", request: { engine, venue, isEverything: everything } };
}

/** The notice that CloudWatch gives SNS (user guide, "Alarm state change notifications", 2026-11-21). */
function ofAlarm(records: readonly unknown[], engines: readonly string[]): RequestRead {
  const [record] = records;
  const sns = isFields(record) ? record.Sns : undefined;
  const text = isFields(sns) && typeof sns.Message === "string" ? sns.Message : "";
  const message = parsed(text);
  if (!isFields(message)) return refused("the notice is no alarm");
  const { NewStateValue, AlarmName } = message;
  if (NewStateValue !== "ALARM" || typeof AlarmName !== "string") return { kind: "nothing" };
  // Which engine is silent stands at the end of the name; one that cannot be told means all of them.
  const named = engines.filter((name) => AlarmName.endsWith(`-${name}`));
  const [engine = ""] = named.sort((a, b) => b.length - a.length);
  return { kind: "request", request: { engine, venue: "", isEverything: false } };
}

/** Orders that are meant: ours, or all there are. */
export function wanted(orders: readonly OpenOrder[], isEverything: boolean): readonly OpenOrder[] {
  return isEverything ? orders : orders.filter(isOurs);
}

export function isOurs({ clientId }: OpenOrder): boolean {
  return clientId.startsWith(CLIENT_ID_PREFIX);
}

/** What became of one account. */
export type AccountResult = {
  readonly engine: string;
  readonly venue: string;
  /** clean: two looks found nothing. left: time is over. noKeys: there was nothing to sign with. */
  readonly outcome: "clean" | "left" | "noKeys";
  /** Names of orders whose cancel the venue confirmed. */
  readonly canceled: readonly string[];
  /** Names of orders that were there and are not any more, by whatever came first: a lost answer, a fill. */
  readonly gone: readonly string[];
  /** Names of orders that the last look still found. */
  readonly left: readonly string[];
  /** Orders of others that were seen and left alone. */
  readonly foreignCount: number;
  /** What went wrong last, or "". */
  readonly trouble: string;
};

/** What a result lists an order as. */
export function nameOf({ clientId, orderId }: OpenOrder): string {
  return clientId === "" ? orderId : clientId;
}

/** One sentence for people and for the alarm. */
export function summaryOf(results: readonly AccountResult[]): string {
  return results
    .map(({ engine, venue, outcome, canceled, gone, left, trouble }) => {
      const why = trouble === "" || outcome === "clean" ? "" : ` (${trouble})`;
      const counts = `${canceled.length} canceled, ${gone.length} gone, ${left.length} left`;
      return `${engine} at ${venue}: ${outcome}, ${counts}${why}`;
    })
    .join("; ");
}

function refused(reason: string): RequestRead {
  return { kind: "refused", reason };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
