/**
 * What AWS charges for a day with so many facts, by list prices: an estimate from counts, not a bill.
 *
 * It leaves out what does not follow from counts: the machine of the hot path, storage, logs, transfer. Prices
 * are those of us-east-1 in billionths of a dollar (pricing pages of DynamoDB on-demand, SQS, Lambda on arm64
 * and S3 Standard, as of 2026-11); other regions differ by some tens of percent.
 */
import type { CostLine, Counts } from "./logic.ts";

const NANO_PLACES = 9;
const WRITE_UNIT_NANO_USD = 625n;
const QUEUE_REQUEST_NANO_USD = 400n;
const INVOCATION_NANO_USD = 200n;
/** 512 MiB for about 100 ms. */
const INVOCATION_TIME_NANO_USD = 667n;
const OBJECT_PUT_NANO_USD = 5_000n;

/** Write units of one fact with its entries in the indexes, by its size and fields. */
const WRITE_UNITS: Readonly<Record<string, number>> = { fill: 6, order: 6, cycle: 10 };
const WRITE_UNITS_DEFAULT = 3;
/** Facts that travel in one message; each message is sent, received and deleted. */
const FACTS_PER_MESSAGE = 20;
const REQUESTS_PER_MESSAGE = 3;
/** Messages that one call of project-records is given. */
const MESSAGES_PER_CALL = 5;
/** Heartbeats and renewals of the lease: one every two seconds, and reads of commands. */
const KEEPING_WRITES_PER_DAY = 86_400;
const SCHEDULED_CALLS_PER_DAY = 1_441;
/** Segments and their twins in the bucket, about one a minute with three objects. */
const OBJECTS_PER_DAY = 4_320;

/** The estimate for the facts of one day. */
export function costOf(facts: Counts): {
  readonly usd: string;
  readonly lines: readonly CostLine[];
} {
  const entries = Object.entries(facts);
  const factCount = entries.reduce((sum, [, count]) => sum + count, 0);
  const units = entries.reduce(
    (sum, [kind, count]) => sum + count * (WRITE_UNITS[kind] ?? WRITE_UNITS_DEFAULT),
    0,
  );
  const messages = Math.ceil(factCount / FACTS_PER_MESSAGE);
  const calls = Math.ceil(messages / MESSAGES_PER_CALL) + SCHEDULED_CALLS_PER_DAY;
  const lines = [
    line("writes to tables", units + KEEPING_WRITES_PER_DAY, WRITE_UNIT_NANO_USD),
    line("requests to queues", messages * REQUESTS_PER_MESSAGE, QUEUE_REQUEST_NANO_USD),
    line("calls of functions", calls, INVOCATION_NANO_USD + INVOCATION_TIME_NANO_USD),
    line("objects put", OBJECTS_PER_DAY, OBJECT_PUT_NANO_USD),
  ];
  const nano = lines.reduce((sum, each) => sum + each.nano, 0n);
  return {
    usd: usdOf(nano),
    lines: lines.map(({ name, count, nano: own }) => ({ name, count, usd: usdOf(own) })),
  };
}

function line(name: string, count: number, nanoUsd: bigint) {
  return { name, count, nano: BigInt(count) * nanoUsd };
}

function usdOf(nano: bigint): string {
  const digits = nano.toString().padStart(NANO_PLACES + 1, "0");
  return `${digits.slice(0, -NANO_PLACES)}.${digits.slice(-NANO_PLACES)}`;
}
