/**
 * Station: a request for a ticket -> a token that opens one kind of door for a day.
 *
 * Tokens are drawn from the seed, so that a run repeats. It knows no socket.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Random } from "../market/random.ts";

export type TicketKind = "public" | "private";

const TOKEN_LETTERS = 48;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

type Ticket = { readonly kind: TicketKind; readonly untilUs: Micros };

/** The tickets of one venue. */
export class Tickets {
  readonly #tickets = new Map<string, Ticket>();
  readonly #random: Random;
  readonly #lifeUs: Micros;

  constructor(random: Random, lifeUs: Micros) {
    this.#random = random;
    this.#lifeUs = lifeUs;
  }

  /** Gives out a new token; those that are over are forgotten. */
  issue(kind: TicketKind, nowUs: Micros): string {
    for (const [token, { untilUs }] of this.#tickets) {
      if (untilUs <= nowUs) this.#tickets.delete(token);
    }
    const letter = () => ALPHABET[this.#random.integer(ALPHABET.length)] ?? "";
    const token = `2neA${Array.from({ length: TOKEN_LETTERS }, letter).join("")}==`;
    this.#tickets.set(token, { kind, untilUs: nowUs + this.#lifeUs });
    return token;
  }

  /** What a token opens now; undefined for one that is unknown or over. */
  kindOf(token: string, nowUs: Micros): TicketKind | undefined {
    const ticket = this.#tickets.get(token);
    return ticket !== undefined && nowUs < ticket.untilUs ? ticket.kind : undefined;
  }

  /** Forgets every ticket, as a venue does that was restarted. */
  clear(): void {
    this.#tickets.clear();
  }
}
