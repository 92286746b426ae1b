/**
 * What people ask of the control API while its host is killed under them: changes of limits, kills, releases,
 * proposals with their decisions, and commands, each with a reason and a key of its own.
 *
 * Whoever gets no answer asks again in the host's next life, word for word, as an operator would. The reason
 * is what an audit item is found by in the end. Nothing here judges.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";

/** One change that somebody wants. */
export type Change = {
  readonly engine: string;
  /** The last word of its path. */
  readonly kind: string;
  readonly reason: string;
  readonly by: string;
  readonly method: "PUT" | "POST";
  readonly path: string;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  /** How often it was sent. */
  attempts: number;
  /** It is not asked again before. */
  dueMs: number;
  /** What the answer named it by: a command, a proposal, or a version of the limits; "" before. */
  id: string;
};

export type Told = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** What became of the changes so far. */
export type Course = {
  readonly acknowledged: Change[];
  /** Sent, and perhaps carried out: nobody was told. */
  unanswered: Change[];
  /** Answered with a refusal, by its status. */
  readonly refused: Map<number, number>;
};

export type Desk = {
  readonly engines: readonly string[];
  readonly people: readonly string[];
  readonly tokenOf: (person: string) => string;
  readonly course: Course;
};

const KINDS = ["tighten", "widen", "kill", "release", "mode", "resync"] as const;
const MODES = ["active", "noNewPositions", "exitsOnly"] as const;
const ANSWER_MS_MAX = 20_000;
/** What is said to be under way is asked for again after this long. */
const UNDER_WAY_REST_MS = 10_000;

export function newCourse(): Course {
  return { acknowledged: [], unanswered: [], refused: new Map() };
}

let changeCount = 0;

/** The desk at one life of the host; `isOver` says when this life is to end. */
export class Life {
  readonly #desk: Desk;
  readonly #api: string;
  readonly #isOver: () => boolean;

  constructor(desk: Desk, api: string, isOver: () => boolean) {
    this.#desk = desk;
    this.#api = api;
    this.#isOver = isOver;
  }

  /** First what nobody answered in the life before, then changes of every kind in turn until it is over. */
  async work(engine: string, turn: number): Promise<void> {
    await this.askAgain(engine);
    for (let step = turn; !this.#isOver(); step++) await this.#change(engine, step);
  }

  /** Sends each unanswered change of `engine` that is due once more, all at once, as their people would. */
  async askAgain(engine: string): Promise<void> {
    const { course } = this.#desk;
    const isMine = (change: Change): boolean =>
      change.engine === engine && change.dueMs <= performance.now();
    const mine = course.unanswered.filter(isMine);
    course.unanswered = course.unanswered.filter((change) => !mine.includes(change));
    await Promise.all(mine.map((change) => this.#send(change)));
  }

  async #change(engine: string, step: number): Promise<void> {
    const { people } = this.#desk;
    const [by, other] = [people[step % people.length], people[(step + 1) % people.length]];
    if (by === undefined || other === undefined) throw new Error("there are two people");
    const at = { engine, by };
    switch (KINDS[step % KINDS.length] ?? "kill") {
      case "tighten":
        await this.#putLimits(at, -1);
        return;
      case "widen":
        await this.#decide(await this.#putLimits(at, 1), { engine, by: other }, step);
        return;
      case "kill":
        await this.#post(at, "kill", { scope: "venue", target: "binance-spot" });
        return;
      case "release": {
        const told = await this.#post(at, "release", { scope: "venue", target: "binance-spot" });
        await this.#decide(told, { engine, by: other }, step);
        return;
      }
      case "mode":
        await this.#post(at, "mode", { mode: MODES[step % MODES.length] });
        return;
      case "resync":
        await this.#post(at, "commands/resync", {});
        return;
    }
  }

  /** Moves one limit by `by` from where it is: one less tightens, one more waits for a second person. */
  async #putLimits(at: At, step: 1 | -1): Promise<Told | undefined> {
    const { limits, version } = (await this.#read(at, "limits")) ?? {};
    if (limits === undefined) return undefined;
    const { cyclesPerDayMax, ...rest } = limits as RiskLimits;
    const body = { limits: { ...rest, cyclesPerDayMax: cyclesPerDayMax + step } };
    const headers = { "if-match": `"${String(version)}"` };
    return await this.#ask(at, { method: "PUT", path: "limits", body, headers });
  }

  /** The other person's yes, or every third time their no, to what `told` says was proposed. */
  async #decide(told: Told | undefined, at: At, step: number): Promise<void> {
    const proposal = told?.body.proposal as Readonly<Record<string, string>> | undefined;
    if (proposal === undefined) return;
    const { proposalId, payloadHash } = proposal;
    if (step % 3 === 0) await this.#post(at, `proposals/${proposalId}/reject`, {});
    else await this.#post(at, `proposals/${proposalId}/approve`, { payloadHash });
  }

  #post(at: At, path: string, body: object): Promise<Told | undefined> {
    return this.#ask(at, { method: "POST", path, body, headers: {} });
  }

  async #ask(
    at: At,
    asked: Pick<Change, "method" | "path" | "body" | "headers">,
  ): Promise<Told | undefined> {
    changeCount++;
    const reason = `change ${String(changeCount).padStart(6, "0")}`;
    return await this.#send({
      ...at,
      ...asked,
      kind: asked.path.split("/").at(-1) ?? "",
      reason,
      body: { ...asked.body, reason },
      headers: {
        ...asked.headers,
        // Limits are asked for by their version, which is a key already.
        ...(asked.method === "POST" ? { "idempotency-key": `key-of-${changeCount + 1e7}` } : {}),
      },
      attempts: 0,
      dueMs: 0,
      id: "",
    });
  }

  async #send(change: Change): Promise<Told | undefined> {
    const { course } = this.#desk;
    change.attempts++;
    const told = await this.#fetch(change, change.path, {
      method: change.method,
      body: JSON.stringify(change.body),
      headers: { "content-type": "application/json", ...change.headers },
    });
    const type = String(told?.body.type ?? "");
    // What is said to be under way may have died with the host; a kill says itself whether it is audited.
    const isUnderWay = type.endsWith(":inProgress");
    if (isUnderWay) change.dueMs = performance.now() + UNDER_WAY_REST_MS;
    const isOpen = isUnderWay || told?.body.audited === false;
    // Too many questions: of the first nothing is known, and a later one says nothing of the first.
    const isHeld = told?.status === 429 && change.attempts > 1;
    if (told === undefined || told.status >= 500 || isOpen || isHeld) {
      course.unanswered.push(change);
    } else if (told.status < 300) {
      change.id = idIn(change, told);
      course.acknowledged.push(change);
    } else course.refused.set(told.status, (course.refused.get(told.status) ?? 0) + 1);
    return told;
  }

  async #read(at: At, path: string): Promise<Told["body"] | undefined> {
    const told = await this.#fetch(at, path, { method: "GET" });
    return told?.status === 200 ? told.body : undefined;
  }

  /** Undefined where no whole answer came. */
  async #fetch({ engine, by }: At, path: string, init: RequestInit): Promise<Told | undefined> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#desk.tokenOf(by)}` };
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    try {
      const url = `${this.#api}/v1/engines/${engine}/${path}`;
      const response = await fetch(url, { ...init, headers, signal });
      return { status: response.status, body: (await response.json()) as Told["body"] };
    } catch {
      // The host died under it, or is not up: both are what this is about.
      return undefined;
    }
  }
}

type At = Pick<Change, "engine" | "by">;

/** The name of what was done. An approved proposal is the version or the command that it has become. */
function idIn({ kind }: Change, { body }: Told): string {
  const { limits, command, proposal } = body as {
    readonly limits?: { readonly version: number };
    readonly command?: { readonly commandId: string } | null;
    readonly proposal?: { readonly proposalId: string };
  };
  if (limits !== undefined) return `version ${limits.version}`;
  if (kind === "reject" || typeof command?.commandId !== "string") {
    return proposal?.proposalId ?? "";
  }
  return command.commandId;
}
