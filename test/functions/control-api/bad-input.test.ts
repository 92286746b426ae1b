// Goal: nothing bad gets in by any route (RELIABILITY 6.1, S01 to S09). Method: a table of every route
// against every bad token, role, engine, body, query and header; each case has one exact status, a problem
// that names no secret, and no effect but an audited refusal.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AMOUNT_CEILINGS,
  NUMBER_BOUNDS,
  type NumberLimit,
} from "../../../contracts/risk-limits.ts";
import { BODY_BYTES_MAX, LIMITS_BODY_BYTES_MAX } from "../../../functions/control-api/gate.ts";
import { ROLES, ROUTES, type Role } from "../../../functions/control-api/roles.ts";
import { EXAMPLES, type Example, freshHeaders } from "./examples.ts";
import { ENGINE } from "./memory-ports.ts";
import {
  createRigMaker,
  limitsWith,
  type Person,
  type Rig,
  type RigMaker,
  seedLimits,
  type Told,
} from "./rig.ts";
import { badTokens } from "./test-tokens.ts";

let maker: RigMaker;
let shared: Rig;
let caseCount = 0;
let badHeaders: ReadonlyMap<string, string | undefined>;

beforeAll(async () => {
  maker = await createRigMaker();
  shared = maker.create();
  await seedLimits(shared);
  badHeaders = new Map((await badTokens(maker.mint)).map(({ name, header }) => [name, header]));
});

afterAll(() => {
  // The house promises at least 600; a table that lost its rows must not pass in silence.
  expect(caseCount).toBeGreaterThanOrEqual(600);
});

/** What a refused request may leave behind: nothing but refusals in the chain of actions. */
function footprint({ memory }: Rig): unknown {
  const actions = memory.chains.get(`${ENGINE} action`) ?? [];
  return {
    limits: memory.chains.get(`${ENGINE} limits`)?.length ?? 0,
    actions: actions.filter(({ kind }) => kind !== "refused").length,
    proposals: [...memory.proposals.values()].map(({ state }) => state),
    commands: memory.commands.size,
    sent: memory.sent.length,
  };
}

type Bad = {
  readonly as?: Person | undefined;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
};

/** Sends `bad` and holds it to `status`, to the form of a problem, and to having done nothing. */
async function refused(example: Example, bad: Bad, status: number): Promise<Told> {
  caseCount += 1;
  // Every case has buckets of its own, so that none is emptied by the cases before it.
  shared.restart();
  const before = footprint(shared);
  const told = await shared.ask(example.method, bad.path ?? example.path, {
    as: bad.as,
    ...(bad.text === undefined ? { body: bad.body ?? example.body } : { text: bad.text }),
    headers: { ...freshHeaders(example), ...bad.headers },
  });
  expect(told.status, told.text).toBe(status);
  expect(told.headers.get("content-type")).toBe("application/problem+json");
  expect(told.body.status).toBe(status);
  expect(told.headers.get("x-request-id")).toBe(told.body.requestId);
  expect(told.text).not.toMatch(/secret|stack|node_modules|zod/i);
  expect(footprint(shared)).toEqual(before);
  return told;
}

const BAD_TOKEN_NAMES = [
  "no token",
  "an empty header",
  "another scheme",
  "no token behind the scheme",
  "words",
  "alg none",
  "alg none with a signature",
  "a key taken for a secret",
  "another's signature",
  "a cut signature",
  "a key that nobody knows",
  "expired",
  "not yet valid",
  "issued in the future",
  "issued too long ago",
  "another issuer",
  "another audience",
  "no audience",
  "no end",
  "no subject",
  "a subject with a line break",
  "groups that are no list",
];

describe.each(EXAMPLES)("$id without a good token", (example) => {
  test.each(BAD_TOKEN_NAMES)("%s: 401", async (name) => {
    expect(badHeaders.has(name)).toBe(true);
    const authorization = badHeaders.get(name);
    const headers = authorization === undefined ? {} : { authorization };
    const told = await refused(example, { headers }, 401);
    expect(told.headers.get("www-authenticate")).toContain("Bearer");
    // Whoever is nobody does not learn what was wrong with the token.
    expect(told.body.detail).toBe("Send a valid token.");
  });
});

const PERSON_OF: Readonly<Record<Role | "none", Person>> = {
  none: "nobody",
  viewer: "vera",
  operator: "otto",
  risk: "rita",
  admin: "anna",
};

describe.each(EXAMPLES)("$id by role", (example) => {
  test.each(["none", ...ROLES] as const)("%s", async (role) => {
    const { role: least } = ROUTES[example.id];
    const isAllowed = role !== "none" && ROLES.indexOf(role) >= ROLES.indexOf(least as Role);
    if (!isAllowed) {
      await refused(example, { as: PERSON_OF[role] }, 403);
      return;
    }
    caseCount += 1;
    const rig = maker.create();
    await seedLimits(rig);
    const told = await rig.ask(example.method, example.path, {
      as: PERSON_OF[role],
      body: example.body,
      headers: freshHeaders(example),
    });
    expect(told.status, told.text).toBe(example.status);
  });
});

const ENGINE_EXAMPLES = EXAMPLES.filter(({ path }) => path.includes(`/engines/${ENGINE}/`));

describe.each(ENGINE_EXAMPLES)("$id of an engine that is not theirs", (example) => {
  test.each([
    ["an engine that is not there", "unheard", "anna"],
    ["a name that no engine can have", "Reckoner", "anna"],
    ["another table's key", "reckoner%23limits", "anna"],
    ["an engine that the token does not name", ENGINE, "elsewhere"],
  ] as const)("%s: 404", async (_name, engine, as) => {
    const path = example.path.replace(`/engines/${ENGINE}/`, `/engines/${engine}/`);
    await refused(example, { as, path }, 404);
  });
});

const BODY_EXAMPLES = EXAMPLES.filter(({ body }) => body !== undefined);
const NESTED = `${"[".repeat(11)}${"]".repeat(11)}`;

describe.each(BODY_EXAMPLES)("$id with a bad body", (example) => {
  const good = JSON.stringify(example.body);
  const inside = good.slice(1, -1);
  const bytesMax = ["putLimits", "previewLimits"].includes(example.id)
    ? LIMITS_BODY_BYTES_MAX
    : BODY_BYTES_MAX;

  test.each([
    ["nothing", "", 400],
    ["no JSON", "{reason: 1}", 400],
    ["JSON with a tail", `${good} x`, 400],
    ["two values", `${good}${good}`, 400],
    ["a comma too many", `{${inside},}`, 400],
    ["a comment", `{/* */${inside}}`, 400],
    ["NaN", `{${inside},"extra":NaN}`, 400],
    ["Infinity", `{${inside},"extra":-Infinity}`, 400],
    ["a number beyond doubles", `{${inside},"extra":1e999}`, 400],
    ["a number beyond exactness", `{${inside},"extra":9007199254740993}`, 400],
    ["the same field twice", `{${inside},${inside}}`, 400],
    ["the same field twice, escaped", `{${inside},"\\u0072eason":"x","reason":"y"}`, 400],
    ["__proto__", `{${inside},"__proto__":{"role":"admin"}}`, 400],
    ["constructor", `{${inside},"constructor":{"prototype":{}}}`, 400],
    ["too deep", `{${inside},"extra":${NESTED}}`, 400],
    ["half a character", `{${inside},"extra":"\\ud800"}`, 400],
    ["a byte order mark", `\ufeff${good}`, 400],
    ["too large", `{${inside},"extra":"${"x".repeat(bytesMax)}"}`, 413],
    ["a field that there is not", `{${inside},"extra":1}`, 422],
    ["a list", `[${good}]`, 422],
    ["null", "null", 422],
    ["a string", '"kill"', 422],
    ["nothing in it", "{}", 422],
  ] as const)("%s", async (_name, text, status) => {
    await refused(example, { as: "anna", text }, status);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin1",
    "",
  ])("sent as %j: 415", async (type) => {
    await refused(example, { as: "anna", headers: { "content-type": type } }, 415);
  });
});

const REASONED = BODY_EXAMPLES.filter(({ body }) => body !== undefined && "reason" in body);

describe.each(REASONED)("$id with a bad reason", (example) => {
  test.each([
    ["none", undefined],
    ["empty", ""],
    ["too long", "x".repeat(481)],
    ["a line break", "ok\nadmin logged in"],
    ["an invisible mark", "a\u202eb"],
    ["a line separator", "a\u2028b"],
    ["a number", 7],
    ["null", null],
  ])("%s: 422 naming it", async (_name, reason) => {
    const body = { ...example.body, reason };
    const told = await refused(example, { as: "anna", body }, 422);
    expect(told.body.field).toBe("reason");
  });
});

const PUT_LIMITS = EXAMPLES.filter(({ id }) => id === "putLimits");

describe.each(PUT_LIMITS)("$id", (example) => {
  const limits = limitsWith();
  const numbers = Object.entries(NUMBER_BOUNDS).flatMap(([field, { min, max }]) => {
    const wrong: [string, unknown][] = [
      ["text", String(max)],
      ["null", null],
      ["missing", undefined],
      ["negative", -1],
      ["below its least", min - 1],
      ["above its ceiling", max + 1],
    ];
    const isRatio = (["volatilityFactor", "jumpSigmas"] as NumberLimit[]).includes(
      field as NumberLimit,
    );
    if (!isRatio) wrong.push(["a fraction", min + 0.5]);
    return wrong.map(([name, value]) => [field, name, value] as const);
  });
  const amounts = Object.entries(AMOUNT_CEILINGS).flatMap(([field, ceiling]) => {
    const wrong: [string, unknown][] = [
      ["a number", 1],
      ["a fraction", 0.1],
      ["an exponent", "1e2"],
      ["negative", "-1"],
      ["a leading zero", "01"],
      ["a bare point", "1."],
      ["a space", " 1"],
      ["nineteen places", "0.0000000000000000001"],
      ["above its ceiling", `${ceiling}.000000000000000001`],
      ["missing", undefined],
    ];
    return wrong.map(([name, value]) => [field, name, value] as const);
  });

  test.each([...numbers, ...amounts])(
    "%s %s: 422 naming the limit",
    async (field, _name, value) => {
      const body = { limits: { ...limits, [field]: value }, reason: "odd" };
      const told = await refused(example, { as: "rita", body }, 422);
      expect(told.body.field).toBe(`limits.${field}`);
    },
  );

  test.each([
    ["no limits", { limits: {} }],
    ["limits that are a list", { limits: [] }],
    ["a limit that there is not", { limits: { ...limits, leverage: 10 } }],
    ["a version of its own", { limits: { ...limits, version: 9 } }],
    ["part of the limits", { limits: { orderNotionalMax: "1" } }],
    [
      "an order above the day",
      { limits: { ...limits, orderNotionalMax: "1", openNotionalMax: "0" } },
    ],
    ["a reserve in doubles", { limits: { ...limits, reserve: { USDT: 0.1 } } }],
    ["a reserve of no asset", { limits: { ...limits, reserve: { "US DT": "1" } } }],
    ["an allowlist that is a word", { limits: { ...limits, allowlist: "BTCUSDT" } }],
    ["an allowlist of numbers", { limits: { ...limits, allowlist: [1] } }],
  ])("%s: 422", async (_name, part) => {
    await refused(example, { as: "rita", body: { ...part, reason: "odd" } }, 422);
  });

  test.each([
    ["missing", "", 428],
    ["a word", "latest", 400],
    ["any", "*", 400],
    ["weak", 'W/"1"', 400],
    ["two", '"1", "2"', 400],
    ["negative", '"-1"', 400],
    ["old", '"0"', 412],
    ["of the future", '"2"', 412],
  ])("If-Match %s", async (_name, ifMatch, status) => {
    await refused(example, { as: "rita", headers: { "if-match": ifMatch } }, status);
  });
});

const FIELD_FAULTS: readonly (readonly [string, string, string, unknown])[] = [
  ["kill", "a scope that there is not", "scope", "everything"],
  ["kill", "a target of another kind", "target", 7],
  ["kill", "a target with a blank", "target", "kra ken"],
  ["kill", "no target", "target", ""],
  ["release", "a scope that there is not", "scope", "none"],
  ["release", "no target", "target", ""],
  ["setMode", "a mode that there is not", "mode", "halted"],
  ["setMode", "no mode", "mode", undefined],
  ["resync", "a hostile name", "instrument", "<script>"],
  ["resync", "a number", "instrument", 1],
  ["cancelAll", "a hostile name", "venue", "a#b"],
  ["cancelAll", "null", "venue", null],
  ["drain", "a policy that there is not", "policy", "burn"],
  ["drain", "no policy", "policy", undefined],
  ["flatten", "another engine's name", "confirm", "other"],
  ["flatten", "no name", "confirm", undefined],
  ["approveProposal", "no hash", "payloadHash", undefined],
  ["approveProposal", "a short hash", "payloadHash", "abc"],
];

describe("a field that is wrong", () => {
  test.each(FIELD_FAULTS)("%s with %s: 422 naming %s", async (id, _name, field, value) => {
    const example = EXAMPLES.find((each) => each.id === id);
    if (example === undefined) throw new Error(`${id} has an example`);
    const body = { ...example.body, [field]: value };
    const told = await refused(example, { as: "anna", body }, 422);
    expect(told.body.field).toBe(field);
  });

  test("a kill of all that names a target", async () => {
    const example = EXAMPLES.find(({ id }) => id === "kill");
    if (example === undefined) throw new Error("kill has an example");
    const body = { scope: "all", target: "kraken", reason: "odd" };
    const told = await refused(example, { as: "otto", body }, 422);
    expect(told.body.field).toBe("target");
  });
});

const KEYED = EXAMPLES.filter(({ headers }) => "idempotency-key" in headers);

describe.each(KEYED)("$id with a bad Idempotency-Key", (example) => {
  test.each(["", "short", "has space in it", "x".repeat(129), "semi;colon;here", "-startsbad"])(
    "%j: 400 naming it",
    async (key) => {
      const told = await refused(example, { as: "anna", headers: { "idempotency-key": key } }, 400);
      expect(told.body.field).toBe("idempotency-key");
    },
  );
});

const READS = EXAMPLES.filter(({ method }) => method === "GET");

describe.each(READS)("$id with a bad query", (example) => {
  test.each(["extra=1", "__proto__=1", "limit=1&limit=2", "role=admin"])(
    "?%s: 400",
    async (query) => {
      await refused(example, { as: "vera", path: `${example.path}?${query}` }, 400);
    },
  );

  test.each([
    ["limit", ["0", "501", "-1", "1.5", "abc", "1e2", ""]],
    ["cursor", ["!", "AAAA", "eyJhIjoxfQ", "x".repeat(3000), ""]],
    ["from", ["yesterday", "2026-02-30", "2026-11-20T12:00:00", "-5", "1e15", "9".repeat(16)]],
    ["to", ["2026-13-01", "2026-11-20T25:00:00Z", "NaN"]],
    ["order", ["up", ""]],
    ["format", ["xml", ""]],
    ["chain", ["both"]],
    ["state", ["done!"]],
  ] as const)("%s", async (name, values) => {
    const { room, querySchema } = example.endpoint;
    // In history a state is a filter like any other: what nothing has finds nothing.
    if (!(name in querySchema.shape) || (name === "state" && room === "history")) return;
    for (const value of values) {
      const query = new URLSearchParams({ [name]: value });
      const told = await refused(example, { as: "vera", path: `${example.path}?${query}` }, 400);
      expect(told.body.field, value).toBe(name);
    }
  });

  test("a range that is none, or too long", async () => {
    if (!("from" in example.endpoint.querySchema.shape) || example.id === "verifyAudit") return;
    for (const range of ["from=2026-11-21&to=2026-11-20", "from=2026-01-01&to=2026-11-20"]) {
      const told = await refused(example, { as: "vera", path: `${example.path}?${range}` }, 400);
      expect(told.body.field).toBe("from");
    }
  });
});

describe("paths and methods", () => {
  test.each([
    ["GET", "/", 404],
    ["GET", "/v1", 404],
    ["GET", "/v1/engines/reckoner", 404],
    ["GET", "/v1/engines/reckoner/secrets", 404],
    ["GET", "/v1/engines/reckoner/../../admin", 404],
    ["POST", "/v1/engines/reckoner/limits", 405],
    ["DELETE", "/v1/engines/reckoner/limits", 405],
    ["PATCH", "/v1/engines/reckoner/limits", 405],
    ["GET", "/v1/engines/reckoner/kill", 405],
    ["DELETE", "/v1/engines/reckoner/audit", 405],
    ["PUT", "/v1/engines/reckoner/audit", 405],
    ["POST", "/v1/me", 405],
    ["OPTIONS", "/v1/engines/reckoner/limits", 405],
    ["POST", "/v1/engines/reckoner/commands/selfDestruct", 405],
  ])("%s %s is not there", async (method, path, status) => {
    caseCount += 2;
    expect((await shared.ask(method, path)).status).toBe(401);
    const told = await shared.ask(method, path, { as: "anna" });
    expect(told.status).toBe(status);
    expect(told.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each(["0", "-1", "1.5", "abc", "1".repeat(13)])(
    "version %s is not there",
    async (version) => {
      caseCount += 1;
      const path = `/v1/engines/${ENGINE}/limits/versions/${version}`;
      expect((await shared.ask("GET", path, { as: "vera" })).status).toBe(404);
    },
  );

  test.each(["2026-02-30", "yesterday", "..%2f..%2fsecrets"])(
    "day %s is not there",
    async (day) => {
      caseCount += 1;
      const path = `/v1/engines/${ENGINE}/reports/${day}`;
      expect((await shared.ask("GET", path, { as: "vera" })).status).toBe(404);
    },
  );
});
