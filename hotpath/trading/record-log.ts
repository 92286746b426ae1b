/**
 * Station: records of trading -> one line of the log each. What is only noise in numbers (opportunities that
 * repeat themselves) is counted and shown elsewhere, not logged.
 */
import type { Instrument } from "../core/instrument.ts";
import type { AlarmRecord, TradeRecord } from "../core/trade/commands.ts";
import type { Log, LogFields } from "../io/log.ts";
import type { Repeats } from "./repeats.ts";

/** As much of a reason as says which control it was; the numbers behind it differ each time. */
const REASON_HEAD = 5;

/** Names of what records point at by index. */
export type RecordNames = {
  readonly venues: readonly string[];
  readonly instruments: readonly Instrument[];
};

/** What a log of records needs to know of the run, and of itself. */
export type RecordLog = {
  readonly log: Log;
  readonly names: RecordNames;
  readonly repeats: Repeats;
};

/** Logs one record; `line` is a cycle's report line, "" for the others. */
export function logRecord(
  { log, names, repeats }: RecordLog,
  record: TradeRecord,
  stamp: { readonly tick: number; readonly processUs: number },
  line: string,
): void {
  const named = (of: Pointing) => fieldsOf(names, stamp, of);
  switch (record.type) {
    case "recordOpportunity": {
      const { opportunity } = record;
      const { decision, venue, triangle, reason } = opportunity;
      if (decision === "suppressed") return;
      const name = `${decision} ${venue} ${triangle} ${reason.slice(0, REASON_HEAD)}`;
      const count = decision === "fired" ? 1 : repeats.take(name, stamp.processUs);
      if (count > 0) log.info(`opportunity ${decision}`, { ...named(opportunity), count });
      return;
    }
    case "recordDenial": {
      const { control, venue, instrument } = record.denial;
      const count = repeats.take(`${control} ${venue} ${instrument}`, stamp.processUs);
      if (count > 0) log.warn("order denied", { ...named(record.denial), count });
      return;
    }
    case "recordOrder":
      log.info(`order ${record.order.state}`, named(record.order));
      return;
    case "recordFill":
      log.info("fill", named(record.fill));
      return;
    case "recordCycle": {
      const { corr, venue, ending, cycle } = record.cycle;
      log.info(line, { ...named({ venue }), corr, ending, cycle });
      return;
    }
    case "recordAlarm":
      logAlarm(log, record.alarm, named(record.alarm));
      return;
    case "recordKill": {
      const { scope, target, by, reason, isKilled } = record;
      const fields = { ...stamp, scope, target, by, cause: reason };
      if (isKilled) log.error("killed", fields);
      else log.warn("released", fields);
      return;
    }
  }
}

type Pointing = { readonly venue: number; readonly instrument?: number };

function fieldsOf(
  { venues, instruments }: RecordNames,
  stamp: { readonly tick: number; readonly processUs: number },
  { instrument, ...of }: Pointing,
): LogFields {
  const fields = { ...of, ...stamp, venue: venues[of.venue] ?? "" };
  return instrument === undefined
    ? fields
    : { ...fields, instrument: instruments[instrument]?.id ?? "" };
}

/** The gravest alarms are errors; the rest are dealt with. */
function logAlarm(log: Log, alarm: AlarmRecord, fields: LogFields): void {
  const sentence = `alarm ${alarm.kind}: ${alarm.text}`;
  if (alarm.severity === 1) log.error(sentence, fields);
  else log.warn(sentence, fields);
}
