/**
 * Who may do what: the one table of every route and the least role that may use it.
 *
 * Default deny: a route that has no row here does not start, and neither does a row without its route.
 * Roles only grow: whoever is risk is also operator and viewer. What a role is called in a token is the
 * name of a group (`cognito:groups`); groups `engine:<id>` narrow a person to the engines so named.
 */

export const ROLES = ["viewer", "operator", "risk", "admin"] as const;
export type Role = (typeof ROLES)[number];

export type RouteRow = {
  /** `public` needs no token and shows nothing of any engine. */
  readonly role: Role | "public";
  /** `kill` is exempt from every rate limit and works while the tables do not. */
  readonly kind: "read" | "write" | "kill";
};

const read = { role: "viewer", kind: "read" } as const;

/** By the route's id, which is also its `operationId`. */
export const ROUTES = {
  getHealth: { role: "public", kind: "read" },
  getOpenApi: { role: "public", kind: "read" },
  getMe: read,
  listEngines: read,

  getLimits: read,
  putLimits: { role: "risk", kind: "write" },
  listLimits: read,
  getLimitsVersion: read,
  previewLimits: read,

  listProposals: read,
  approveProposal: { role: "risk", kind: "write" },
  rejectProposal: { role: "risk", kind: "write" },

  kill: { role: "operator", kind: "kill" },
  release: { role: "risk", kind: "write" },
  setMode: { role: "operator", kind: "write" },
  pause: { role: "operator", kind: "write" },
  resume: { role: "operator", kind: "write" },
  resync: { role: "operator", kind: "write" },
  cancelAll: { role: "operator", kind: "write" },
  drain: { role: "operator", kind: "write" },
  flatten: { role: "risk", kind: "write" },
  listCommands: read,
  getCommand: read,

  getStatus: read,
  getPositions: read,
  listTrades: read,
  listOrders: read,
  listCycles: read,
  listOpportunities: read,
  listDenials: read,
  listResyncs: read,
  listLatency: read,
  listAlerts: read,
  listModes: read,
  listKills: read,
  listRuns: read,
  listPositions: read,
  getPnl: read,
  getExecution: read,

  getAudit: read,
  verifyAudit: read,
  listReports: read,
  getReport: read,
} as const satisfies Readonly<Record<string, RouteRow>>;

export type RouteId = keyof typeof ROUTES;
export const ROUTE_IDS = Object.keys(ROUTES) as readonly RouteId[];

/** Who asks, as a verified token tells it. */
export type Principal = {
  readonly subject: string;
  /** The highest of the token's roles; undefined where it names none, which may do nothing. */
  readonly role: Role | undefined;
  /** The engines this person may see, or "all". */
  readonly engines: readonly string[] | "all";
};

const ENGINE_GROUP = "engine:";

/** What the groups of a token amount to; groups that are no role of ours are passed over. */
export function principalOf(subject: string, groups: readonly string[]): Principal {
  const engines = groups
    .filter((group) => group.startsWith(ENGINE_GROUP))
    .map((group) => group.slice(ENGINE_GROUP.length));
  return {
    subject,
    role: ROLES.findLast((role) => groups.includes(role)),
    engines: engines.length === 0 ? "all" : engines,
  };
}

/** Whether `principal` has at least the role that `route` asks for. */
export function mayUse(principal: Principal, route: RouteId): boolean {
  const { role } = ROUTES[route];
  if (role === "public") return true;
  if (principal.role === undefined) return false;
  return ROLES.indexOf(principal.role) >= ROLES.indexOf(role);
}

/** Whether `principal` may see `engine` at all. */
export function maySee(principal: Principal, engine: string): boolean {
  return principal.engines === "all" || principal.engines.includes(engine);
}
