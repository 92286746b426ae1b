/**
 * Station: what the hot thread tells -> the event that listeners of the admin port hear, or nothing.
 *
 * Only transitions are told: modes, sessions, books that went void or live again, kills, alarms, ended
 * cycles, a halt. Numbers of venues and instruments become their names.
 */
import type { ChangeCommand } from "../core/commands.ts";
import type { TradeRecord } from "../core/trade/commands.ts";
import type { FromHotThread } from "../hot-thread-messages.ts";
import type { HotPlan } from "../plan.ts";

export type ToldEvent = { readonly name: string; readonly data: object };

type Names = {
  readonly venues: readonly { readonly id: string }[];
  readonly instruments: readonly { readonly id: string }[];
};

/** The event of `message`; undefined where it tells of no transition. */
export function toldEvent(
  message: FromHotThread,
  plan: Pick<HotPlan, "venues" | "instruments">,
): ToldEvent | undefined {
  switch (message.type) {
    case "resync":
      return { name: "resync", data: message.record };
    case "change":
      return changeEvent(message.command, plan, { tick: message.tick, atUs: message.atUs });
    case "trade":
      return tradeEvent(message.command, plan, { tick: message.tick, atUs: message.atUs });
    case "halted":
      return { name: "halted", data: { reason: message.reason } };
    default:
      return undefined;
  }
}

type Stamp = { readonly tick: number; readonly atUs: number };

function changeEvent(
  command: ChangeCommand,
  { venues, instruments }: Names,
  stamp: Stamp,
): ToldEvent {
  const { type, ...fields } = command;
  switch (type) {
    case "recordMode":
      return {
        name: "mode",
        data: { ...stamp, ...fields, venue: venues[command.venue]?.id ?? "" },
      };
    case "recordSession":
      return { name: "session", data: { ...stamp, ...fields } };
    case "recordVoid": {
      const instrument = instruments[command.instrument]?.id ?? "";
      return { name: "void", data: { ...stamp, ...fields, instrument } };
    }
  }
}

function tradeEvent(
  command: TradeRecord,
  { venues, instruments }: Names,
  stamp: Stamp,
): ToldEvent | undefined {
  switch (command.type) {
    case "recordKill": {
      const { type: _type, ...fields } = command;
      return { name: "kill", data: { ...stamp, ...fields } };
    }
    case "recordAlarm": {
      const { alarm } = command;
      const instrument = instruments[alarm.instrument]?.id ?? "";
      return {
        name: "alarm",
        data: { ...stamp, ...alarm, venue: venues[alarm.venue]?.id ?? "", instrument },
      };
    }
    case "recordCycle": {
      const { cycle } = command;
      return { name: "cycle", data: { ...stamp, ...cycle, venue: venues[cycle.venue]?.id ?? "" } };
    }
    default:
      return undefined;
  }
}
