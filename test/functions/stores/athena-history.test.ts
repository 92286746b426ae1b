// Goal: questions reach Athena as parameters, are paged, timed and stopped. Method: a local server that speaks
// Athena's JSON protocol and answers by a plan.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AthenaClient } from "@aws-sdk/client-athena";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fact } from "../../../contracts/history.ts";
import { createAthenaHistory, statementOf } from "../../../functions/stores/athena-history.ts";
import type { ColdHistory } from "../../../functions/stores/cold-history.ts";
import type { HistoryQuery } from "../../../functions/stores/history-query.ts";
import { StoreError } from "../../../functions/stores/store-error.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

type Asked = { readonly action: string; readonly body: Readonly<Record<string, unknown>> };

let server: Server;
let client: AthenaClient;
let asked: Asked[];
/** What the server says of the state of a question, one answer after another; the last one stays. */
let states: string[];
let facts: Fact[];
let nowMs: number;

beforeEach(async () => {
  asked = [];
  states = ["SUCCEEDED"];
  facts = [];
  nowMs = 0;
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => {
      text += piece.toString();
    });
    request.on("end", () => {
      const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const body = JSON.parse(text) as Asked["body"];
      asked.push({ action, body });
      const { status, answer } = answerTo(action, body);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new AthenaClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const ROWS_PER_PAGE = 2;

function answerTo(
  action: string,
  body: Asked["body"],
): { readonly status: number; readonly answer: unknown } {
  switch (action) {
    case "StartQueryExecution":
      return { status: 200, answer: { QueryExecutionId: "q-1" } };
    case "GetQueryExecution": {
      const State = states.length > 1 ? states.shift() : states[0];
      const Status = { State, StateChangeReason: "by plan" };
      return { status: 200, answer: { QueryExecution: { Status } } };
    }
    case "GetQueryResults": {
      const from = Number(body.NextToken ?? 0);
      const page = facts.slice(from, from + ROWS_PER_PAGE).map((fact) => ({
        Data: [fact.observed_at, fact.fact_id, JSON.stringify(fact)].map((value) => ({
          VarCharValue: String(value),
        })),
      }));
      const header = {
        Data: ["at_us", "fact_id", "fact"].map((VarCharValue) => ({ VarCharValue })),
      };
      const NextToken =
        from + ROWS_PER_PAGE < facts.length ? String(from + ROWS_PER_PAGE) : undefined;
      return {
        status: 200,
        answer: { ResultSet: { Rows: from === 0 ? [header, ...page] : page }, NextToken },
      };
    }
    case "StopQueryExecution":
      return { status: 200, answer: {} };
    default:
      return { status: 400, answer: { __type: "InvalidRequestException", message: action } };
  }
}

function cold(timeoutMs = 10_000): ColdHistory {
  const clock = (): number => {
    nowMs += 10;
    return nowMs;
  };
  return createAthenaHistory(client, {
    database: "reckoner",
    workGroup: "history",
    timeoutMs,
    nowMs: clock,
  });
}

function question(change: Partial<HistoryQuery> = {}): HistoryQuery {
  return {
    engine: "paper",
    kind: "denial",
    fromUs: FACTS_START_US,
    toUs: FACTS_START_US + 86_400_000_000,
    order: "newest",
    filters: {},
    limit: 5,
    ...change,
  };
}

describe("a question", () => {
  test("is one statement whose values are parameters, and comes back whole", async () => {
    facts = [3, 2, 1].map((n) => sampleFact("denial", n));
    states = ["QUEUED", "RUNNING", "SUCCEEDED"];
    const page = await cold().query(question({ filters: { control: "it's" } }));
    expect(page).toMatchObject({ kind: "page", records: facts, cursor: undefined });
    const [start] = asked;
    expect(start?.action).toBe("StartQueryExecution");
    expect(start?.body).toMatchObject({
      WorkGroup: "history",
      QueryExecutionContext: { Database: "reckoner" },
    });
    const sql = String(start?.body.QueryString);
    expect(sql).toContain("FROM facts_denial");
    expect(sql).not.toContain("it's");
    expect(start?.body.ExecutionParameters).toContain("'it''s'");
    expect(asked.map(({ action }) => action)).toEqual([
      "StartQueryExecution",
      "GetQueryExecution",
      "GetQueryExecution",
      "GetQueryExecution",
      "GetQueryResults",
      "GetQueryResults",
    ]);
  });

  test("that fills its page names where the next one begins, and goes on there", async () => {
    facts = [4, 3].map((n) => sampleFact("denial", n));
    const page = await cold().query(question({ limit: 2 }));
    if (page.kind !== "page") throw new Error("there was no cursor");
    expect(page.cursor).toBeDefined();
    facts = [];
    const next = await cold().query(question({ limit: 2, cursor: page.cursor }));
    expect(next).toMatchObject({ records: [], cursor: undefined });
    const last = asked.filter(({ action }) => action === "StartQueryExecution").at(-1);
    expect(last?.body.QueryString).toContain("(at_us < ? OR (at_us = ? AND fact_id < ?))");
    const at = String(FACTS_START_US + 3_000_000);
    expect(last?.body.ExecutionParameters).toEqual(expect.arrayContaining([at, "'denial-3'"]));
  });

  test("with as many placeholders as parameters, for every filter and order", () => {
    for (const order of ["newest", "oldest"] as const) {
      const filters = { venue: "kraken", instrument: "kraken:X", leg: "1", reason: "?" };
      const start = { day: "2026-09-21", sk: `${FACTS_START_US + 1}#a` };
      const statement = statementOf(question({ order, filters }), start);
      const marks = [...(statement?.sql ?? "").matchAll(/\?/g)].length;
      expect(statement?.parameters.length).toBe(marks);
      expect(marks).toBe(5 + 4 + 3);
    }
  });

  test("of what an order has come to is held against its last report, after the place", () => {
    const filters = { state: "filled", instrument: "kraken:X" };
    const start = { day: "2026-09-21", sk: `${FACTS_START_US + 1}#a` };
    const statement = statementOf(question({ kind: "order", filters }), start);
    expect(statement?.sql).toContain('HAVING max_by(CAST("state" AS varchar), ingested_at_us) = ?');
    expect(statement?.sql.match(/\?/g)).toHaveLength(statement?.parameters.length ?? 0);
    expect(statement?.parameters.at(-1)).toBe("'filled'");
  });

  test("that can have no answer is not asked", async () => {
    for (const change of [
      { kind: "report" },
      { filters: { severity: "1" } },
      { toUs: FACTS_START_US },
    ] as const) {
      const page = await cold().query(question(change));
      expect(page).toMatchObject({ records: [], cursor: undefined });
    }
    expect(asked).toEqual([]);
  });

  test("with a cursor of another question is refused unasked", async () => {
    const bad = { kind: "badCursor", field: "cursor" };
    expect(await cold().query(question({ cursor: "forged" }))).toEqual(bad);
    expect(asked).toEqual([]);
  });
});

describe("a question that is not answered", () => {
  test("in its time is stopped", async () => {
    states = ["RUNNING"];
    await expect(cold(200).query(question())).rejects.toThrow(StoreError);
    expect(asked.at(-1)?.action).toBe("StopQueryExecution");
  });

  test.each(["FAILED", "CANCELLED"])("because it %s is an error with the reason", async (state) => {
    states = [state];
    const error = await cold()
      .query(question())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).fault).toBe("refused");
    expect(String((error as StoreError).cause)).toContain("by plan");
  });

  test("because the service is away is an error", async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await expect(cold().query(question())).rejects.toThrow(StoreError);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
});
