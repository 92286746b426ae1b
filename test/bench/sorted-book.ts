/**
 * The book of the usual stack: levels parsed by JSON.parse, prices as doubles, arrays kept sorted by a binary
 * search. As good as such a book is commonly written.
 */

export type SortedBook = { readonly bids: [number, number][]; readonly asks: [number, number][] };

type DepthData = {
  readonly s: string;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
};

export function applySorted(book: SortedBook, { b, a }: DepthData): void {
  for (const [price, quantity] of b) set(book.bids, Number(price), Number(quantity), -1);
  for (const [price, quantity] of a) set(book.asks, Number(price), Number(quantity), 1);
}

function set(side: [number, number][], price: number, quantity: number, direction: 1 | -1): void {
  let low = 0;
  let high = side.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((side[middle] as [number, number])[0] - price) * direction < 0) low = middle + 1;
    else high = middle;
  }
  const isThere = side[low]?.[0] === price;
  if (quantity === 0) {
    if (isThere) side.splice(low, 1);
  } else if (isThere) (side[low] as [number, number])[1] = quantity;
  else side.splice(low, 0, [price, quantity]);
}
