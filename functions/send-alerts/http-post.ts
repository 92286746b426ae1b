/**
 * Station: one HTTP request of a channel -> an answer, or what is known of why there is none.
 *
 * The only way out of this function by HTTP. A target has to be on the list, its name must not lead to a
 * private address (looked at where the connection is made, so that a second answer of DNS cannot differ from
 * the first), redirects are not followed, and no more is read than an answer needs.
 */
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import { BlockList, isIP, isIPv6 } from "node:net";
import { Agent, request } from "undici";
import { targetFault } from "./logic.ts";

export type PostAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly waitMs: number }
  /** Nothing has left for the target. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The request went out, and no whole answer came. */
  | { readonly kind: "unanswered"; readonly reason: string }
  /** This address will never be asked. */
  | { readonly kind: "forbidden"; readonly reason: string };

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
};

export type Poster = {
  readonly post: (post: Post) => Promise<PostAnswer>;
  readonly close: () => Promise<void>;
};

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
type Lookup = (name: string, options: LookupOptions & { all: true }, found: Found) => void;

export type PosterOptions = {
  readonly hosts: readonly string[];
  readonly isLocal: boolean;
  /** How names become addresses; the system's own unless it is given. */
  readonly lookup?: Lookup;
};

const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_BYTES_MAX = 16 * 1024;
const MS_PER_S = 1_000;

/** Ranges of the IANA registry of special purposes (RFC 6890, read 2026-11-21): nobody's public address. */
const SPECIAL_RANGES: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
const special = new BlockList();
for (const [network, prefix] of SPECIAL_RANGES) special.addSubnet(network, prefix, "ipv4");
/** Of version 6 one range is in use; inside it, tunnels and examples are no addresses of anybody either. */
const unicast = new BlockList();
unicast.addSubnet("2000::", 3, "ipv6");
special.addSubnet("2001::", 23, "ipv6");
special.addSubnet("2001:db8::", 32, "ipv6");
special.addSubnet("2002::", 16, "ipv6");

/** Whether `address` is one that the whole world could reach. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (isIPv6(address)) return unicast.check(address, "ipv6") && !special.check(address, "ipv6");
  return !special.check(address, "ipv4");
}

/** A poster to the hosts of `options`. */
export function createPoster({ hosts, isLocal, lookup = systemLookup }: PosterOptions): Poster {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(lookup, isLocal) },
    keepAliveTimeout: 1_000,
  });
  return {
    async post({ url, headers, body, timeoutMs }) {
      const fault = targetFault(url, hosts, isLocal);
      if (fault !== "") return { kind: "forbidden", reason: fault };
      try {
        const answer = await request(url, {
          method: "POST",
          headers: { ...headers },
          body,
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = await headOf(answer.body);
        return {
          kind: "answer",
          status: answer.statusCode,
          waitMs: waitMsOf(answer.headers["retry-after"], text),
        };
      } catch (error) {
        return troubleOf(error);
      }
    },
    close: () => agent.close(),
  };
}

const FORBIDDEN_ADDRESS = "EFORBIDDENADDRESS";

/** Looks a name up and refuses all of its addresses when one of them is not public. */
function guardedLookup(lookup: Lookup, isLocal: boolean) {
  return (
    name: string,
    options: LookupOptions,
    found: (
      error: NodeJS.ErrnoException | null,
      address: string | LookupAddress[],
      family?: number,
    ) => void,
  ): void => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        found(error ?? Object.assign(new Error("no address"), { code: "ENOTFOUND" }), []);
        return;
      }
      const isAllowed = ({ address }: LookupAddress): boolean =>
        isPublicAddress(address) || (isLocal && isLoopback(address));
      if (!addresses.every(isAllowed)) {
        found(Object.assign(new Error("a private address"), { code: FORBIDDEN_ADDRESS }), []);
        return;
      }
      if (options.all === true) found(null, addresses);
      else found(null, first.address, first.family);
    });
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** The beginning of an answer; the rest is not read. */
async function headOf(body: AsyncIterable<Buffer> & { destroy: () => unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString("utf8");
}

/**
 * How long the channel wants silence, or -1. The body is more exact where it says so: Discord has
 * `retry_after` in seconds with a fraction (discord.com developer documentation, "Rate Limits"), Telegram
 * `parameters.retry_after` in whole seconds (core.telegram.org/bots/api, "ResponseParameters"); 2026-11-21.
 */
function waitMsOf(header: string | string[] | undefined, text: string): number {
  const told = [secondsIn(text), Number(header ?? Number.NaN)].find(
    (seconds) => Number.isFinite(seconds) && seconds >= 0,
  );
  return told === undefined ? -1 : Math.ceil(told * MS_PER_S);
}

function secondsIn(text: string): number {
  try {
    const value = JSON.parse(text) as {
      readonly retry_after?: unknown;
      readonly parameters?: { readonly retry_after?: unknown };
    } | null;
    return Number(value?.retry_after ?? value?.parameters?.retry_after ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Errors before the first byte of the request; all others may stand behind a delivery. */
const NOTHING_LEFT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|.*CERT.*|UNABLE_TO_.*)$/;

/** Only the error's code is told: its message may hold the address, and an address may hold a token. */
function troubleOf(error: unknown): PostAnswer {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const reason = typeof code === "string" ? code : String(name);
  if (reason === FORBIDDEN_ADDRESS) return { kind: "forbidden", reason: "a private address" };
  return { kind: NOTHING_LEFT.test(reason) ? "unreachable" : "unanswered", reason };
}
