/**
 * Station: frame -> market events, for Binance spot. Pure.
 *
 * Both vocabularies meet here: the letters of the venue on one side, ticks, lots and sequences on the
 * other. What is missing or wrong is refused, never filled in.
 */
import type { FrameDecoder } from "../../core/decode/decoder.ts";
import type { Instrument } from "../../core/instrument.ts";
import {
  type Channels,
  channelAt,
  depthChannel,
  quoteChannel,
  tradeChannel,
} from "../binance/channels.ts";
import { StreamDecoder } from "../binance/stream-decoder.ts";

const CHANNELS: Channels = {
  depth: depthChannel([]),
  quote: quoteChannel(false),
  trade: tradeChannel("t"),
  aggTrade: tradeChannel("a"),
};

/** The decoder of one Binance spot feed over `instruments`, all of this venue. */
export function spotDecoder(instruments: readonly Instrument[]): FrameDecoder {
  return new StreamDecoder(instruments, (stream, at) => channelAt(CHANNELS, stream, at));
}
