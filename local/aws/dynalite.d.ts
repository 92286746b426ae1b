/**
 * The part of dynalite's interface that is used here; the package ships no types.
 */
declare module "dynalite" {
  import type { Server } from "node:http";

  type DynaliteOptions = {
    /** LevelDB folder; in memory without one. */
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  };

  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
