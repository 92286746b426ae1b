/**
 * Station: changes of state that the core tells -> one line of the log each.
 */
import type { ChangeCommand } from "./core/commands.ts";
import type { Log } from "./io/log.ts";
import type { HotPlan } from "./plan.ts";

/** Logs one change of tick `tick`, whose time was `processUs`. */
export function logChange(
  log: Log,
  plan: HotPlan,
  command: ChangeCommand,
  stamp: { readonly tick: number; readonly processUs: number },
): void {
  switch (command.type) {
    case "recordMode": {
      const { from, to, reason } = command;
      const venue = plan.venues[command.venue]?.id ?? "";
      log.warn("mode changed", { ...stamp, from, to, venue, cause: reason });
      return;
    }
    case "recordSession": {
      const { session, epoch, change, reason } = command;
      log.info(`session ${change}`, { ...stamp, session, epoch, cause: reason });
      return;
    }
    case "recordVoid": {
      const { epoch, seq, cause } = command;
      const instrument = plan.instruments[command.instrument]?.id ?? "";
      log.warn("book void", { ...stamp, instrument, epoch, seq, cause });
      return;
    }
  }
}
