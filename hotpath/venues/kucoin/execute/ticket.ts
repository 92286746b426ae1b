/**
 * Station: the answer of bullet-public or bullet-private -> where to dial, and the pace of pings.
 *
 * A ticket is believed as far as it makes sense: an address of a socket without a query of its own, and a
 * pace between a tenth of a second and a minute.
 */
import { parseJson } from "../../../core/decode/json-text.ts";
import type { DialTarget, PingRule } from "../../../io/feed-protocol.ts";

const CODE_OK = "200000";
const PING_MS_MIN = 100;
const PING_MS_MAX = 60_000;

/** Reads the answer of bullet-public and bullet-private: the first server that is offered is taken. */
export function targetOf(body: Uint8Array, dialName: string): DialTarget | undefined {
  const { code, data } = parseJson(body) ?? {};
  if (code !== CODE_OK || typeof data !== "object" || data === null) return undefined;
  const { token, instanceServers } = data as Readonly<Record<string, unknown>>;
  const server: unknown = Array.isArray(instanceServers) ? instanceServers[0] : undefined;
  // Half a character has no form in an address.
  if (typeof token !== "string" || token === "" || !token.isWellFormed()) return undefined;
  if (typeof server !== "object" || server === null) return undefined;
  const { endpoint, pingInterval, pingTimeout } = server as Readonly<Record<string, unknown>>;
  if (typeof endpoint !== "string" || !/^wss?:\/\/[^\s?#]+$/.test(endpoint)) return undefined;
  if (!URL.canParse(endpoint)) return undefined;
  if (!isPause(pingInterval) || !isPause(pingTimeout)) return undefined;
  const query = `token=${encodeURIComponent(token)}&connectId=${encodeURIComponent(dialName)}`;
  const pings: PingRule = { intervalMs: pingInterval, timeoutMs: pingTimeout, text: pingText };
  return { url: `${endpoint}?${query}`, pings };
}

function isPause(ms: unknown): ms is number {
  return typeof ms === "number" && ms >= PING_MS_MIN && ms <= PING_MS_MAX;
}

function pingText(pingId: number): string {
  return JSON.stringify({ id: String(pingId), type: "ping" });
}
