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
