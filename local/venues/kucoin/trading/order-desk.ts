/**
 * Station: dials of `/v1/private` -> order entry sessions; their requests -> the back end -> answers.
 *
 * A session begins with a challenge that is signed as it was sent, then a welcome (page "WebSocket add
 * order", read 2026-11-20). Requests are answered in whatever order their answers come; a cut session has
 * canceled nothing.
 */
import type { Connection, Dial } from "../../connection.ts";
import { DialDoor, type DoorHost } from "../../dial-door.ts";
import { MAIN_ACCOUNT_ID } from "../../exchange/trading-side.ts";
import { VenueSession } from "../../session.ts";
import { pathOf } from "../../transport.ts";
import type { Pool } from "../limits.ts";
import { wireMs } from "../wire.ts";
import { orderIdText } from "./account-texts.ts";
import { cancelRefusal, placeRefusal, type Refused, refusedBy } from "./codes.ts";
import type { AccountHost } from "./host.ts";
import { hmac } from "./keys.ts";
import { orderKeyOf, parseOrder } from "./order-requests.ts";

/** Where order entry is dialed. */
export const ORDER_PATH = "/v1/private";
const INBOUND_BYTES_MAX = 64 * 1_024;
const CLOSE_POLICY = 1_008;
/** The challenge must be answered "within about 30 s". */
const CHALLENGE_MS = 30_000;

export type OrderDeskHost = AccountHost &
  DoorHost & {
    readonly pool: Pool;
    readonly pingMs: number;
    readonly pongTimeoutMs: number;
  };

type Client = {
  readonly session: VenueSession;
  readonly address: string;
  readonly challenge: string;
  readonly sessionId: string;
  isWelcome: boolean;
};

type Fields = Readonly<Record<string, unknown>>;

/** The order entry sessions of the venue. */
export class OrderDesk extends DialDoor {
  readonly sessions = new Set<VenueSession>();
  readonly #host: OrderDeskHost;
  #count = 0;

  constructor(host: OrderDeskHost) {
    super(host, { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: false });
    this.#host = host;
  }

  /** Whether a dial is for this door. */
  static isDialed(dial: Dial): boolean {
    return pathOf(dial.target) === ORDER_PATH;
  }

  /** Takes one dial, whatever its key: a bad one is told after the handshake. */
  onDial(dial: Dial): void {
    const { searchParams } = new URL(dial.target, "ws://127.0.0.1");
    this.take(dial, (connection) => this.#open(searchParams, connection));
  }

  /** Cuts every session. */
  cutAll(): void {
    for (const session of this.sessions) session.cut();
    this.sessions.clear();
  }

  #open(query: URLSearchParams, connection: Connection): void {
    const { clock, keys } = this.#host;
    const door = { entry: "any", isCombined: false } as const;
    const session = new VenueSession(connection, door, { clock, traffic: this.traffic });
    const apiKey = query.get("apikey") ?? "";
    const timestamp = query.get("timestamp") ?? "";
    const signature = query.get("sign") ?? "";
    const passphrase = query.get("passphrase") ?? "";
    const payload = `${apiKey}${timestamp}`;
    const code = keys.refusalOf({ apiKey, passphrase, timestamp, signature, payload }, clock());
    if (code !== undefined) {
      this.#refuse(session, code);
      return;
    }
    this.#count += 1;
    const sessionId = `92f2aec4-d87e-47cc-917d-${String(this.#count).padStart(12, "0")}`;
    // With blanks, as the venue's page prints it: what is signed are these very bytes.
    const challenge = `{"sessionId":"${sessionId}", "timestamp": ${wireMs(clock())}}`;
    const { address } = connection;
    const client: Client = { session, address, challenge, sessionId, isWelcome: false };
    this.sessions.add(session);
    connection.listen({
      onText: (text) => {
        if (!session.isHalfOpen) this.#onText(client, text);
      },
      onClosed: () => {
        session.release();
        this.sessions.delete(session);
      },
    });
    session.sendText(challenge);
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      if (!client.isWelcome) this.#refuse(session, "400012");
    }, CHALLENGE_MS);
    session.timers.add(timer);
  }

  #refuse(session: VenueSession, code: string): void {
    const nowMs = wireMs(this.#host.clock());
    const { msg } = refusedBy(code);
    session.sendText(JSON.stringify({ code, msg, inTime: nowMs, outTime: nowMs }));
    session.close(CLOSE_POLICY, code);
  }

  #onText(client: Client, text: string): void {
    const { keys, pingMs, pongTimeoutMs } = this.#host;
    const { session, sessionId } = client;
    if (client.isWelcome) {
      this.#onRequest(client, fieldsOf(text));
      return;
    }
    if (text !== hmac(keys.handed.hmac.secret, client.challenge)) {
      this.#refuse(session, "400011");
      return;
    }
    client.isWelcome = true;
    const pace = { pingInterval: pingMs, pingTimeout: pongTimeoutMs };
    session.sendText(JSON.stringify({ sessionId, data: "welcome", ...pace }));
  }

  #onRequest(client: Client, request: Fields): void {
    const id = typeof request.id === "string" ? request.id : "";
    const op = typeof request.op === "string" ? request.op : "";
    const args = typeof request.args === "object" && request.args !== null ? request.args : {};
    const asked = { id, op, inMs: wireMs(this.#host.clock()) };
    switch (op) {
      case "ping":
        client.session.sendText(JSON.stringify({ id, op: "pong", timestamp: asked.inMs }));
        return;
      case "spot.order":
        this.#onPlace(client, asked, { ...args });
        return;
      case "spot.cancel":
        this.#onCancel(client, asked, { ...args });
        return;
      default:
        this.#answer(client, asked, { refused: refusedBy("400100", `op ${op} is invalid`) });
    }
  }

  #onPlace(client: Client, asked: Asked, args: Fields): void {
    const limited = this.#charge(client);
    if (limited !== undefined) {
      this.#answer(client, asked, { refused: limited });
      return;
    }
    const nowUs = this.#host.clock();
    const parsed = parseOrder(args, nowUs);
    if (parsed.kind === "refused") {
      this.#answer(client, asked, { refused: parsed.refused });
      return;
    }
    this.#host.side.backEnd.place(parsed.request, nowUs, (answer) => {
      const refused = placeRefusal(answer);
      if (answer.kind === "accepted") {
        const { orderId, clientOrderId: clientOid } = answer.order;
        this.#answer(client, asked, { data: { orderId: orderIdText(orderId), clientOid } });
      } else if (refused !== undefined) this.#answer(client, asked, { refused });
    });
  }

  #onCancel(client: Client, asked: Asked, args: Fields): void {
    const limited = this.#charge(client);
    if (limited !== undefined) {
      this.#answer(client, asked, { refused: limited });
      return;
    }
    const { symbol, orderId, clientOid } = args;
    const by = typeof orderId === "string" ? { orderId } : { clientOid: String(clientOid ?? "") };
    const cancel = { accountId: MAIN_ACCOUNT_ID, key: orderKeyOf(String(symbol ?? ""), by) };
    this.#host.side.backEnd.cancel(cancel, this.#host.clock(), (answer) => {
      const refused = cancelRefusal(answer);
      this.#answer(client, asked, refused === undefined ? { data: by } : { refused });
    });
  }

  #charge({ address }: Client): Refused | undefined {
    const { isAllowed, resetMs } = this.#host.pool.charge(address, 1, this.#host.clock());
    if (isAllowed) return undefined;
    return { ...refusedBy("429000", "Too Many Requests", 429), resetMs };
  }

  #answer(
    { session, address }: Client,
    { id, op, inMs }: Asked,
    said: { readonly data?: unknown; readonly refused?: Refused },
  ): void {
    const { pool, clock } = this.#host;
    const { limit, remaining, resetMs } = pool.charge(address, 0, clock());
    const { refused, data } = said;
    const isSpent = refused?.resetMs !== undefined;
    const block = { limit, reset: refused?.resetMs ?? resetMs, remaining: isSpent ? 0 : remaining };
    const rateLimit = refused?.hasBudget === false ? {} : { rateLimit: block };
    const times = { inTime: inMs, outTime: wireMs(clock()) };
    const what =
      refused === undefined ? { code: "200000", data } : { code: refused.code, msg: refused.msg };
    session.sendText(JSON.stringify({ id, op, ...what, ...times, ...rateLimit }));
  }
}

type Asked = { readonly id: string; readonly op: string; readonly inMs: number };

function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Answered as a request without an operation.
    return {};
  }
}
