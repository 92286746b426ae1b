/**
 * Station: the notice of an alarm of CloudWatch -> an alert, or nothing.
 *
 * Names and severities are those that the infrastructure gives: `<prefix>-<kind>-<subject>`, and a description
 * that begins with the severity. A notice that cannot be read as one of ours is told as it is: an alarm is never
 * dropped because its name is new.
 */
import { ALERT_KINDS, ALERT_SCHEMA_VERSION, type Alert } from "../../contracts/alert.ts";
import { type Micros, US_PER_MS } from "../../contracts/time.ts";
import { wordOf } from "../../contracts/word-of.ts";

/** What is told of an alarm; its engine is "control-plane" where it is about none. */
export type Alarm = {
  readonly alert: Alert;
  readonly isOver: boolean;
};

export const CONTROL_PLANE = "control-plane";
const TEXT_LENGTH_MAX = 500;

type Fields = Readonly<Record<string, unknown>>;

/** Messages in an event of SNS; undefined where it is something else. */
export function noticesOf(event: unknown): readonly string[] | undefined {
  const records = (event as { readonly Records?: unknown } | null)?.Records;
  if (!Array.isArray(records)) return;
  return records.map((record: { readonly Sns?: { readonly Message?: unknown } } | null) =>
    wordOf(record?.Sns?.Message ?? ""),
  );
}

/**
 * The alarm in `message` (CloudWatch user guide, notifications of state changes, 2026-11-21); undefined for
 * a state that says nothing, and for the end of what never rang.
 */
export function readAlarm(
  message: string,
  prefix: string,
  engines: readonly string[],
  nowUs: Micros,
): Alarm | undefined {
  const fields = fieldsOf(message);
  const { AlarmName, NewStateValue, OldStateValue, StateChangeTime } = fields;
  const isOver = NewStateValue === "OK";
  if (NewStateValue !== "ALARM" && !isOver) return;
  if (isOver && OldStateValue !== "ALARM") return;
  const name = typeof AlarmName === "string" ? AlarmName : "unnamed alarm";
  const changedMs = Date.parse(wordOf(StateChangeTime));
  const changedUs = changedMs * US_PER_MS;
  // A time before 1970 would make an alert of it that nobody can read.
  const atUs = Number.isSafeInteger(changedUs) && changedUs >= 0 ? changedUs : nowUs;
  const { kind, subject } = partsOf(name, prefix);
  const engine = engineIn(subject, engines);
  const said = [fields.AlarmDescription ?? "", fields.NewStateReason ?? ""]
    .map(wordOf)
    .join(" ")
    .trim();
  const text = `${name} ${isOver ? "is over" : "rings"}: ${said}`.slice(0, TEXT_LENGTH_MAX);
  const severity = isOver ? 3 : severityIn(said);
  return {
    isOver,
    alert: {
      schemaVersion: ALERT_SCHEMA_VERSION,
      incidentId: `alarm.${name}.${atUs}`.slice(0, TEXT_LENGTH_MAX / 2),
      engine: engine ?? CONTROL_PLANE,
      severity,
      kind,
      text,
      atUs,
    },
  };
}

function partsOf(
  name: string,
  prefix: string,
): { readonly kind: string; readonly subject: string } {
  const rest = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
  const kind = ALERT_KINDS.find((one) => rest === one || rest.startsWith(`${one}-`));
  if (kind === undefined) return { kind: rest.slice(0, 64), subject: "" };
  return { kind, subject: rest.slice(kind.length + 1) };
}

/** The engine at the end of `subject`; of two that fit, the longer name is meant. */
function engineIn(subject: string, engines: readonly string[]): string | undefined {
  const fitting = engines.filter((one) => subject === one || subject.endsWith(`-${one}`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/** What does not say how grave it is, is grave. */
function severityIn(text: string): 1 | 2 {
  return /^severity 2\b/.test(text) ? 2 : 1;
}

function fieldsOf(message: string): Fields {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    // A sentence instead of JSON: the notice is passed on as an alarm without a name.
    return { NewStateValue: "ALARM", NewStateReason: message };
  }
}
