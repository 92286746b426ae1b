/**
 * Station: numbers -> the few characters that a person reads at a glance.
 *
 * Every form keeps to a small width whatever the value, so that columns stand still.
 */
import type { Micros } from "../../contracts/time.ts";

const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;
const US_PER_MINUTE = 60 * US_PER_S;
const US_PER_HOUR = 60 * US_PER_MINUTE;
const BYTES_STEP = 1024;
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const COUNT_UNITS = ["", "k", "M", "G", "T"] as const;

/** A span of time: `0.02 ms`, `12.4 ms`, `802 ms`, `1.20 s`, `12 min`, `3.4 h`. */
export function spanText(us: Micros): string {
  if (!Number.isFinite(us)) return "-";
  const size = Math.abs(us);
  if (size < 9_995) return `${(us / US_PER_MS).toFixed(2)} ms`;
  if (size < 99_950) return `${(us / US_PER_MS).toFixed(1)} ms`;
  if (size < 999_500) return `${(us / US_PER_MS).toFixed(0)} ms`;
  if (size < 9.995 * US_PER_S) return `${(us / US_PER_S).toFixed(2)} s`;
  if (size < 99.95 * US_PER_S) return `${(us / US_PER_S).toFixed(1)} s`;
  if (size < 99.5 * US_PER_MINUTE) return `${(us / US_PER_MINUTE).toFixed(0)} min`;
  return `${(us / US_PER_HOUR).toFixed(1)} h`;
}

/** A running time: `00:12:07`, and days in front once there are any. */
export function runText(us: Micros): string {
  const seconds = Math.max(0, Math.floor(us / US_PER_S));
  const days = Math.floor(seconds / 86_400);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = two(Math.floor(seconds / 3_600) % 24);
  const text = `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}d ${text}` : text;
}

/** A count in at most five characters: `0`, `999`, `1.2k`, `65.5k`, `12.3M`. */
export function countText(count: number): string {
  if (!Number.isFinite(count)) return "-";
  let value = count;
  let unit = 0;
  // Half a unit below the step already rounds up to it: 999 500 is 1.0M and not 1000k.
  while (Math.abs(value) >= (unit === 0 ? 1000 : 999.5) && unit < COUNT_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return String(Math.round(value));
  return `${value.toFixed(Math.abs(value) >= 99.95 ? 0 : 1)}${COUNT_UNITS[unit]}`;
}

/** A count with its thousands apart: `1,204,331`. */
export function longCountText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number of bytes: `512 B`, `1.5 KiB`, `64.0 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= BYTES_STEP && unit < BYTE_UNITS.length - 1) {
    value /= BYTES_STEP;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}
