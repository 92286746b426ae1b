/**
 * Station: a page's question -> the same application that answers the API, with the caller's own token.
 *
 * Pages have no way of their own to the stores: roles, rates and the audit hold for them as for everybody.
 */
import type { ApiApp } from "../app.ts";
import { type Row, rowOf } from "./words.ts";

/** What the API said. `body` is empty where it was no object. */
export type Told = {
  readonly status: number;
  readonly ok: boolean;
  readonly body: Row;
  readonly headers: Headers;
};

export type Question = Readonly<Record<string, string | undefined>>;

export type Sending = {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Door = {
  /** Asks `path` of the engine, such as `/limits`. */
  readonly ask: (path: string, question?: Question) => Promise<Told>;
  /** Asks a path that belongs to no engine, such as `/v1/me`. */
  readonly askAt: (path: string) => Promise<Told>;
  readonly send: (sending: Sending) => Promise<Told>;
};

/** What tells the gate who asks and from where. */
const PASSED_ON = ["authorization", "cookie", "origin", "sec-fetch-site"] as const;

/** The API as whoever sent `request` sees it. */
export function openDoor(app: ApiApp, request: Request, engine: string): Door {
  const { origin } = new URL(request.url);
  const own = new Headers();
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) own.set(name, value);
  }
  const base = `/v1/engines/${encodeURIComponent(engine)}`;
  const askAt = async (path: string): Promise<Told> =>
    toldOf(await app.fetch(new Request(new URL(path, origin), { headers: own })));
  return {
    askAt,
    ask: (path, question = {}) => askAt(`${base}${path}${queryText(question)}`),
    send: async ({ method, path, body, headers = {} }) => {
      const all = new Headers(own);
      all.set("content-type", "application/json");
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      const init = { method, headers: all, body: JSON.stringify(body) };
      return toldOf(await app.fetch(new Request(new URL(`${base}${path}`, origin), init)));
    },
  };
}

/** `?a=b` of what is given and not empty; "" of nothing. */
export function queryText(question: Question): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(question)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

async function toldOf(answer: Response): Promise<Told> {
  const { status, headers, ok } = answer;
  return { status, headers, ok, body: rowOf(await answer.json().catch(() => undefined)) };
}
