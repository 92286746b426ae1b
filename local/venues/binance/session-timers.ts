/**
 * Station: a session's age -> pings, their missing pongs, its end.
 *
 * The same for every session of the venue, streams and WebSocket API alike (web-socket-streams.md and
 * web-socket-api.md, read 2026-11-20). It only speaks through the session.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { VenueSession } from "../session.ts";

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const CLOSE_GOING_AWAY = 1_001;
const CLOSE_POLICY = 1_008;

export type SessionRules = {
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly sessionLifeMs: number;
  /** Time between the notice and the end of a session that has grown too old. */
  readonly shutdownLeadMs: number;
};

/** Starts to ping a session and to count its days; `announce` is null where the venue is silent. */
export function startSessionTimers(
  session: VenueSession,
  host: { rules: SessionRules; clock: () => Micros; announce: (() => void) | null },
): void {
  const { rules, clock } = host;
  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      action();
    }, ms);
    session.timers.add(timer);
  };
  const ping = () => {
    const payload = String(Math.floor(clock() / 1_000));
    session.sendPing(payload);
    later(rules.pongTimeoutMs, () => {
      if (session.pendingPing === payload) session.close(CLOSE_POLICY, "Pong timeout");
    });
    later(rules.pingMs, ping);
  };
  later(rules.pingMs, ping);
  const end = () => session.close(CLOSE_GOING_AWAY, "Session expired");
  later(Math.max(0, rules.sessionLifeMs - rules.shutdownLeadMs), () => {
    host.announce?.();
    later(rules.shutdownLeadMs, end);
  });
}
