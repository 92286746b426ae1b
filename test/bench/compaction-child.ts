/**
 * The process that the compaction bench measures: the deployed handler and nothing else, one notice an invocation.
 * Its last line is what it took.
 */
import type { Context, SQSRecord } from "aws-lambda";
import { handler } from "../../functions/compact-archive/handler.ts";
import { noticeOf } from "../fixtures/archive/notice.ts";
import type { CompactionFigures } from "./compaction-bench.ts";

const keys = process.argv.slice(2);
const before = process.cpuUsage();
const startMs = performance.now();
for (const key of keys) {
  const record = { messageId: key, body: noticeOf(key) } as SQSRecord;
  const { batchItemFailures } = await handler({ Records: [record] }, {} as Context);
  if (batchItemFailures.length > 0) throw new Error(`${key} was not compacted`);
}
const figures: CompactionFigures = {
  seconds: (performance.now() - startMs) / 1000,
  cpuSeconds: process.cpuUsage(before).user / 1e6,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
// The SDK keeps its connections; there is nothing left to do on them.
process.exit(0);
