/**
 * Station: the letters that only Binance spot uses: none in market data.
 *
 * What both dialects share stands in `../binance/wire.ts`; spot has nothing of its own, because its chain
 * is the `U` and `u` that both send.
 */
export {};
