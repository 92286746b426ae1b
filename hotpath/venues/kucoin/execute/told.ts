/** Station: none; an event of the account without what all of them share, which the desk adds. */
import type { TradeEvent } from "../../../core/trade/events.ts";

export type Told = TradeEvent extends infer Event
  ? Event extends { readonly epoch: number }
    ? Omit<Event, "venue" | "epoch" | "recvUs">
    : never
  : never;
