/**
 * What send-alerts decides without touching anything: whether a message is an alert, which channels it goes to,
 * what stands in it, and what an answer of a channel means.
 */
import {
  ALERT_CHANNELS,
  ALERT_SCHEMA_VERSION,
  type Alert,
  type AlertChannel,
  SEVERITIES,
  type Severity,
} from "../../contracts/alert.ts";
import { isLoopbackUrl } from "../../contracts/aws-environment.ts";
import { dayOf, hourOf } from "../../contracts/calendar.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";

/** Discord takes 2,000 characters, Telegram 4,096; the rest is frame. */
const TEXT_LENGTH_MAX = 1_500;
const ID_LENGTH_MAX = 300;
const NAME_LENGTH_MAX = 64;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

export type AlertRead =
  | { readonly ok: true; readonly alert: Alert }
  | { readonly ok: false; readonly reason: string };

/** Reads the body of a message; a text that is too long is cut, anything else that is wrong refuses it. */
export function readAlert(body: string): AlertRead {
  const value = parsed(body);
  if (typeof value !== "object" || value === null) return { ok: false, reason: "it is no JSON" };
  const fields = value as Readonly<Record<string, unknown>>;
  const { schemaVersion, incidentId, engine, severity, kind, text, atUs } = fields;
  if (!isCount(schemaVersion) || schemaVersion < 1) return { ok: false, reason: "schemaVersion" };
  if (schemaVersion > ALERT_SCHEMA_VERSION) {
    return { ok: false, reason: `version ${schemaVersion} is newer than ${ALERT_SCHEMA_VERSION}` };
  }
  const known = SEVERITIES.find((one) => one === severity);
  if (known === undefined) return { ok: false, reason: "severity" };
  if (!isText(incidentId, ID_LENGTH_MAX)) return { ok: false, reason: "incidentId" };
  if (!isText(engine, NAME_LENGTH_MAX)) return { ok: false, reason: "engine" };
  if (!isText(kind, NAME_LENGTH_MAX)) return { ok: false, reason: "kind" };
  if (typeof text !== "string" || text === "") return { ok: false, reason: "text" };
  if (!isCount(atUs)) return { ok: false, reason: "atUs" };
  const cut = printable(text.slice(0, TEXT_LENGTH_MAX));
  const alert: Alert = {
    schemaVersion,
    incidentId,
    engine,
    severity: known,
    kind,
    text: cut,
    atUs,
  };
  return { ok: true, alert };
}

/** Channels by severity. */
export type AlertRoutes = Readonly<Record<Severity, readonly AlertChannel[]>>;

export const DEFAULT_ROUTES: AlertRoutes = {
  1: ALERT_CHANNELS,
  2: ["discord", "email", "webhook"],
  3: ["webhook"],
};

/** Routes as JSON, `{"1": ["telegram"], "2": [], "3": []}`; a severity left out has its default. */
export function readRoutes(text: string): AlertRoutes | undefined {
  if (text === "") return DEFAULT_ROUTES;
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const routes: Record<Severity, readonly AlertChannel[]> = { ...DEFAULT_ROUTES };
  for (const [name, list] of Object.entries(value)) {
    const severity = SEVERITIES.find((one) => String(one) === name);
    if (severity === undefined || !Array.isArray(list)) return;
    const channels = ALERT_CHANNELS.filter((channel) => list.includes(channel));
    if (channels.length !== list.length) return;
    routes[severity] = channels;
  }
  // Whoever routes the gravest nowhere has mistyped.
  return routes[1].length === 0 ? undefined : routes;
}

/**
 * Where an alert goes, of the channels that are configured. What somebody must look at goes to all of them
 * where its own route has none.
 */
export function channelsFor(
  severity: Severity,
  routes: AlertRoutes,
  configured: readonly AlertChannel[],
): readonly AlertChannel[] {
  const routed = routes[severity].filter((channel) => configured.includes(channel));
  if (routed.length > 0) return routed;
  return severity === 3 ? [] : configured;
}

/** What the idempotency record of one incident on one channel is called. */
export function deliveryKey({ engine, incidentId }: Alert, channel: AlertChannel): string {
  return JSON.stringify([engine, incidentId, channel]);
}

/** First line and whole text for people. */
export function wordsOf(alert: Alert): { readonly subject: string; readonly text: string } {
  const { severity, engine, kind, text, atUs, incidentId } = alert;
  const subject = `[severity ${severity}] ${engine}: ${kind}`;
  return { subject, text: `${subject}\n${text}\n${timeText(atUs)}\nincident ${incidentId}` };
}

/** A time to the second, as people read it. */
export function timeText(us: Micros): string {
  const seconds = Math.floor(us / US_PER_S);
  const minute = Math.floor(seconds / SECONDS_PER_MINUTE) % MINUTES_PER_HOUR;
  const rest = [minute, seconds % SECONDS_PER_MINUTE].map((part) => String(part).padStart(2, "0"));
  return `${dayOf(us)} ${hourOf(us)}:${rest.join(":")} UTC`;
}

/** What became of one attempt on one channel. */
export type Sent =
  | { readonly kind: "sent" }
  /** Nothing was delivered; the channel said when to come back. */
  | { readonly kind: "limited"; readonly waitMs: number }
  /** Nothing was delivered; a little later it may be. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Nothing was delivered, and the same again will not be either. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It may have been delivered. */
  | { readonly kind: "ambiguous"; readonly reason: string };

/** Where a channel does not say how long it wants silence. */
const WAIT_MS_DEFAULT = 1_000;
const STATUS_TOO_MANY = 429;
/** The time is over (408), or it came too early (425): the request was not carried out. */
const STATUSES_LATER: readonly number[] = [408, 425];

/** What an HTTP status means for the alert; `waitMs` is what a 429 asked for, or -1. */
export function sentOf(status: number, waitMs: number): Sent {
  const reason = `status ${status}`;
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === STATUS_TOO_MANY) {
    return { kind: "limited", waitMs: waitMs < 0 ? WAIT_MS_DEFAULT : waitMs };
  }
  // A gateway's 502 is nearly always an outage behind it; to take it for a delivery would lose alerts.
  if (status >= 500 || STATUSES_LATER.includes(status)) return { kind: "failed", reason };
  return { kind: "refused", reason };
}

/** Why no request may go to `address`, or "". `hosts` are the names that are allowed, in lower case. */
export function targetFault(address: string, hosts: readonly string[], isLocal: boolean): string {
  if (!URL.canParse(address)) return "it is no address";
  const { protocol, hostname, port, username, password } = new URL(address);
  if (username !== "" || password !== "") return "an address carries no credentials";
  if (isLoopbackUrl(address)) return isLocal ? "" : "this machine is not a target";
  if (protocol !== "https:") return "only https is spoken";
  if (port !== "") return "only the usual port is spoken to";
  if (/^[\d.]+$|^\[/.test(hostname)) return "a target is a name, not a number";
  return hosts.includes(hostname) ? "" : "the host is not on the list";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= lengthMax;
}

/** Nothing that begins a line of its own, turns the direction of the text, or is half a character. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ");
}
