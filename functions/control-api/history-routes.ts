/**
 * The end points of history: one for each kind of fact, all of them the same question.
 *
 * Recent days are asked of the table, older ones of the archive, and nobody has to know which: a page that
 * ends at the border goes on behind it. Answers are JSON, or CSV for those who want a spreadsheet.
 */
import type { HistoryFilter, HistoryFilters } from "../../contracts/history-filter.ts";
import type { HistoryKind } from "../../contracts/keys.ts";
import { csvOf } from "./csv.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { flatFact } from "./flat-fact.ts";
import {
  borderOf,
  decodePlace,
  encodePlace,
  findHistory,
  firstPlace,
  type HistoryPlace,
} from "./history-page.ts";
import { badCursor, nextOf, PAGE_LIMIT } from "./paging.ts";
import { type Answer, answer } from "./problem.ts";
import { historyPageSchema } from "./response-schemas.ts";
import type { RouteId } from "./roles.ts";
import { enginePath, historyQuery } from "./schemas.ts";
import { rangeOf } from "./time-range.ts";

type HistoryRoute = {
  readonly id: RouteId;
  readonly path: string;
  readonly kind: HistoryKind;
  readonly says: string;
  readonly filters: readonly HistoryFilter[];
  /** Days up to now that are meant where no range is named; one is usual. */
  readonly usualDays?: number;
  /** Lies in the table for good: the archive holds only what the engine told. */
  readonly isHotOnly?: boolean;
};

const US_PER_DAY = 86_400_000_000;

const CYCLE_FILTERS = ["cycle", "leg", "corr", "triangle"] as const;

/** The kinds that can be asked for, each with the fields that it can be filtered by. */
export const HISTORY_ROUTES: readonly HistoryRoute[] = [
  {
    id: "listTrades",
    path: "trades",
    kind: "fill",
    says: "Our fills",
    filters: ["venue", "instrument", "side", "clientId", "orderId", "mode", ...CYCLE_FILTERS],
  },
  {
    id: "listOrders",
    path: "orders",
    kind: "order",
    says: "Our orders, as they were reported",
    filters: ["venue", "instrument", "side", "state", "clientId", "orderId", ...CYCLE_FILTERS],
  },
  {
    id: "listCycles",
    path: "cycles",
    kind: "cycle",
    says: "Cycles that ended, with their legs",
    filters: ["venue", "triangle", "corr", "cycle", "ending", "mode", "reason"],
  },
  {
    id: "listOpportunities",
    path: "opportunities",
    kind: "opportunity",
    says: "Opportunities seen, and what was decided",
    filters: ["venue", "triangle", "decision", "reason"],
  },
  {
    id: "listDenials",
    path: "denials",
    kind: "denial",
    says: "What the risk gate refused, by which control and version of limits",
    filters: ["venue", "instrument", "control", "cycle", "leg", "reason"],
  },
  {
    id: "listResyncs",
    path: "resyncs",
    kind: "resync",
    says: "Resyncs: cause, epoch, six stages, orders that were open meanwhile",
    filters: ["venue", "instrument", "cause"],
  },
  {
    id: "listLatency",
    path: "latency",
    kind: "latency",
    says: "The loop's delays, minute by minute",
    filters: ["venue"],
  },
  {
    id: "listAlerts",
    path: "alerts",
    kind: "alert",
    says: "Alarms of the engine",
    filters: ["venue", "instrument", "severity", "kind"],
  },
  {
    id: "listModes",
    path: "modes",
    kind: "mode",
    says: "Changes of mode, with their reasons",
    filters: ["venue", "reason"],
  },
  {
    id: "listKills",
    path: "kills",
    kind: "kill",
    says: "Kills and releases as the engine took them",
    filters: ["venue", "scope"],
  },
  { id: "listRuns", path: "runs", kind: "run", says: "Starts and ends of runs", filters: [] },
  {
    id: "listPositions",
    path: "positions/history",
    kind: "position",
    says: "Balances and open orders, about once a minute",
    filters: ["venue", "mode"],
  },
  {
    id: "listReports",
    path: "reports",
    kind: "report",
    says: "The daily reports; a month by default",
    filters: [],
    usualDays: 31,
    isHotOnly: true,
  },
];

const COLUMNS = ["at", "atUs", "venue", "instrument", "kind"] as const;

type HistoryInput = Readonly<Record<string, string | number | undefined>>;

function historyEndpoint(route: HistoryRoute): Endpoint {
  return endpoint({
    id: route.id,
    method: "get",
    path: `/v1/engines/{engine}/${route.path}`,
    summary: route.says,
    room: "history",
    pathSchema: enginePath,
    querySchema: historyQuery(route.filters),
    responses: { 200: { says: "A page of facts", schema: historyPageSchema } },
    work: (call, { query }) => answerHistory(call, route, query as HistoryInput),
  });
}

async function answerHistory(
  call: Call,
  route: HistoryRoute,
  input: HistoryInput,
): Promise<Answer> {
  const place = placeOf(call, route, input);
  if (!place.ok) return place.fault;
  const page = await findHistory(call.ports, place.at, {
    engine: call.engine,
    kind: route.kind,
    order: input.order === "oldest" ? "oldest" : "newest",
    filters: filtersOf(route, input),
    limit: Number(input.limit ?? PAGE_LIMIT),
  });
  if (page === "bad") return badCursor();
  const next = page.next === undefined ? undefined : encodePlace(page.next);
  const rows = page.records.map(flatFact);
  const headers = linkTo(call, next);
  if (wantsCsv(call, input.format)) {
    const text = { type: "text/csv; charset=utf-8; header=present", body: csvOf(rows, COLUMNS) };
    return { status: 200, body: undefined, text, headers };
  }
  const { fromUs, toUs } = place.at;
  const body = { items: rows, ...nextOf(next), fromUs, toUs, sources: page.sources };
  return answer(body, 200, headers);
}

type PlaceReading =
  | { readonly ok: true; readonly at: HistoryPlace }
  | { readonly ok: false; readonly fault: Answer };

/** Where a page begins: at a cursor, which knows its range, or at the range that was asked for. */
function placeOf(
  call: Call,
  { usualDays = 1, isHotOnly = false }: HistoryRoute,
  { from, to, cursor, order }: HistoryInput,
): PlaceReading {
  const at = cursor === undefined ? undefined : decodePlace(String(cursor));
  if (cursor !== undefined && at === undefined) return { ok: false, fault: badCursor() };
  const named = { from: textOf(from), to: textOf(to) };
  const range = rangeOf(named, call.nowUs, usualDays * US_PER_DAY);
  if (!range.ok) return range;
  if (at === undefined) {
    const { hotDays } = call.ports.settings;
    const borderUs = isHotOnly ? 0 : borderOf(call.nowUs, hotDays);
    return { ok: true, at: firstPlace(range, order === "oldest", borderUs) };
  }
  // A range that is named beside the cursor must be the cursor's own.
  const isOther =
    (from !== undefined && range.fromUs !== at.fromUs) ||
    (to !== undefined && range.toUs !== at.toUs);
  return isOther ? { ok: false, fault: badCursor() } : { ok: true, at };
}

function filtersOf({ filters }: HistoryRoute, input: HistoryInput): HistoryFilters {
  return Object.fromEntries(
    filters.flatMap((name) => (input[name] === undefined ? [] : [[name, String(input[name])]])),
  );
}

function textOf(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** CSV by `format`, or by `Accept` where that names nothing else first. */
function wantsCsv(call: Call, format: string | number | undefined): boolean {
  if (format !== undefined) return format === "csv";
  return /^\s*text\/csv\b/.test(call.header("accept"));
}

/** The address of the next page, for those who read CSV and have no place for a cursor in it. */
function linkTo(call: Call, cursor: string | undefined): Record<string, string> {
  if (cursor === undefined) return {};
  const query = new URLSearchParams(call.url.search);
  query.set("cursor", cursor);
  return { link: `<${call.url.pathname}?${query}>; rel="next"`, "x-next-cursor": cursor };
}

export const HISTORY_ENDPOINTS: readonly Endpoint[] = HISTORY_ROUTES.map(historyEndpoint);
