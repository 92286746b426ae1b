/**
 * Station: a broken engine -> one file beside the journal that says why. Written before the process ends,
 * because its memory is the only other witness.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Config } from "../../contracts/schema/config.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import type { Log } from "../io/log.ts";
import type { HotPlan } from "../plan.ts";

export type Incident = {
  readonly reason: string;
  /** "" where nothing was thrown. */
  readonly stack: string;
  readonly atUs: number;
  readonly runId: string;
  readonly ackedSeq: number;
  readonly config: Config;
  readonly plan: HotPlan;
  readonly lastStatus: EngineStatus | null;
};

/** Writes the bundle as `<run>.incident.json`; a disk that refuses it is told of and survived. */
export function writeIncident(incident: Incident, log: Log): void {
  const { directory } = incident.config.journal;
  const file = path.join(directory, `${incident.runId}.incident.json`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, `${JSON.stringify(incident, null, 2)}\n`);
    log.error("incident written", { file });
  } catch (error) {
    // The disk may be the very thing that failed; the log has the reason already.
    log.error("the incident could not be written", { cause: String(error) });
  }
}
