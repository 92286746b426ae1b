/**
 * Station: one command of an operator -> what the loop is told, and what it says. Nothing here knows of
 * queues or records.
 *
 * Every action may be carried out twice with the effect of once: a life that ended between an effect and its
 * record leaves the command to the next one.
 */
import type { OperatorAction, OperatorCommand } from "../../contracts/operator-command.ts";
import type { Mode } from "../../contracts/status.ts";
import { worseMode } from "../core/mode.ts";
import type { OperatorEvent } from "../hot-thread-messages.ts";
import type { Operations, OperatorAnswer } from "../io/admin-write.ts";
import type { LimitsReading } from "../io/aws/limits-store.ts";

/** The engine as the control plane may touch it. Each settles when the loop has taken it. */
export type ControlPorts = {
  /** Undefined where no account trades. */
  readonly operations: Operations | undefined;
  /** The tick that took it, or undefined when nobody answers. */
  readonly operate: (event: OperatorEvent) => Promise<number | undefined>;
  /** Makes books anew; false where no such instrument is followed. */
  readonly resync: (instrument: string) => Promise<number | undefined | false>;
  /** Undefined when nobody answers. */
  readonly limitsVersion: () => Promise<number | undefined>;
  readonly readLimits: (version: number) => Promise<LimitsReading>;
  /** The operator's mode as it was kept at last. */
  readonly keptMode: () => Mode;
  /** Keeps the operator's mode over a restart; "" or why it could not. */
  readonly keepMode: (mode: Mode) => string;
};

export type Outcome =
  | { readonly ok: true; readonly tick: number }
  /** `isFinal` is false where the same command may succeed a moment later. */
  | { readonly ok: false; readonly reason: string; readonly isFinal: boolean };

const NO_ANSWER = "the hot thread does not answer";
const NO_TRADING = "no account trades here";

/** Whether an action can only stop something: it is carried out even where no record can be read. */
export function isTightening({ kind }: OperatorAction): boolean {
  switch (kind) {
    case "kill":
    case "pause":
    case "drain":
    case "flatten":
    case "cancelAll":
      return true;
    case "applyLimits":
    case "release":
    case "setMode":
    case "resume":
    case "resync":
      return false;
  }
}

/** Carries a command out, and waits until the loop has taken it. */
export async function carryOut(command: OperatorCommand, ports: ControlPorts): Promise<Outcome> {
  const { action, by, reason, askedUs } = command;
  if (ports.operations === undefined) {
    return action.kind === "resync" ? await resync(action.instrument, ports) : refused(NO_TRADING);
  }
  const why = { by, reason: reason === "" ? "no reason given" : reason, askedUs };
  return await carryOutTrade(action, why, { ...ports, operations: ports.operations });
}

async function resync(instrument: string, ports: ControlPorts): Promise<Outcome> {
  return ofTick(await ports.resync(instrument));
}

type TradePorts = ControlPorts & { readonly operations: Operations };

async function carryOutTrade(
  action: OperatorAction,
  { askedUs, ...why }: Why & { readonly askedUs: number },
  ports: TradePorts,
): Promise<Outcome> {
  const { operations } = ports;
  switch (action.kind) {
    case "kill":
      return ofAnswer(
        await operations.kill({ scope: action.scope, target: action.target, ...why }, askedUs),
      );
    case "release":
      return ofAnswer(
        await operations.release({ scope: action.scope, target: action.target, ...why }, askedUs),
      );
    case "drain":
      return ofAnswer(await operations.drain({ policy: action.policy, by: why.by }));
    case "setMode":
      return await allow(action.mode, why, ports);
    case "pause":
      // An engine that may do less already is not loosened by it.
      return await allow(worseMode(ports.keptMode(), "noNewPositions"), why, ports);
    case "resume":
      return await allow("active", why, ports);
    case "flatten":
      return await flatten(why, ports);
    case "cancelAll":
      return ofTick(
        await ports.operate({ type: "cancelAllRequested", venue: action.venue, ...why }),
      );
    case "resync":
      return await resync(action.instrument, ports);
    case "applyLimits":
      return await applyLimits(action.version, ports);
  }
}

type Why = { readonly by: string; readonly reason: string };

/** Tighter at once and then on the disk, as a kill; looser only when the disk knows. */
async function allow(mode: Mode, why: Why, ports: ControlPorts): Promise<Outcome> {
  const outcome = ofTick(await ports.operate({ type: "modeRequested", mode, ...why }));
  const fault = ports.keepMode(mode);
  if (!outcome.ok || fault === "") return outcome;
  return refused(`done, but not over a restart: ${fault}`);
}

async function flatten(why: Why, ports: ControlPorts): Promise<Outcome> {
  const outcome = ofTick(await ports.operate({ type: "flattenRequested", ...why }));
  const fault = ports.keepMode(worseMode(ports.keptMode(), "exitsOnly"));
  if (!outcome.ok || fault === "") return outcome;
  return refused(`done, but not over a restart: ${fault}`);
}

/** Takes a version that is newer than the one in force; one that is in force or older is no news. */
export async function applyLimits(version: number, ports: ControlPorts): Promise<Outcome> {
  const { operations } = ports;
  if (operations === undefined) return refused(NO_TRADING);
  const current = await ports.limitsVersion();
  if (current === undefined) return later(NO_ANSWER);
  if (version === current) return { ok: true, tick: -1 };
  if (version < current) return refused(`version ${current} is in force, which is newer`);
  const reading = await ports.readLimits(version);
  switch (reading.kind) {
    case "failed":
      return later(`version ${version} cannot be read: ${reading.reason}`);
    case "none":
      return refused(`there is no version ${version}`);
    case "refused":
      return refused(`version ${version}: ${reading.reason}`);
    case "version": {
      const outcome = ofAnswer(await operations.changeLimits(reading.version));
      if (outcome.ok) return outcome;
      // The poll and the queue bring the same version: whoever comes second finds it in force.
      return (await ports.limitsVersion()) === version ? { ok: true, tick: -1 } : outcome;
    }
  }
}

function ofTick(tick: number | undefined | false): Outcome {
  if (tick === false) return refused("no such instrument is followed here");
  return tick === undefined ? later(NO_ANSWER) : { ok: true, tick };
}

function ofAnswer(answer: OperatorAnswer): Outcome {
  if (answer.ok) return answer;
  return answer.code === 503 ? later(answer.reason) : refused(answer.reason);
}

function refused(reason: string): Outcome {
  return { ok: false, reason, isFinal: true };
}

function later(reason: string): Outcome {
  return { ok: false, reason, isFinal: false };
}
