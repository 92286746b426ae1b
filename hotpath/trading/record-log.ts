/**
 * Station: records of trading -> one line of the log each. What is only noise in numbers (opportunities that
 * repeat themselves) is counted and shown elsewhere, not logged.
 */
import type { Instrument } from "../core/instrument.ts";
import type { AlarmRecord, TradeRecord } from "../core/trade/commands.ts";
import type { Log, LogFields } from "../io/log.ts";

/** Names of what records point at by index. */
export type RecordNames = {
  readonly venues: readonly string[];
  readonly instruments: readonly Instrument[];
};

/** Logs one record; `line` is a cycle's report line, "" for the others. */
export function logRecord(
  log: Log,
  names: RecordNames,
  record: TradeRecord,
  stamp: { readonly tick: number; readonly processUs: number },
  line: string,
): void {
  const named = (of: Pointing) => fieldsOf(names, stamp, of);
  switch (record.type) {
    case "recordOpportunity": {
      const { opportunity } = record;
      if (opportunity.decision === "suppressed") return;
      log.info(`opportunity ${opportunity.decision}`, named(opportunity));
      return;
    }
    case "recordDenial":
      log.warn("order denied", named(record.denial));
      return;
    case "recordOrder":
      log.info(`order ${record.order.state}`, named(record.order));
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
