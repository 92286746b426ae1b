/**
 * The clock side of the host: a schedule -> an event at each of its times, in UTC.
 *
 * The event carries the time that was due, not the time at which it was made. A call that fails is made twice
 * more with the same event, as Lambda does (developer guide, "Asynchronous invocation", 2026-11); while that
 * lasts the times that fall due are left out.
 */

import type { ScheduledEvent } from "aws-lambda";
import { Cron } from "croner";
import type { HostLog } from "./host-log.ts";
import { type HostedFunction, invoke } from "./invocation.ts";
import { pause } from "./pause.ts";

export type ScheduleSource = { readonly stop: () => Promise<void> };

/** One minute, then two. */
const RETRY_PAUSES_MS: readonly number[] = [60_000, 120_000];

/** Calls the function at the times of `pattern`, five fields, UTC. */
export function keepSchedule(
  hosted: HostedFunction,
  pattern: string,
  log: HostLog,
  retryPausesMs = RETRY_PAUSES_MS,
): ScheduleSource {
  const stopping = new AbortController();
  let current: Promise<void> = Promise.resolve();
  const run = async (dueMs: number): Promise<void> => {
    const event = scheduledEvent(hosted.name, dueMs);
    for (const pauseMs of [...retryPausesMs, undefined]) {
      const invocation = await invoke(hosted, event);
      log.invoked(hosted.name, invocation);
      if (invocation.kind === "returned" || pauseMs === undefined) return;
      await pause(pauseMs, stopping.signal);
      if (stopping.signal.aborted) return;
    }
  };
  const cron = new Cron(pattern, { timezone: "UTC", protect: true }, async (self) => {
    current = run((self.currentRun() ?? new Date()).getTime());
    await current;
  });
  return {
    stop: async () => {
      cron.stop();
      stopping.abort();
      await current;
    },
  };
}

/** The event of the schedule of `name` that was due at `dueMs`, which is taken to its second. */
export function scheduledEvent(name: string, dueMs: number): ScheduledEvent<Record<string, never>> {
  const time = `${new Date(dueMs).toISOString().slice(0, 19)}Z`;
  return {
    version: "0",
    id: `${name}-${time}`,
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account: "000000000000",
    time,
    region: "us-east-1",
    resources: [`arn:aws:scheduler:us-east-1:000000000000:schedule/default/${name}`],
    detail: {},
  };
}
