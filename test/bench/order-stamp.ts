/**
 * The time of a decision inside the client id of its order, so that whoever reads the order knows how long it
 * was on its way. Both ends read one clock: the system's monotonic one, which all processes share.
 */

const FENCE_PART = "rk00001-";
const DIGITS = 8;
const RADIX = 36;
/** Eight digits of base 36 hold 47 minutes of nanoseconds. */
const CYCLE_NS = BigInt(RADIX) ** BigInt(DIGITS);

/** A client id that says when it was made. */
export function stampedId(): string {
  const ns = Number(process.hrtime.bigint() % CYCLE_NS);
  return FENCE_PART + ns.toString(RADIX).padStart(DIGITS, "0");
}

/** Nanoseconds since the id in `text` was made; -1 when there is none. */
export function stampIn(text: string): number {
  const nowNs = process.hrtime.bigint() % CYCLE_NS;
  const at = text.indexOf(FENCE_PART);
  if (at === -1) return -1;
  const from = at + FENCE_PART.length;
  const madeNs = BigInt(Number.parseInt(text.slice(from, from + DIGITS), RADIX));
  return Number((nowNs - madeNs + CYCLE_NS) % CYCLE_NS);
}
