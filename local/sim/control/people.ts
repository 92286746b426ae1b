/**
 * The people of the scene: they change limits, kill, release and pause through the API, retry what was not
 * answered with the same key, and go by the other way when a kill is not confirmed.
 *
 * What they asked and what they were told is the ledger that the checkers lay beside the tables and the loop.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { KillScope } from "../../../contracts/trade.ts";
import { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { ApiAnswer, ApiRequest, Person } from "./api-desk.ts";
import { ENGINE, pauseOf } from "./deployment.ts";
import { sceneLimits } from "./engine-journal.ts";
import type { HostedFunction, VirtualLambda } from "./lambda.ts";
import type { SceneFaults } from "./scene-faults.ts";
import type { SceneLog } from "./scene-log.ts";

/** A kill that somebody asked for. Its reason is its name: no other has the same. */
export type KillAsked = {
  readonly reason: string;
  readonly scope: KillScope;
  readonly target: string;
  readonly request: ApiRequest;
  readonly askedUs: Micros;
  /** When the API said that an engine has taken it; 0 where it never did. */
  doneUs: Micros;
  /** Whether the API said that it stands in the audit. */
  isAudited: boolean;
  /** When the other way was taken; 0 where it was not. */
  fileUs: Micros;
};

export type ReleaseAsked = {
  readonly reason: string;
  readonly scope: KillScope;
  readonly target: string;
  readonly proposalId: string;
};

export type Ledger = {
  readonly kills: KillAsked[];
  readonly releases: ReleaseAsked[];
  /** What was answered otherwise the second time. */
  readonly faults: string[];
};

export type PeopleParts = {
  readonly kernel: Kernel;
  readonly seed: number;
  readonly lambda: VirtualLambda;
  readonly api: HostedFunction;
  readonly faults: SceneFaults;
  readonly log: SceneLog;
  /** The file beside the journal: the way that needs no cloud. */
  readonly killFile: { readonly put: (reason: string) => void; readonly remove: () => void };
};

const TRIES_MAX = 6;
const RETRY_MS = 1_500;
const DECIDE_MS = 2_000;
const PATH = `/v1/engines/${ENGINE}`;
const TARGETS: readonly (readonly [KillScope, string])[] = [
  ["all", ""],
  ["venue", "binance-spot"],
  ["instrument", "binance-spot:BTCUSDT"],
];
const MODES = ["noNewPositions", "exitsOnly", "active"] as const;

type Fields = Readonly<Record<string, unknown>>;

export class People {
  readonly process: Process;
  readonly ledger: Ledger = { kills: [], releases: [], faults: [] };
  readonly #parts: PeopleParts;
  readonly #random: Random;
  #count = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#random = new Random(parts.seed, "people");
    this.process = parts.kernel.makeProcess("people");
  }

  /** Somebody does something; called as an event of the people's own process. */
  act(): void {
    const draw = this.#random.next();
    if (draw < 0.4) void this.changeLimits(this.#random.next() < 0.5);
    else if (draw < 0.6) void this.kill();
    else if (draw < 0.8) void this.release();
    else if (draw < 0.95) void this.setMode();
    else void this.#read();
  }

  /** Reads the limits, changes one, and puts it; what widens is approved by another. */
  async changeLimits(isTightening: boolean): Promise<ApiAnswer | undefined> {
    const read = await this.#ask(this.#request("GET", `${PATH}/limits`, "rita"));
    if (read === undefined) return undefined;
    const { limits } = fieldsOf(read.body) as { readonly limits: RiskLimits };
    const after = changedLimits(limits, isTightening, this.#random);
    const reason = this.#name("limits");
    const request = this.#request("PUT", `${PATH}/limits`, "rita", { limits: after, reason });
    const told = await this.#ask({
      ...request,
      headers: { ...request.headers, "if-match": read.etag },
    });
    this.#note(told, "limits");
    if (told?.status === 202) return await this.#decide(told);
    return told;
  }

  /** Kills, and goes by the other way where no engine is heard to have taken it. */
  async kill(): Promise<KillAsked> {
    const [scope, target] = TARGETS[this.#random.integer(TARGETS.length)] ?? (["all", ""] as const);
    const reason = this.#name("kill");
    const request = this.#request("POST", `${PATH}/kill`, "otto", { scope, target, reason });
    const kill: KillAsked = {
      reason,
      scope,
      target,
      request: { ...request, headers: { ...request.headers, prefer: "wait=5" } },
      askedUs: this.#parts.kernel.nowUs,
      doneUs: 0,
      isAudited: false,
      fileUs: 0,
    };
    this.ledger.kills.push(kill);
    await this.askKill(kill);
    if (kill.doneUs > 0) return kill;
    kill.fileUs = this.#parts.kernel.nowUs;
    this.#parts.killFile.put(reason);
    this.#parts.log.count("people.killFile");
    return kill;
  }

  /** Asks for a kill, once or again. */
  async askKill(kill: KillAsked): Promise<void> {
    const told = await this.#ask(kill.request);
    const { command, audited } = fieldsOf(told?.body ?? "{}");
    const state = (command as Fields | undefined)?.state;
    this.#note(told, "kill");
    if (audited === true) kill.isAudited = true;
    if (state === "done" && kill.doneUs === 0) kill.doneUs = this.#parts.kernel.nowUs;
  }

  /** Proposes a release and has it approved. */
  async release(kill = this.ledger.kills.at(-1)): Promise<ApiAnswer | undefined> {
    if (kill === undefined) return undefined;
    this.#parts.killFile.remove();
    const { scope, target } = kill;
    const reason = this.#name("release");
    const told = await this.#ask(
      this.#request("POST", `${PATH}/release`, "rita", { scope, target, reason }),
    );
    this.#note(told, "release");
    if (told?.status !== 202) return told;
    const { proposal } = fieldsOf(told.body) as { readonly proposal: Fields };
    const proposalId = String(proposal.proposalId);
    this.ledger.releases.push({ reason, scope, target, proposalId });
    return await this.#decide(told);
  }

  async setMode(): Promise<ApiAnswer | undefined> {
    const mode = MODES[this.#random.integer(MODES.length)];
    const reason = this.#name("mode");
    const told = await this.#ask(this.#request("POST", `${PATH}/mode`, "otto", { mode, reason }));
    this.#note(told, "mode");
    return told;
  }

  async #read(): Promise<void> {
    const path = `${PATH}/trades?limit=20`;
    this.#note(await this.#ask(this.#request("GET", path, "otto")), "read");
  }

  async #decide(told: ApiAnswer): Promise<ApiAnswer | undefined> {
    const { proposal } = fieldsOf(told.body) as { readonly proposal: Fields };
    await pauseOf(this.#random.next() * DECIDE_MS);
    const isApproved = this.#random.next() < 0.85;
    const path = `${PATH}/proposals/${String(proposal.proposalId)}`;
    const reason = this.#name("decision");
    const { payloadHash } = proposal;
    const decided = await this.#ask(
      isApproved
        ? this.#request("POST", `${path}/approve`, "rolf", { payloadHash, reason })
        : this.#request("POST", `${path}/reject`, "rolf", { reason }),
    );
    this.#note(decided, isApproved ? "approve" : "reject");
    return decided;
  }

  /** The answer, after as many tries as a person makes; undefined where none came. */
  async #ask(request: ApiRequest): Promise<ApiAnswer | undefined> {
    const { lambda, api, faults } = this.#parts;
    for (let n = 1; n <= TRIES_MAX; n += 1) {
      const call = await lambda.invoke(api, request);
      const answer = call.kind === "returned" ? (call.value as ApiAnswer) : undefined;
      const isUnderWay = answer?.status === 409 && answer.body.includes("inProgress");
      if (answer !== undefined && answer.status < 500 && !isUnderWay) {
        if (request.method !== "GET" && faults.strikes("C28")) await this.#again(request, answer);
        return answer;
      }
      this.#parts.log.count(`api.retried.${answer?.status ?? "none"}`);
      await pauseOf(RETRY_MS * n + this.#random.next() * RETRY_MS);
    }
    return undefined;
  }

  /** The same request once more: the answer must be the same, save for how far a command is by now. */
  async #again(request: ApiRequest, before: ApiAnswer): Promise<void> {
    const call = await this.#parts.lambda.invoke(this.#parts.api, request);
    const after = call.kind === "returned" ? (call.value as ApiAnswer) : undefined;
    if (after === undefined || after.status >= 500 || request.path.endsWith("/kill")) return;
    if (after.status === before.status && after.body === before.body) return;
    if (after.status === 409 && after.body.includes("inProgress")) return;
    if (sameButId(after, before)) return;
    const what = `${request.method} ${request.path}`;
    this.ledger.faults.push(
      `31: ${what} was answered ${before.status} and the second time ${after.status}: ${after.body}`,
    );
  }

  #request(method: string, path: string, as: Person, body?: object): ApiRequest {
    this.#count += 1;
    const headers = { "idempotency-key": `key-${String(this.#count).padStart(8, "0")}` };
    return {
      method,
      path,
      as,
      headers: body === undefined ? {} : headers,
      body: body === undefined ? "" : JSON.stringify(body),
    };
  }

  #name(what: string): string {
    this.#count += 1;
    return `${what} ${this.#count}`;
  }

  #note(answer: ApiAnswer | undefined, what: string): void {
    this.#parts.log.count(`api.${what}.${answer?.status ?? "none"}`);
  }
}

/** Problems carry the number of their request, and every request has its own. */
function sameButId(after: ApiAnswer, before: ApiAnswer): boolean {
  const bare = ({ body }: ApiAnswer): string => body.replace(/,?"requestId":"[^"]*"/, "");
  return after.status === before.status && bare(after) === bare(before);
}

/** The limits with one amount smaller or larger. */
function changedLimits(limits: RiskLimits, isTightening: boolean, random: Random): RiskLimits {
  const factor = isTightening ? 0.5 + random.next() / 3 : 1.1 + random.next();
  const most = Number(sceneLimits().orderNotionalMax);
  const amount = Math.max(1, Math.min(most, Math.round(Number(limits.orderNotionalMax) * factor)));
  return { ...limits, orderNotionalMax: String(amount) };
}

function fieldsOf(text: string): Fields {
  try {
    return (JSON.parse(text) ?? {}) as Fields;
  } catch {
    return {};
  }
}
