/**
 * The configuration of a site's engine as data, and how it reaches the container.
 *
 * The image is the same in every stage. What differs goes in as one variable of the task, and a first container
 * of the same image writes it to a file that the engine then reads; there is no key and no secret in it.
 */
import type { Deployment } from "./deployment.ts";
import type { Site } from "./sites.ts";

/** Where the container finds them; folders of the machine that are mounted. */
export const JOURNAL_FOLDER = "/journal";
export const CONFIG_FOLDER = "/config";
export const CONFIG_FILE = `${CONFIG_FOLDER}/reckoner.yaml`;
export const ADMIN_PORT = 9464;

const GIB = 1024 ** 3;
/** A segment must stay below 8 MB when it is compressed, because it is one object of the archive. */
const SEGMENT_BYTES = 16 * 1024 ** 2;

/** The configuration as YAML; JSON is YAML too. */
export function engineConfig(deployment: Deployment, site: Site): string {
  const trading = { mode: deployment.stage.mayTradeLive ? site.tradingMode : "paper" };
  const config = {
    instance: site.engine,
    journal: {
      directory: JOURNAL_FOLDER,
      segmentBytes: SEGMENT_BYTES,
      // A quarter of the disk stays free for the spool while AWS is away.
      retainBytes: Math.floor(site.journalGiB * GIB * 0.75),
    },
    admin: { port: ADMIN_PORT },
    control: {
      prefix: deployment.prefix,
      leaseAccount: site.leaseAccount,
      keys: site.hasKeys ? "secretsManager" : "environment",
    },
    venues: Object.fromEntries(
      site.venues.map((venue) => [venue, { environment: "production", trading }]),
    ),
  };
  return JSON.stringify(config);
}

/** Words of the engine's command line. Real money wants to be armed, besides being configured. */
export function engineArguments(deployment: Deployment, site: Site): string[] {
  const isLive = deployment.stage.mayTradeLive && site.tradingMode === "live";
  return ["--config", CONFIG_FILE, ...(isLive ? ["--arm"] : [])];
}

/** What the first container runs: one write of one file. */
export const WRITE_CONFIG = [
  "--input-type=module",
  "--eval",
  `import { writeFileSync } from "node:fs"; writeFileSync("${CONFIG_FILE}", process.env.RECKONER_CONFIG ?? "");`,
] as const;
