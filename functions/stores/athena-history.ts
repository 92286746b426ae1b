/**
 * History older than the table of history keeps, asked of Athena: the same questions, order and cursors.
 *
 * The statement is put together from our own column names only; every value that comes from outside is a
 * parameter, quoted as a literal. A question that is not answered in its time is stopped, so that it costs
 * nothing more. A fact that two segments hold comes once, as its later report.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html (2026-11-21)
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { columnOfField, FACT_FIELDS, factTableName } from "../../contracts/archive.ts";
import { dayOf } from "../../contracts/calendar.ts";
import { FACT_KINDS, type FactKind } from "../../contracts/history.ts";
import { HISTORY_FILTERS, type HistoryRecord } from "../../contracts/history-filter.ts";
import { joinKey, paddedTime } from "../../contracts/keys.ts";
import type { ColdHistory } from "./cold-history.ts";
import { BAD_CURSOR, type BadCursor } from "./cursor.ts";
import {
  cursorAt,
  HISTORY_LIMIT_MAX,
  type HistoryPage,
  type HistoryPlace,
  type HistoryQuery,
  mayChange,
  placeOf,
} from "./history-query.ts";
import { asked, StoreError } from "./store-error.ts";

export type AthenaOptions = {
  readonly database: string;
  readonly workGroup: string;
  /** How long one question may take; the HTTP API has 29 s in all. */
  readonly timeoutMs: number;
  /** Milliseconds that only go forward. */
  readonly nowMs: () => number;
};

/** Pauses between two looks at a question under way: short at first, then this long. */
const POLL_MS_FIRST = 50;
const POLL_MS_MAX = 1_000;
/** "MaxResults ... 1000" (GetQueryResults, API reference, 2026-11-21); one row more is the header. */
const ROWS_PER_ANSWER = 1_000;

/** Older history, by the tables of `contracts/archive.ts` in `options.database`. */
export function createAthenaHistory(client: AthenaClient, options: AthenaOptions): ColdHistory {
  return { query: (query) => pageOf(client, options, query) };
}

async function pageOf(
  client: AthenaClient,
  options: AthenaOptions,
  query: HistoryQuery,
): Promise<HistoryPage | BadCursor> {
  const start = placeOf(query);
  if (start === "bad") return BAD_CURSOR;
  const statement = statementOf(query, start);
  if (statement === undefined) return pageOfRows(query, []);
  const execution = await begin(client, options, statement);
  await untilDone(client, options, execution);
  return pageOfRows(query, await rowsOf(client, execution));
}

export type Statement = { readonly sql: string; readonly parameters: readonly string[] };

/** The statement of `query` after `start`; undefined where nothing can match. */
export function statementOf(
  query: HistoryQuery,
  start: HistoryPlace | undefined,
): Statement | undefined {
  const kind = FACT_KINDS.find((one) => one === query.kind);
  if (kind === undefined || query.toUs <= query.fromUs) return undefined;
  const clauses = ["day BETWEEN ? AND ?", "engine = ?", "at_us >= ?", "at_us < ?"];
  const parameters = [
    literal(dayOf(query.fromUs)),
    literal(dayOf(query.toUs - 1)),
    literal(query.engine),
    String(query.fromUs),
    String(query.toUs),
  ];
  const filtered = filterClauses(kind, query);
  if (filtered === undefined) return undefined;
  for (const [clause, value] of filtered.fixed) {
    clauses.push(clause);
    parameters.push(literal(value));
  }
  const isNewest = query.order === "newest";
  if (start !== undefined) {
    const sign = isNewest ? "<" : ">";
    clauses.push(`(at_us ${sign} ? OR (at_us = ? AND fact_id ${sign} ?))`);
    const atUs = String(Number(start.sk.slice(0, 16)));
    parameters.push(atUs, atUs, literal(start.sk.slice(17)));
  }
  const having = filtered.changing.map(([clause]) => clause);
  parameters.push(...filtered.changing.map(([, value]) => literal(value)));
  const direction = isNewest ? "DESC" : "ASC";
  const sql = [
    "SELECT at_us, fact_id, max_by(fact, ingested_at_us) AS fact",
    `FROM ${factTableName(kind)}`,
    `WHERE ${clauses.join(" AND ")}`,
    "GROUP BY at_us, fact_id",
    ...(having.length === 0 ? [] : [`HAVING ${having.join(" AND ")}`]),
    `ORDER BY at_us ${direction}, fact_id ${direction}`,
    `LIMIT ${limitOf(query)}`,
  ].join("\n");
  return { sql, parameters };
}

type Clause = readonly [clause: string, value: string];

/** One clause a filter, on rows or on what counts of them; undefined where the kind has no such field. */
function filterClauses(
  kind: FactKind,
  { filters }: HistoryQuery,
): { readonly fixed: readonly Clause[]; readonly changing: readonly Clause[] } | undefined {
  const fields: readonly string[] = Object.keys(FACT_FIELDS[kind]);
  const fixed: Clause[] = [];
  const changing: Clause[] = [];
  for (const filter of HISTORY_FILTERS) {
    const value = filters[filter];
    if (value === undefined) continue;
    if (filter !== "venue" && !fields.includes(filter)) return undefined;
    // Numbers are compared as the text that a person asks with, as everywhere in history.
    const column = filter === "venue" ? "venue" : `CAST("${columnOfField(filter)}" AS varchar)`;
    if (mayChange(kind, filter)) changing.push([`max_by(${column}, ingested_at_us) = ?`, value]);
    else fixed.push([`${column} = ?`, value]);
  }
  return { fixed, changing };
}

/** A parameter is an expression of SQL, so text stands in quotes, and a quote in it twice. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function limitOf({ limit }: HistoryQuery): number {
  return Math.min(limit, HISTORY_LIMIT_MAX);
}

async function begin(
  client: AthenaClient,
  { database, workGroup }: AthenaOptions,
  { sql, parameters }: Statement,
): Promise<string> {
  const { QueryExecutionId } = await asked("start a question of the archive", () =>
    client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        ExecutionParameters: [...parameters],
        QueryExecutionContext: { Database: database },
        WorkGroup: workGroup,
        // The archive does not change behind a question within this time; the same page again is free.
        ResultReuseConfiguration: {
          ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 5 },
        },
      }),
    ),
  );
  if (QueryExecutionId === undefined) throw new StoreError("Athena", "unavailable", "no id");
  return QueryExecutionId;
}

async function untilDone(
  client: AthenaClient,
  { timeoutMs, nowMs }: AthenaOptions,
  execution: string,
): Promise<void> {
  const endMs = nowMs() + timeoutMs;
  for (let pauseMs = POLL_MS_FIRST; ; pauseMs = Math.min(2 * pauseMs, POLL_MS_MAX)) {
    const { QueryExecution } = await asked("look at a question of the archive", () =>
      client.send(new GetQueryExecutionCommand({ QueryExecutionId: execution })),
    );
    const state = QueryExecution?.Status?.State;
    if (state === "SUCCEEDED") return;
    if (state === "FAILED" || state === "CANCELLED") {
      const reason = QueryExecution?.Status?.StateChangeReason ?? state;
      throw new StoreError("ask the archive", "refused", new Error(reason));
    }
    if (nowMs() + pauseMs >= endMs) break;
    await sleep(pauseMs);
  }
  await asked("stop a question of the archive", () =>
    client.send(new StopQueryExecutionCommand({ QueryExecutionId: execution })),
  );
  throw new StoreError("ask the archive", "unavailable", new Error(`no answer in ${timeoutMs} ms`));
}

type FactRow = { readonly atUs: number; readonly factId: string; readonly text: string };

async function rowsOf(client: AthenaClient, execution: string): Promise<FactRow[]> {
  const rows: FactRow[] = [];
  let token: string | undefined;
  do {
    const answer = await asked("read an answer of the archive", () =>
      client.send(
        new GetQueryResultsCommand({
          QueryExecutionId: execution,
          MaxResults: ROWS_PER_ANSWER,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const found = answer.ResultSet?.Rows ?? [];
    // The first row of the first answer holds the names of the columns.
    for (const { Data = [] } of token === undefined ? found.slice(1) : found) {
      const [atUs, factId, fact] = Data.map(({ VarCharValue = "" }) => VarCharValue);
      rows.push({ atUs: Number(atUs), factId: factId ?? "", text: fact ?? "" });
    }
    token = answer.NextToken;
  } while (token !== undefined);
  return rows;
}

function pageOfRows(query: HistoryQuery, rows: readonly FactRow[]): HistoryPage {
  const last = rows.length === limitOf(query) ? rows.at(-1) : undefined;
  const place = last && {
    day: dayOf(last.atUs),
    sk: joinKey(paddedTime(last.atUs), last.factId),
  };
  return {
    kind: "page",
    records: rows.map(({ text }) => JSON.parse(text) as HistoryRecord),
    cursor: place === undefined ? undefined : cursorAt(query, place),
    examinedCount: rows.length,
  };
}
