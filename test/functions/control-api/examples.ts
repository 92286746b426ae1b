/**
 * One good request for every route: what the suites bend out of shape, and what the contract tests hold to
 * the document.
 */
import { ENDPOINTS } from "../../../functions/control-api/app.ts";
import type { Endpoint } from "../../../functions/control-api/endpoint.ts";
import type { RouteId } from "../../../functions/control-api/roles.ts";
import { ENGINE } from "./memory-ports.ts";
import { freshKey, limitsWith } from "./rig.ts";

export type Example = {
  readonly endpoint: Endpoint;
  readonly id: RouteId;
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Answer where role and input are as they must be. */
  readonly status: number;
};

const REASON = { reason: "a test" };
const LIMITS = limitsWith({ orderNotionalMax: "0.5" });

const BODIES: { readonly [Id in RouteId]?: Readonly<Record<string, unknown>> } = {
  putLimits: { limits: LIMITS, ...REASON },
  previewLimits: { limits: LIMITS },
  approveProposal: { payloadHash: "0".repeat(64), ...REASON },
  rejectProposal: REASON,
  kill: { scope: "venue", target: "kraken", ...REASON },
  release: { scope: "venue", target: "binance-spot", ...REASON },
  setMode: { mode: "exitsOnly", ...REASON },
  pause: REASON,
  resume: REASON,
  resync: { instrument: "kraken:BTC/USD", ...REASON },
  cancelAll: { venue: "kraken", ...REASON },
  drain: { policy: "cancelOnly", ...REASON },
  flatten: { confirm: ENGINE, ...REASON },
};

/** Where the good answer is not 200: things that are not there, and what is on its way. */
const STATUSES: { readonly [Id in RouteId]?: number } = {
  approveProposal: 404,
  rejectProposal: 404,
  kill: 202,
  release: 202,
  setMode: 202,
  pause: 202,
  resume: 202,
  resync: 202,
  cancelAll: 202,
  drain: 202,
  flatten: 202,
  getCommand: 404,
  getReport: 404,
};

/** Examples of all routes with a token, for limits at version 1 (`seedLimits`). */
export const EXAMPLES: readonly Example[] = ENDPOINTS.map((endpoint) => {
  const { id, method, path, guard } = endpoint;
  return {
    endpoint,
    id,
    method: method.toUpperCase(),
    path: path
      .replace("{engine}", ENGINE)
      .replace("{id}", "0abc")
      .replace("{version}", "1")
      .replace("{day}", "2026-11-20"),
    body: BODIES[id],
    headers: headersOf(guard),
    status: STATUSES[id] ?? 200,
  };
});

function headersOf(guard: Endpoint["guard"]): Record<string, string> {
  if (guard === "ifMatch") return { "if-match": '"1"' };
  return guard === "idempotencyKey" ? { "idempotency-key": "key-of-example" } : {};
}

/** The headers of `example` with a key of their own. */
export function freshHeaders({ headers }: Example): Record<string, string> {
  return "idempotency-key" in headers ? { "idempotency-key": freshKey() } : { ...headers };
}
