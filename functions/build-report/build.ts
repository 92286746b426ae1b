/**
 * Station: one engine and one day -> its report, written once, and the root of its audit chains.
 *
 * Read, count, check, write: the order does not matter to a second run, because every key is derived and
 * every text follows from the facts alone.
 */
import { ALERT_SCHEMA_VERSION, type Alert, type AlertKind } from "../../contracts/alert.ts";
import { FACT_KINDS } from "../../contracts/history.ts";
import type { HistoryRecord } from "../../contracts/history-filter.ts";
import { type HistoryKind, historyKey, reportObjectKey } from "../../contracts/keys.ts";
import type { Micros } from "../../contracts/time.ts";
import type { Log } from "../platform/log.ts";
import type { AlertQueue } from "../stores/alert-queue.ts";
import type { ArchiveStore, PutOnce } from "../stores/archive-store.ts";
import type { AuditRootStore } from "../stores/audit-root-store.ts";
import type { CommandStore } from "../stores/command-store.ts";
import type { ControlStore } from "../stores/control-store.ts";
import type { HistoryStore } from "../stores/history-store.ts";
import { rootOfDay } from "./audit-root.ts";
import { costOf } from "./cost.ts";
import { LedgerWatch } from "./ledger.ts";
import {
  type DailyReport,
  type Finding,
  REPORT_SCHEMA_VERSION,
  startOfDay,
  US_PER_DAY,
} from "./logic.ts";
import { DayTally } from "./tally.ts";

export type ReportPorts = {
  readonly history: Pick<HistoryStore, "put" | "query">;
  readonly commands: Pick<CommandStore, "readHeartbeat">;
  readonly control: Pick<ControlStore, "readItem" | "readHead">;
  readonly archive: Pick<ArchiveStore, "putOnce">;
  readonly roots: AuditRootStore;
  readonly alerts: AlertQueue;
  readonly log: Pick<Log, "info" | "error">;
};

export type BuildResult = {
  readonly engine: string;
  readonly day: string;
  /** `unsettled`: the engine still has much to publish; only a preliminary item was written. */
  readonly outcome: PutOnce["kind"] | "unsettled";
  readonly isWhole: boolean;
  readonly findings: number;
};

/** Journal records that may wait to be published while a day counts as settled. */
export const SETTLED_LAG_MAX = 10_000;
const PAGE_LENGTH = 500;
const SUMMARY_FINDINGS_MAX = 50;
/** Positions first: between their words lie the fills that the ledger is held to. */
const KINDS = ["position", ...FACT_KINDS.filter((kind) => kind !== "position")] as const;

/** Builds the report of `engine` for the day `day`. */
export async function buildReport(
  ports: ReportPorts,
  engine: string,
  day: string,
): Promise<BuildResult> {
  const startUs = startOfDay(day) ?? 0;
  const heartbeat = await ports.commands.readHeartbeat(engine);
  const lag = heartbeat === undefined ? 0 : heartbeat.ackedSeq - heartbeat.publishedSeq;
  const isSettled = lag <= SETTLED_LAG_MAX;
  const audit = isSettled ? await writeRoot(ports, engine, startUs) : [];
  const report = await reportOf(ports, engine, day, startUs, audit);
  await ports.history.put([itemOf(report, startUs, isSettled)]);
  const told = { engine, day, isWhole: report.isWhole, findings: report.findings.length };
  if (!isSettled) {
    ports.log.error("the day is not settled", { engine, day, lag });
    return { ...told, outcome: "unsettled" };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(report));
  const { kind } = await ports.archive.putOnce(reportObjectKey(engine, day), bytes);
  await tellOf(ports, report, kind, startUs + US_PER_DAY);
  ports.log.info("report built", { ...told, outcome: kind });
  return { ...told, outcome: kind };
}

/** The root of the day in its bucket; a finding where the chains do not hold or another root stands there. */
async function writeRoot(
  ports: ReportPorts,
  engine: string,
  startUs: Micros,
): Promise<readonly Finding[]> {
  const read = await rootOfDay(ports, engine, startUs);
  if (read.kind === "broken") return [{ kind: "audit", text: read.fault }];
  const put = await ports.roots.put(read.root);
  if (put !== "differs") return [];
  return [{ kind: "audit", text: `another audit root of ${read.root.day} stands already` }];
}

async function reportOf(
  ports: ReportPorts,
  engine: string,
  day: string,
  startUs: Micros,
  audit: readonly Finding[],
): Promise<DailyReport> {
  const tally = new DayTally();
  const ledger = new LedgerWatch();
  for (const kind of KINDS) {
    for await (const record of factsOf(ports, engine, kind, startUs)) {
      if (!ledger.isNew(record)) continue;
      tally.add(record);
      ledger.add(record);
    }
  }
  const { modes, findings: unknown } = tally.modes();
  const findings = [
    ...audit,
    ...unknown,
    ...ledger.findings((instrument) => tally.pairOf(instrument)),
  ];
  const facts = tally.facts.counts();
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    engine,
    day,
    isWhole: findings.length === 0,
    findings,
    facts,
    modes,
    orders: tally.orders.counts(),
    fillRate: tally.fillRate(),
    denials: tally.denials.counts(),
    resyncs: tally.resyncs.report(),
    latency: tally.latency(),
    alerts: tally.alerts.counts(),
    cost: costOf(facts),
  };
}

/** Every fact of one kind and the day, oldest first. */
async function* factsOf(
  { history }: ReportPorts,
  engine: string,
  kind: HistoryKind,
  startUs: Micros,
): AsyncGenerator<HistoryRecord> {
  const query = { engine, kind, fromUs: startUs, toUs: startUs + US_PER_DAY, filters: {} };
  let cursor: string | undefined;
  do {
    const page = await history.query({ ...query, order: "oldest", limit: PAGE_LENGTH, cursor });
    // The cursor is the store's own word; one that it does not know would end the day early.
    if (page.kind !== "page") throw new Error(`the pages of ${kind} do not follow one another`);
    yield* page.records;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

/** What lists show; the whole report is the object. A settled one replaces a preliminary one. */
function itemOf(report: DailyReport, startUs: Micros, isSettled: boolean) {
  const { engine, day } = report;
  const factId = `report-${day}`;
  const fact: HistoryRecord = {
    event_id: `report:${engine}:${day}`,
    event_type: "ctl.report",
    kind: "report",
    fact_id: factId,
    engine,
    run_id: "",
    venue: null,
    observed_at: startUs,
    ingested_at: startUs,
    schema_version: REPORT_SCHEMA_VERSION,
    payload: {
      ...report,
      findings: report.findings.slice(0, SUMMARY_FINDINGS_MAX),
      isSettled,
      objectKey: isSettled ? reportObjectKey(engine, day) : "",
    },
  };
  const key = historyKey("report", engine, startUs, factId);
  const version = isSettled ? "1" : "0";
  return { ...key, kind: "report", engine, atUs: startUs, factId, version, fact } as const;
}

async function tellOf(
  { alerts }: ReportPorts,
  { engine, day, findings }: DailyReport,
  outcome: PutOnce["kind"],
  atUs: Micros,
): Promise<void> {
  const tell = async (
    kind: AlertKind,
    severity: Alert["severity"],
    text: string,
  ): Promise<void> => {
    const incidentId = `${engine}.${kind}.${day}`;
    const alert = { incidentId, engine, severity, kind, text, atUs };
    await alerts.send({ schemaVersion: ALERT_SCHEMA_VERSION, ...alert });
  };
  const broken = findings.find(({ kind }) => kind === "audit");
  if (broken !== undefined) await tell("audit-gap", 1, `audit of ${day}: ${broken.text}`);
  const other = findings.find(({ kind }) => kind !== "audit");
  if (other !== undefined) {
    const text = `the report of ${day} has ${findings.length} findings, first: ${other.text}`;
    await tell("report-incomplete", 2, text);
  }
  if (outcome === "differs") {
    await tell("report-differs", 2, `facts of ${day} came after its report had been written`);
  }
}
