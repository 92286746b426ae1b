/**
 * Station: gate, the controls over who may act at all: kills, lease, permission, liveness, clock.
 *
 * None of them looks at the order's numbers. Each says in which state of the world nothing of a kind may
 * leave; a state that is not known is a state in which nothing may.
 */
import { mayOrder } from "../mode.ts";
import type { Scene } from "./scene.ts";

/** PT32. A kill of the whole, the venue, the strategy or the instrument. */
export function killed(scene: Scene): string {
  const { kills, account, context, instrument, purpose } = scene;
  if (kills.isEmpty) return "";
  const kill = kills.blocking(account.name, context.strategy, instrument.name, purpose);
  if (kill === undefined) return "";
  return `killed (${kill.scope} ${kill.target}) by ${kill.by}: ${kill.reason}`;
}

/**
 * PT31. The request must have closed at the venue before our right to act has. At the protocol's own margin
 * what is open is taken back; from there on nothing new may begin either, though a request would still fit.
 */
export function leaseShort({ order, account }: Scene): string {
  const requestUs = order.windowUs + 2 * account.clockErrorUs + account.leaseStallUs;
  const neededUs = Math.max(requestUs, account.leaseMarginUs);
  if (account.leaseRemainingUs === Number.POSITIVE_INFINITY) return "";
  if (account.leaseRemainingUs >= neededUs) return "";
  return `lease has ${account.leaseRemainingUs} us left, ${neededUs} are needed`;
}

/** PT20. Trading is switched on, and the instrument is one that was chosen. */
export function notPermitted({ limits, instrument, account, purpose }: Scene): string {
  if (account.tradingMode === "off") return "trading is off at this venue";
  if (purpose !== "open" || limits.allowed === undefined) return "";
  return limits.allowed.has(instrument.name) ? "" : `${instrument.name} is not on the allowlist`;
}

/** PT21. The venue and the instrument take such orders now. */
export function notTrading({ instrument, account, purpose }: Scene): string {
  if (!instrument.isTrading) return `${instrument.name} does not trade now`;
  return mayOrder(account.mode, purpose) ? "" : `mode ${account.mode} forbids to ${purpose}`;
}

/** E06. Without a live private stream a fill would be seen late or never. */
export function accountNotReady({ account }: Scene): string {
  if (!account.isReady) return "the account is not connected and reconciled";
  return account.blockedReason === "" ? "" : `the account is blocked: ${account.blockedReason}`;
}

/** PT30. A clock that is off makes ages and request windows mean nothing. */
export function clockOff({ account, limits }: Scene): string {
  const { clockOffsetUsMax } = limits.limits;
  if (Math.abs(account.clockOffsetUs) <= clockOffsetUsMax) return "";
  return `clock offset ${account.clockOffsetUs} us is unknown or above ${clockOffsetUsMax}`;
}

/** PT33. Where the venue can cancel for us when we fall silent, it has been told to. */
export function deadManUnarmed({ account, order }: Scene): string {
  // A test order never rests, so nothing of it could be left behind.
  if (order.isTest || account.deadMan !== "disarmed") return "";
  return "the venue's dead-man switch is not armed";
}

/** PT34, first half: after its first reconciliation the account is only watched for a while. */
export function inQuarantine({ venue, limits, nowUs }: Scene): string {
  const sinceUs = nowUs - venue.firstReadyUs;
  if (sinceUs >= limits.limits.quarantineUs) return "";
  return `in quarantine: ready for ${sinceUs} us of ${limits.limits.quarantineUs}`;
}

/** PT37. An order is judged by the limits that it cites, or not at all. */
export function wrongVersion({ order, limits }: Scene): string {
  if (order.limitsVersion === limits.version) return "";
  return `the order cites limits ${order.limitsVersion}, in force are ${limits.version}`;
}
