/**
 * Station: frame -> market events, for Binance USD-M futures. Pure.
 *
 * Depth events carry `pu`, the chain of this venue; a quote carries its time. Fields that came with the
 * integration of COIN-M (`st`, `ps`) are skipped.
 */
import type { FrameDecoder } from "../../core/decode/decoder.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { MarketRing } from "../../core/market-ring.ts";
import {
  type Channels,
  channelAt,
  depthChannel,
  quoteChannel,
  tradeChannel,
} from "../binance/channels.ts";
import { StreamDecoder } from "../binance/stream-decoder.ts";
import { SLOT } from "../binance/wire.ts";
import { PREVIOUS_UPDATE_KEY } from "./wire.ts";

const SPOT_DEPTH = depthChannel([[PREVIOUS_UPDATE_KEY, SLOT.previousUpdateId]]);

const CHANNELS: Channels = {
  depth: {
    ...SPOT_DEPTH,
    fill: (integers: Float64Array, ring: MarketRing, row: number) => {
      SPOT_DEPTH.fill(integers, ring, row);
      ring.seqPrevious[row] = integers[SLOT.previousUpdateId] as number;
    },
  },
  quote: quoteChannel(true),
  trade: tradeChannel("t"),
  aggTrade: tradeChannel("a"),
};

/** The decoder of one Binance USD-M feed over `instruments`, all of this venue. */
export function usdmDecoder(instruments: readonly Instrument[]): FrameDecoder {
  return new StreamDecoder(instruments, (stream, at) => channelAt(CHANNELS, stream, at));
}
