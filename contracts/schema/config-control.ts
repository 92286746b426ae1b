/**
 * The section `control` of the configuration file: the control plane that an engine belongs to, if any.
 *
 * Without a prefix there is none: the engine then asks no table and no queue, and a counter file is its
 * fence. The environment may name the deployment instead, because one image serves several.
 */
import { z } from "zod";
import { ENGINE_ID_PATTERN } from "../keys.ts";
import { dividedTimes, LEASE_TIMES, leaseMarginUs } from "../lease.ts";
import { isResourcePrefix } from "../resources.ts";
import { US_PER_MS } from "../time.ts";
import { count } from "./config-fields.ts";

/** Section `control`. */
export const controlSchema = z.strictObject({
  prefix: z
    .string()
    .refine((text) => text === "" || isResourcePrefix(text), { error: "must be a prefix" })
    .default("")
    .meta({
      description:
        "What the names of the deployment's tables, queues and buckets begin with; empty: no control plane. RECKONER_CONTROL_PREFIX in the environment stands over it.",
      form: "empty, or up to 31 lower-case letters, digits and dashes, beginning with a letter",
    }),
  bucketPlace: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default("local")
    .meta({
      description:
        "Last part of the buckets' names: account and region in the cloud. RECKONER_BUCKET_PLACE stands over it.",
      form: "lower-case letters, digits and dashes",
    }),
  leaseAccount: z
    .string()
    .refine((text) => text === "" || ENGINE_ID_PATTERN.test(text), { error: "must be a name" })
    .default("")
    .meta({
      description:
        "Name of the lease; engines that may trade on the same accounts share it. Empty: the name of the engine.",
      form: "empty, or up to 32 lower-case letters, digits and dashes",
    }),
  leaseTimeDivisor: count(
    [1, 10],
    1,
    "Divides every time of the lease; 1 but in drills against simulated venues.",
  ),
  keys: z.enum(["environment", "secretsManager"]).default("environment").meta({
    description:
      "Where the keys of accounts are read from: variables, or one secret for each venue, named PREFIX/ENGINE/VENUE.",
  }),
});

export type ControlConfig = z.output<typeof controlSchema>;

type Refuse = (path: readonly string[], rule: string) => void;

/** What must hold between the section `control`, the engine's name and its trading. */
export function refuseControl(
  control: ControlConfig,
  engine: {
    readonly instance: string;
    readonly requestWindowMs: number;
    readonly clockErrorMs: number;
    readonly isDrill: boolean;
  },
  refuse: Refuse,
): void {
  if (control.leaseTimeDivisor > 1 && !engine.isDrill) {
    refuse(["control", "leaseTimeDivisor"], "must be 1 where a venue is not simulated");
  }
  if (control.prefix === "") return;
  if (!ENGINE_ID_PATTERN.test(engine.instance)) {
    refuse(
      ["instance"],
      "must have at most 32 characters and no dash at its end beside control.prefix",
    );
  }
  const divided = dividedTimes(LEASE_TIMES, control.leaseTimeDivisor);
  const times = {
    ...divided,
    windowUs: engine.requestWindowMs * US_PER_MS,
    clockErrorUs: engine.clockErrorMs * US_PER_MS,
  };
  // Two renewals may fail before the engine must stop sending.
  if (leaseMarginUs(times) + 2 * times.renewEveryUs >= times.ttlUs) {
    refuse(
      ["trading", "requestWindowMs"],
      "must leave room in the lease: window, twice the clock error, a stall and two renewals",
    );
  }
}
