/**
 * Station: a browser's last event id -> what has changed since, as a stream of server-sent events that ends.
 *
 * A Lambda cannot keep a stream open, so each answer tells what there is and ends; the browser comes back
 * by itself after `retry` with the last id, and nothing between two answers is lost. What cannot be read now
 * is told the next time, because the place does not move.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html (read 2026-11-21)
 */
import type { HistoryRecord } from "../../../contracts/history-filter.ts";
import { type ApiApp, SAFETY_HEADERS } from "../app.ts";
import type { ApiPorts } from "../ports.ts";
import { openDoor } from "./door.ts";
import {
  BEHIND_US_MAX,
  decodeLivePlace,
  encodeLivePlace,
  firstPlace,
  type LivePlace,
  OVERLAP_US,
  stepFrom,
} from "./live-place.ts";
import {
  TRANSITION_KINDS,
  type Transition,
  type TransitionKind,
  transitionOf,
} from "./transitions.ts";

/** How soon the browser comes back, and how soon after a failure. */
const RETRY_MS = 2_000;
const RETRY_LOCAL_MS = 1_000;
const RETRY_FAILED_MS = 5_000;
const FACTS_PER_READ = 500;
const READS_MAX = 10;

/** The answer to `GET /events`. */
export async function answerEvents(
  app: ApiApp,
  ports: ApiPorts,
  request: Request,
): Promise<Response> {
  const me = await openDoor(app, request, "").askAt("/v1/me");
  const url = new URL(request.url);
  const engine = url.searchParams.get("engine") ?? "";
  const mayListen = me.ok && Array.isArray(me.body.engines) && me.body.engines.includes(engine);
  if (!mayListen)
    return new Response("", { status: me.ok ? 404 : me.status, headers: SAFETY_HEADERS });
  const word = request.headers.get("last-event-id") ?? url.searchParams.get("from") ?? "";
  const text = await eventsSince(ports, engine, decodeLivePlace(word));
  const headers = { ...SAFETY_HEADERS, "content-type": "text/event-stream; charset=utf-8" };
  return new Response(text, { status: 200, headers });
}

async function eventsSince(
  ports: ApiPorts,
  engine: string,
  place: LivePlace | undefined,
): Promise<string> {
  const nowUs = ports.nowUs();
  const retryMs = ports.settings.isLocal ? RETRY_LOCAL_MS : RETRY_MS;
  const isLost = place === undefined || nowUs - place.atUs > BEHIND_US_MAX;
  if (isLost) {
    // Not known what was told: the page takes everything anew.
    return `retry: ${retryMs}\nid: ${firstPlace(nowUs)}\nevent: reset\ndata: {}\n\n`;
  }
  try {
    const [heartbeat, found] = await Promise.all([
      ports.commands.readHeartbeat(engine),
      transitionsSince(ports, engine, { fromUs: Math.min(place.atUs, nowUs) - OVERLAP_US, nowUs }),
    ]);
    const { fresh, place: after } = stepFrom(place, found, nowUs);
    const beatUs = heartbeat?.atUs ?? 0;
    const id = encodeLivePlace({ ...after, beatUs });
    const lines = fresh.map(({ transition }) => event("transition", transition));
    if (heartbeat !== undefined && beatUs !== place.beatUs) {
      const { atUs, halted, isReady, limitsVersion } = heartbeat;
      lines.push(event("status", { atUs, halted, isReady, limitsVersion }));
    }
    // The place goes last: whoever loses the connection before it hears all of this again.
    return `retry: ${retryMs}\n\n${lines.join("")}id: ${id}\nevent: place\ndata: {}\n\n`;
  } catch (error) {
    ports.log.error("events cannot be read", { route: "events", engine }, error);
    return `retry: ${RETRY_FAILED_MS}\n\n`;
  }
}

/** JSON holds no line break, so one line of data is enough. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

type Found = { readonly name: string; readonly atUs: number; readonly transition: Transition };
type Window = { readonly fromUs: number; readonly nowUs: number };

async function transitionsSince(ports: ApiPorts, engine: string, window: Window): Promise<Found[]> {
  const all = await Promise.all(
    TRANSITION_KINDS.map(async (kind) => {
      const records = await readAll(ports, engine, kind, window);
      return records.map((record) => transitionOf(kind, record));
    }),
  );
  return all.flat().map((transition) => {
    const { id, atUs } = transition;
    return { name: ports.sha256(id).slice(0, 8), atUs, transition };
  });
}

async function readAll(
  ports: ApiPorts,
  engine: string,
  kind: TransitionKind,
  { fromUs, nowUs }: Window,
): Promise<readonly HistoryRecord[]> {
  const records: HistoryRecord[] = [];
  let cursor: string | undefined;
  // An engine's clock may be a little ahead of ours.
  const question = { engine, kind, fromUs, toUs: nowUs + OVERLAP_US, order: "oldest" } as const;
  for (let read = 0; read < READS_MAX; read += 1) {
    const asked = { ...question, filters: {}, limit: FACTS_PER_READ, cursor };
    const page = await ports.history.query(asked);
    if (page.kind === "badCursor") return records;
    records.push(...page.records);
    cursor = page.cursor;
    if (cursor === undefined) return records;
  }
  return records;
}
