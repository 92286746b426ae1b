/**
 * Stages as data: all that differs between dev, paper and live.
 *
 * Every stage makes the same resources under the same ids; a test compares them. What a stage may change
 * is how long things are kept, how hard they are to delete, how much they may cost, and what is traded.
 */
import { SITES, type Site, type SiteName } from "./sites.ts";

export const STAGE_NAMES = ["dev", "paper", "live"] as const;
export type StageName = (typeof STAGE_NAMES)[number];

export type Stage = {
  readonly name: StageName;
  /** Where tables, queues, buckets and functions are. */
  readonly controlRegion: string;
  /** Where the independent canceller runs as well; another region, so that one failing takes not both. */
  readonly cancellerRegion: string;
  readonly sites: readonly SiteName[];
  /** Stacks and tables refuse to be deleted; what is removed from a template stays in the account. */
  readonly isProtected: boolean;
  /** Governance can be lifted by who has the right to; compliance by nobody, not even the account. */
  readonly auditLock: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  readonly logDays: 7 | 30 | 365;
  /** Sealed segments, whose content is in Parquet too. */
  readonly segmentDays: number;
  /** Days that DynamoDB answers for; older history comes from Parquet. */
  readonly hotDays: number;
  readonly keyDeletionDays: number;
  /** A part of the account's concurrency for each function; a new account has too little of it. */
  readonly reservesConcurrency: boolean;
  readonly apiRequestsPerSecond: number;
  /** Hosts of the webhook of alerts, in lower case; one that is not listed is never spoken to. */
  readonly webhookHosts: readonly string[];
  readonly monthlyBudgetUsd: number;
  /** Orders are canceled by the independent canceller when an engine is silent. */
  readonly cancelsWhenSilent: boolean;
  /** Whether the engine may be armed for real money at all. */
  readonly mayTradeLive: boolean;
};

export const STAGES: Readonly<Record<StageName, Stage>> = {
  dev: {
    name: "dev",
    controlRegion: "ap-northeast-1",
    cancellerRegion: "ap-southeast-1",
    sites: ["tokyo"],
    isProtected: false,
    auditLock: { mode: "GOVERNANCE", days: 1 },
    logDays: 7,
    segmentDays: 14,
    hotDays: 7,
    keyDeletionDays: 7,
    reservesConcurrency: false,
    apiRequestsPerSecond: 20,
    webhookHosts: [],
    monthlyBudgetUsd: 150,
    cancelsWhenSilent: false,
    mayTradeLive: false,
  },
  paper: {
    name: "paper",
    controlRegion: "ap-northeast-1",
    cancellerRegion: "ap-southeast-1",
    sites: ["tokyo"],
    isProtected: true,
    auditLock: { mode: "GOVERNANCE", days: 30 },
    logDays: 30,
    segmentDays: 90,
    hotDays: 30,
    keyDeletionDays: 30,
    reservesConcurrency: false,
    apiRequestsPerSecond: 50,
    webhookHosts: [],
    monthlyBudgetUsd: 300,
    cancelsWhenSilent: false,
    mayTradeLive: false,
  },
  live: {
    name: "live",
    controlRegion: "ap-northeast-1",
    cancellerRegion: "ap-southeast-1",
    sites: ["tokyo"],
    isProtected: true,
    // Books of a trader are kept for seven years where most of our users live.
    auditLock: { mode: "COMPLIANCE", days: 2557 },
    logDays: 365,
    segmentDays: 400,
    hotDays: 30,
    keyDeletionDays: 30,
    reservesConcurrency: true,
    apiRequestsPerSecond: 50,
    webhookHosts: [],
    monthlyBudgetUsd: 800,
    cancelsWhenSilent: true,
    mayTradeLive: true,
  },
};

/** The sites of a stage as data. */
export function sitesOf(stage: Stage): readonly Site[] {
  return stage.sites.map((name) => SITES[name]);
}

/** Whether `text` names a stage. */
export function isStageName(text: string): text is StageName {
  return STAGE_NAMES.some((name) => name === text);
}
