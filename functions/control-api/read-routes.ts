/**
 * The end points that show how things stand: who asks, the engine, positions, sums, reports.
 */
import type { HistoryRecord } from "../../contracts/history-filter.ts";
import type { Heartbeat } from "../../contracts/operator-command.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { flatFact } from "./flat-fact.ts";
import { borderOf, findHistory, firstPlace, type HistoryPlace } from "./history-page.ts";
import { HEARTBEAT_FRESH_US } from "./logic.ts";
import { badCursor } from "./paging.ts";
import { type Answer, answer, problem } from "./problem.ts";
import { executionOf, profitOf } from "./profit.ts";
import {
  enginesSchema,
  executionSchema,
  factSchema,
  meSchema,
  pageSchema,
  pnlSchema,
  reportSchema,
  statusSchema,
} from "./response-schemas.ts";
import { maySee } from "./roles.ts";
import { dayPath, enginePath, rangeQuery } from "./schemas.ts";
import { rangeOf, type TimeRange } from "./time-range.ts";

const US_PER_DAY = 86_400_000_000;
const FACTS_PER_READ = 500;
/** Cycles of one sum. A longer range is refused, because half a sum is a wrong sum. */
const CYCLES_MAX = 50_000;

const getMe = endpoint({
  id: "getMe",
  method: "get",
  path: "/v1/me",
  summary: "Who asks, as the token tells it",
  room: "status",
  responses: { 200: { says: "Subject, role and engines", schema: meSchema } },
  work: async ({ principal, ports }) => {
    const { subject, role = "" } = principal;
    const engines = ports.settings.engines.filter((engine) => maySee(principal, engine));
    return answer({ subject, role, engines });
  },
});

const listEngines = endpoint({
  id: "listEngines",
  method: "get",
  path: "/v1/engines",
  summary: "The engines that the caller may see",
  room: "status",
  responses: { 200: { says: "Their ids", schema: enginesSchema } },
  work: async ({ principal, ports }) => {
    return answer({ engines: ports.settings.engines.filter((name) => maySee(principal, name)) });
  },
});

const getStatus = endpoint({
  id: "getStatus",
  method: "get",
  path: "/v1/engines/{engine}/status",
  summary: "The engine's last word on itself, and how old it is",
  room: "status",
  pathSchema: enginePath,
  responses: { 200: { says: "Heartbeat and status", schema: statusSchema } },
  work: async ({ ports, engine, nowUs }) => {
    const [heartbeat, head] = await Promise.all([
      ports.commands.readHeartbeat(engine),
      ports.control.readHead(engine, "limits"),
    ]);
    const limitsVersion = head?.seq ?? 0;
    if (heartbeat === undefined) {
      const nothing = { isFresh: false, ageUs: -1, heartbeat: null, status: null };
      return answer({ engine, ...nothing, limitsVersion });
    }
    const { statusJson, ...rest } = heartbeat;
    const ageUs = nowUs - heartbeat.atUs;
    const isFresh = ageUs <= HEARTBEAT_FRESH_US;
    const status = statusOf(heartbeat);
    return answer({ engine, isFresh, ageUs, heartbeat: rest, status, limitsVersion });
  },
});

/** What the engine says of itself; null where it is no JSON. */
function statusOf({ statusJson }: Heartbeat): unknown {
  try {
    return JSON.parse(statusJson);
  } catch {
    return null;
  }
}

const getPositions = endpoint({
  id: "getPositions",
  method: "get",
  path: "/v1/engines/{engine}/positions",
  summary: "The last balances of each account that the engine has published",
  room: "history",
  pathSchema: enginePath,
  responses: { 200: { says: "One item for each venue", schema: pageSchema(factSchema) } },
  work: async (call) => {
    const range = { fromUs: Math.max(0, call.nowUs - US_PER_DAY), toUs: call.nowUs + 1 };
    const page = await findHistory(call.ports, startOf(call, range, false), {
      engine: call.engine,
      kind: "position",
      order: "newest",
      filters: {},
      limit: FACTS_PER_READ,
    });
    if (page === "bad") return badCursor();
    const byVenue = new Map<string, HistoryRecord>();
    for (const record of page.records) {
      const venue = record.venue ?? "";
      if (!byVenue.has(venue)) byVenue.set(venue, record);
    }
    return answer({ items: [...byVenue.values()].map(flatFact) });
  },
});

function startOf(call: Call, range: TimeRange, isOldestFirst: boolean): HistoryPlace {
  return firstPlace(range, isOldestFirst, borderOf(call.nowUs, call.ports.settings.hotDays));
}

type CyclesFound =
  | { readonly ok: true; readonly range: TimeRange; readonly records: readonly HistoryRecord[] }
  | { readonly ok: false; readonly fault: Answer };

/** All cycles of a range; a week where none is named. */
async function cyclesIn(
  call: Call,
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<CyclesFound> {
  const range = rangeOf(query, call.nowUs, 7 * US_PER_DAY);
  if (!range.ok) return range;
  const { fromUs, toUs } = range;
  const records: HistoryRecord[] = [];
  let place: HistoryPlace | undefined = startOf(call, { fromUs, toUs }, true);
  while (place !== undefined) {
    const page = await findHistory(call.ports, place, {
      engine: call.engine,
      kind: "cycle",
      order: "oldest",
      filters: {},
      limit: FACTS_PER_READ,
    });
    if (page === "bad") return { ok: false, fault: badCursor() };
    records.push(...page.records);
    place = page.next;
    if (records.length > CYCLES_MAX) {
      const detail = `The range holds more than ${CYCLES_MAX} cycles; ask for a shorter one.`;
      return { ok: false, fault: problem("invalid", detail, { field: "from" }) };
    }
  }
  return { ok: true, range: { fromUs, toUs }, records };
}

const getPnl = endpoint({
  id: "getPnl",
  method: "get",
  path: "/v1/engines/{engine}/pnl",
  summary: "Profit of cycles and their fees, by day, mode and asset; a week by default",
  room: "history",
  pathSchema: enginePath,
  querySchema: rangeQuery,
  responses: { 200: { says: "Exact sums as decimal text", schema: pnlSchema } },
  work: async (call, { query }) => {
    const found = await cyclesIn(call, query);
    return found.ok ? answer({ ...found.range, ...profitOf(found.records) }) : found.fault;
  },
});

const getExecution = endpoint({
  id: "getExecution",
  method: "get",
  path: "/v1/engines/{engine}/execution",
  summary: "Fill rate, slippage and times, by triangle and leg; a week by default",
  room: "history",
  pathSchema: enginePath,
  querySchema: rangeQuery,
  responses: { 200: { says: "How well cycles were executed", schema: executionSchema } },
  work: async (call, { query }) => {
    const found = await cyclesIn(call, query);
    return found.ok ? answer({ ...found.range, ...executionOf(found.records) }) : found.fault;
  },
});

const getReport = endpoint({
  id: "getReport",
  method: "get",
  path: "/v1/engines/{engine}/reports/{day}",
  summary: "The report of one UTC day",
  room: "reports",
  pathSchema: dayPath,
  responses: { 200: { says: "The report as it was written", schema: reportSchema } },
  work: async ({ ports, engine }, { path }) => {
    const report = await ports.reports.load(engine, path.day);
    return report === undefined ? problem("notFound", "There is no such report.") : answer(report);
  },
});

export const READ_ENDPOINTS: readonly Endpoint[] = [
  getMe,
  listEngines,
  getStatus,
  getPositions,
  getPnl,
  getExecution,
  getReport,
];
