/**
 * The end points by which an engine is told what to do: kill, release, mode and the commands.
 *
 * A kill and everything that makes the engine do less is one person's word and takes effect at once. A
 * release waits for a second person and for an engine that is well.
 */
import type { z } from "@hono/zod-openapi";
import type { OperatorAction } from "../../contracts/operator-command.ts";
import { askEngine, commandIdIn, killEngine } from "./command-desk.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { badCursor, nextOf, PAGE_LIMIT } from "./paging.ts";
import { answer, problem } from "./problem.ts";
import { proposeChange, releaseObstacle } from "./proposal-desk.ts";
import {
  commandAnswerSchema,
  commandSchema,
  killAnswerSchema,
  pageSchema,
  proposalAnswerSchema,
} from "./response-schemas.ts";
import type { RouteId } from "./roles.ts";
import {
  cancelAllBody,
  commandQuery,
  drainBody,
  enginePath,
  flattenBody,
  idPath,
  killBody,
  modeBody,
  reasonBody,
  resyncBody,
} from "./schemas.ts";

const ROOM = "commands";
const QUEUED = { says: "It is on its way; `Location` tells of it", schema: commandAnswerSchema };
const ENDED = { says: "Its outcome, where it came in time", schema: commandAnswerSchema };

const kill = endpoint({
  id: "kill",
  method: "post",
  path: "/v1/engines/{engine}/kill",
  summary: "Stop trading in all, a venue, a strategy or an instrument, until it is released",
  room: ROOM,
  guard: "optionalKey",
  pathSchema: enginePath,
  bodySchema: killBody,
  responses: {
    200: { says: "The engine has taken it", schema: killAnswerSchema },
    202: { says: "It is on its way by the ways that are true", schema: killAnswerSchema },
  },
  work: (call, { body: { scope, target, reason } }) =>
    killEngine(call, { kind: "kill", scope, target }, { reason, key: keyOf(call) }),
});

const release = endpoint({
  id: "release",
  method: "post",
  path: "/v1/engines/{engine}/release",
  summary: "Propose that a kill be lifted; a second person approves it",
  room: ROOM,
  guard: "idempotencyKey",
  pathSchema: enginePath,
  bodySchema: killBody,
  responses: { 202: { says: "A proposal for a second person", schema: proposalAnswerSchema } },
  work: async (call, { body: { scope, target, reason } }) => {
    const obstacle = await releaseObstacle(call, { scope, target });
    if (obstacle !== undefined) return obstacle;
    const after = { scope, target };
    const change = { kind: "release", reason, baseVersion: 0, before: null } as const;
    return await proposeChange(call, { ...change, after, key: keyOf(call) });
  },
});

/** A command that goes to the engine as it is asked. */
function commandEndpoint<Body extends { readonly reason: string }>(plan: {
  readonly id: RouteId;
  readonly path: string;
  readonly summary: string;
  readonly bodySchema: z.ZodType<Body>;
  readonly actionOf: (body: Body) => OperatorAction;
}): Endpoint {
  return endpoint({
    id: plan.id,
    method: "post",
    path: `/v1/engines/{engine}/${plan.path}`,
    summary: plan.summary,
    room: ROOM,
    guard: "idempotencyKey",
    pathSchema: enginePath,
    bodySchema: plan.bodySchema,
    responses: { 200: ENDED, 202: QUEUED },
    work: (call, { body }) =>
      askEngine(call, plan.actionOf(body), { reason: body.reason, key: keyOf(call) }),
  });
}

const setMode = commandEndpoint({
  id: "setMode",
  path: "mode",
  summary: "The loosest mode that the engine may be in",
  bodySchema: modeBody,
  actionOf: ({ mode }) => ({ kind: "setMode", mode }),
});

const pause = commandEndpoint({
  id: "pause",
  path: "commands/pause",
  summary: "Open nothing new",
  bodySchema: reasonBody,
  actionOf: () => ({ kind: "pause" }),
});

const resume = commandEndpoint({
  id: "resume",
  path: "commands/resume",
  summary: "Back to the engine's own mode",
  bodySchema: reasonBody,
  actionOf: () => ({ kind: "resume" }),
});

const resync = commandEndpoint({
  id: "resync",
  path: "commands/resync",
  summary: "Make one book anew, or all",
  bodySchema: resyncBody,
  // A name that no book has is refused by the engine, which alone knows its books.
  actionOf: ({ instrument }) => {
    return { kind: "resync", instrument } as Extract<OperatorAction, { kind: "resync" }>;
  },
});

const cancelAll = commandEndpoint({
  id: "cancelAll",
  path: "commands/cancelAll",
  summary: "Cancel every open order of ours, at one venue or all",
  bodySchema: cancelAllBody,
  actionOf: ({ venue }) => {
    return { kind: "cancelAll", venue } as Extract<OperatorAction, { kind: "cancelAll" }>;
  },
});

const drain = commandEndpoint({
  id: "drain",
  path: "commands/drain",
  summary: "Finish or unwind what is under way",
  bodySchema: drainBody,
  actionOf: ({ policy }) => ({ kind: "drain", policy }),
});

const flatten = endpoint({
  id: "flatten",
  method: "post",
  path: "/v1/engines/{engine}/commands/flatten",
  summary: "Unwind what is under way and sell what is held",
  room: ROOM,
  guard: "idempotencyKey",
  pathSchema: enginePath,
  bodySchema: flattenBody,
  responses: { 200: ENDED, 202: QUEUED },
  work: async (call, { body: { confirm, reason } }) => {
    if (confirm !== call.engine) {
      return problem("invalid", "Expected the engine's name.", { field: "confirm" });
    }
    return await askEngine(call, { kind: "flatten" }, { reason, key: keyOf(call) });
  },
});

const listCommands = endpoint({
  id: "listCommands",
  method: "get",
  path: "/v1/engines/{engine}/commands",
  summary: "What was asked of the engine and what became of it, newest first",
  room: ROOM,
  pathSchema: enginePath,
  querySchema: commandQuery,
  responses: { 200: { says: "A page of commands", schema: pageSchema(commandSchema) } },
  work: async ({ ports, engine }, { query }) => {
    const { limit = PAGE_LIMIT, cursor, state } = query;
    const request = { limit: Math.min(limit, PAGE_LIMIT), cursor };
    const page = await ports.control.list(engine, "action", request);
    if (page.kind === "badCursor") return badCursor();
    const ids = page.items.flatMap((item) => commandIdIn(item) ?? []);
    const records = ids.length === 0 ? [] : await ports.commands.readMany(engine, ids);
    const items = records.filter((record) => state === undefined || record.state === state);
    return answer({ items, ...nextOf(page.cursor) });
  },
});

const getCommand = endpoint({
  id: "getCommand",
  method: "get",
  path: "/v1/engines/{engine}/commands/{id}",
  summary: "One command and what became of it",
  room: ROOM,
  pathSchema: idPath,
  responses: { 200: { says: "The command", schema: commandSchema } },
  work: async ({ ports, engine }, { path }) => {
    const record = await ports.commands.read(engine, path.id);
    return record === undefined ? problem("notFound", "There is no such command.") : answer(record);
  },
});

/** What makes a request itself however often it comes: its key, and without one it stands alone. */
function keyOf(call: Call): string {
  return call.header("idempotency-key") || call.requestId;
}

export const COMMAND_ENDPOINTS: readonly Endpoint[] = [
  kill,
  release,
  setMode,
  pause,
  resume,
  resync,
  cancelAll,
  drain,
  flatten,
  listCommands,
  getCommand,
];
