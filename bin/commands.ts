/**
 * Station: the table of commands.
 *
 * To add a command: write `bin/<name>.ts` that exports a `Command`, and add one row here. The row
 * loads the file only when the command is called, so that `reckoner version` does not pay for the
 * engine.
 */
import type { CommandRow } from "./command.ts";

/** Every command, in the order of the help page. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: "start",
    summary: "the main job: the engine on simulated venues, or on live feeds",
    load: async () => (await import("./start.ts")).startCommand,
  },
  {
    name: "preflight",
    summary: "keys, clock, balances, fees and a test order of each account; trades nothing",
    load: async () => (await import("./preflight.ts")).preflightCommand,
  },
  {
    name: "verify",
    summary: "feed a raw recording to the engine and compare every top of book",
    load: async () => (await import("./verify.ts")).verifyCommand,
  },
  {
    name: "replay",
    summary: "run a journal again and compare every command; stop at any tick",
    load: async () => (await import("./replay.ts")).replayCommand,
  },
  {
    name: "journal check",
    summary: "read every byte of a journal and say how far it holds",
    load: async () => (await import("./journal-check.ts")).journalCheckCommand,
  },
  {
    name: "archive check",
    summary: "hold the archive to the journal, record by record",
    load: async () => (await import("./archive.ts")).archiveCheckCommand,
  },
  {
    name: "archive copy",
    summary: "copy the archive's Parquet files into a folder, for DuckDB and others",
    load: async () => (await import("./archive.ts")).archiveCopyCommand,
  },
  {
    name: "export",
    summary: "write a journal, or a window of it, as JSON lines",
    load: async () => (await import("./export.ts")).exportCommand,
  },
  {
    name: "import",
    summary: "make a journal of exported JSON lines again",
    load: async () => (await import("./import.ts")).importCommand,
  },
  {
    name: "status",
    summary: "ask the running engine how it is",
    load: async () => (await import("./status.ts")).statusCommand,
  },
  {
    name: "kill",
    summary: "stop trading at once; holds over restarts",
    load: async () => (await import("./operate.ts")).killCommand,
  },
  {
    name: "release",
    summary: "take a kill back",
    load: async () => (await import("./operate.ts")).releaseCommand,
  },
  {
    name: "drain",
    summary: "finish what is under way and begin nothing new",
    load: async () => (await import("./operate.ts")).drainCommand,
  },
  {
    name: "limits get",
    summary: "the limits in force, or an earlier version",
    load: async () => (await import("./control/limits.ts")).limitsGetCommand,
  },
  {
    name: "limits set",
    summary: "change limits; widening waits for a second person",
    load: async () => (await import("./control/limits.ts")).limitsSetCommand,
  },
  {
    name: "limits history",
    summary: "the versions of the limits",
    load: async () => (await import("./control/limits.ts")).limitsHistoryCommand,
  },
  {
    name: "proposals list",
    summary: "changes that wait for a second person",
    load: async () => (await import("./control/proposals.ts")).proposalsListCommand,
  },
  {
    name: "proposals approve",
    summary: "carry out what somebody else has proposed",
    load: async () => (await import("./control/proposals.ts")).proposalsApproveCommand,
  },
  {
    name: "proposals reject",
    summary: "turn a proposal down",
    load: async () => (await import("./control/proposals.ts")).proposalsRejectCommand,
  },
  {
    name: "pause",
    summary: "open nothing new until it is resumed",
    load: async () => (await import("./control/commands.ts")).pauseCommand,
  },
  {
    name: "resume",
    summary: "back to the engine's own mode",
    load: async () => (await import("./control/commands.ts")).resumeCommand,
  },
  {
    name: "mode",
    summary: "the loosest mode the engine may be in",
    load: async () => (await import("./control/commands.ts")).modeCommand,
  },
  {
    name: "resync",
    summary: "make a book anew",
    load: async () => (await import("./control/commands.ts")).resyncCommand,
  },
  {
    name: "cancel-all",
    summary: "cancel every open order of ours",
    load: async () => (await import("./control/commands.ts")).cancelAllCommand,
  },
  {
    name: "flatten",
    summary: "cancel, and sell what is held",
    load: async () => (await import("./control/commands.ts")).flattenCommand,
  },
  {
    name: "trades",
    summary: "fills, by instrument, cycle, leg or client id",
    load: async () => (await import("./control/history.ts")).historyCommand("trades"),
  },
  {
    name: "orders",
    summary: "orders at their end",
    load: async () => (await import("./control/history.ts")).historyCommand("orders"),
  },
  {
    name: "cycles",
    summary: "cycles at their end, with profit and attribution",
    load: async () => (await import("./control/history.ts")).historyCommand("cycles"),
  },
  {
    name: "opportunities",
    summary: "what was seen, and what was made of it",
    load: async () => (await import("./control/history.ts")).historyCommand("opportunities"),
  },
  {
    name: "denials",
    summary: "what the risk gate denied, with the version of the limits",
    load: async () => (await import("./control/history.ts")).historyCommand("denials"),
  },
  {
    name: "resyncs",
    summary: "when books were wrong, for how long and why, drawn in six stages",
    load: async () => (await import("./control/history.ts")).historyCommand("resyncs"),
  },
  {
    name: "alerts",
    summary: "what people were told",
    load: async () => (await import("./control/history.ts")).historyCommand("alerts"),
  },
  {
    name: "latency",
    summary: "minutes of the loop",
    load: async () => (await import("./control/history.ts")).historyCommand("latency"),
  },
  {
    name: "report",
    summary: "a day's report",
    load: async () => (await import("./control/report.ts")).reportCommand,
  },
  {
    name: "pnl",
    summary: "profit by day and asset, exact",
    load: async () => (await import("./control/report.ts")).pnlCommand,
  },
  {
    name: "audit list",
    summary: "who changed what, when and why",
    load: async () => (await import("./control/audit.ts")).auditListCommand,
  },
  {
    name: "audit verify",
    summary: "work out every hash of both chains anew",
    load: async () => (await import("./control/audit.ts")).auditVerifyCommand,
  },
  {
    name: "dlq list",
    summary: "what no consumer could use",
    load: async () => (await import("./control/dead-letters.ts")).dlqListCommand,
  },
  {
    name: "dlq redrive",
    summary: "send dead letters back to their queue",
    load: async () => (await import("./control/dead-letters.ts")).dlqRedriveCommand,
  },
  {
    name: "alerts test",
    summary: "see that people are reached",
    load: async () => (await import("./control/alerts-test.ts")).alertsTestCommand,
  },
  {
    name: "user add",
    summary: "give a person a role",
    load: async () => (await import("./control/user-add.ts")).userAddCommand,
  },
  {
    name: "venues",
    summary: "start the simulated venues alone",
    load: async () => (await import("./venues.ts")).venuesCommand,
  },
  {
    name: "config check",
    summary: "check a configuration file; every fault names its field and line",
    load: async () => (await import("./config.ts")).configCheckCommand,
  },
  {
    name: "config reference",
    summary: "print the reference of the configuration file",
    load: async () => (await import("./config.ts")).configReferenceCommand,
  },
  {
    name: "soak",
    summary: "a steady load for minutes: queue delay and memory, minute by minute",
    load: async () => (await import("./soak.ts")).soakCommand,
  },
  {
    name: "bench",
    summary: "measure against the budgets and the peers",
    load: async () => (await import("./bench.ts")).benchCommand,
  },
  {
    name: "resync-bench",
    summary: "inject faults and measure the time to right books",
    load: async () => (await import("./resync-bench.ts")).resyncBenchCommand,
  },
  {
    name: "sim",
    summary: "play whole histories of the engine from seeds, and judge them",
    load: async () => (await import("./sim.ts")).simCommand,
  },
  {
    name: "campaign fuzz",
    summary: "broken input for every reader, millions of times",
    load: async () => (await import("./campaign.ts")).campaignCommand("fuzz"),
  },
  {
    name: "campaign crash-points",
    summary: "end the engine at every effect, and recover",
    load: async () => (await import("./campaign.ts")).campaignCommand("crashPoints"),
  },
  {
    name: "campaign bit-flips",
    summary: "flip every bit of a journal, and recover",
    load: async () => (await import("./campaign.ts")).campaignCommand("bitFlips"),
  },
  {
    name: "campaign split-brain",
    summary: "two engines, one lease, thousands of times",
    load: async () => (await import("./campaign.ts")).campaignCommand("splitBrain"),
  },
  {
    name: "campaign whole-engines",
    summary: "two whole engines on one account, from seeds",
    load: async () => (await import("./campaign.ts")).campaignCommand("wholeEngines"),
  },
  {
    name: "campaign interleavings",
    summary: "every order of steps of two machines of the lease",
    load: async () => (await import("./campaign.ts")).campaignCommand("interleavings"),
  },
  {
    name: "campaign control",
    summary: "histories of the control plane from seeds",
    load: async () => (await import("./campaign.ts")).campaignCommand("control"),
  },
  {
    name: "campaign planted",
    summary: "plant bugs in a copy of the source, and find each of them",
    load: async () => (await import("./campaign-planted.ts")).campaignPlantedCommand,
  },
  {
    name: "order-storm",
    summary: "thousands of orders that go wrong, an engine killed over and over",
    load: async () => (await import("./order-storm.ts")).orderStormCommand,
  },
  {
    name: "lease-drill",
    summary: "two engines on one account, killed and paused: never two holders",
    load: async () => (await import("./lease-drill.ts")).leaseDrillCommand,
  },
  {
    name: "version",
    summary: "print the version of Reckoner and of Node",
    load: async () => (await import("./version.ts")).versionCommand,
  },
  {
    name: "dev test",
    summary: "everything that `dev check` does, and all tests",
    load: async () => (await import("./dev.ts")).devTestCommand,
  },
  {
    name: "dev check",
    summary: "format, lint, types and the house tests; takes seconds",
    load: async () => (await import("./dev.ts")).devCheckCommand,
  },
  {
    name: "dev picture",
    summary: "draw the picture of the README from a real run",
    load: async () => (await import("./dev.ts")).devPictureCommand,
  },
  {
    name: "dev synth",
    summary: "the templates of the infrastructure, checked; needs no account",
    load: async () => (await import("./synth.ts")).devSynthCommand,
  },
  {
    name: "dev format",
    summary: "rewrite files in the house format",
    load: async () => (await import("./dev.ts")).devFormatCommand,
  },
];
