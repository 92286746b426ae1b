/**
 * What a cold start of each function loads: the size of its bundle as it is deployed, and the time that this
 * Node needs to import it in a fresh process.
 *
 * No limit is set on either; they are listed, so that a package that makes a function slow is seen. A Lambda adds
 * its own start of a machine, which cannot be measured here.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { codeFolder } from "../../lib/bundle.ts";
import { CANCELLER, CONTROL_FUNCTIONS } from "../../lib/functions.ts";
import { embeddedEnvironment } from "../../local/aws/embedded.ts";
import { type BenchOptions, median, type Row } from "./measure.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROUNDS = 5;
const NOBODY = "http://127.0.0.1:9";
const BYTES_PER_MB = 1e6;

/** What the handlers want to know at their start; nothing is asked of anybody. */
const ENVIRONMENT = {
  ...embeddedEnvironment({ dynamodb: NOBODY, sqs: NOBODY, s3: NOBODY }),
  RECKONER_CONTROL_PREFIX: "reckoner",
  RECKONER_ENGINES: "reckoner",
  RECKONER_JWKS: '{"keys":[]}',
  RECKONER_ISSUER: "bench",
  RECKONER_AUDIENCE: "bench",
  POWERTOOLS_DEV: "true",
};

export function functionBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rounds = isQuick ? 1 : ROUNDS;
  const rows = [...CONTROL_FUNCTIONS, CANCELLER].map((plan): Row => {
    const folder = codeFolder(plan, {
      root: ROOT,
      functionsFolder: join(ROOT, "functions"),
      isBundled: true,
    });
    const file = join(folder, "index.mjs");
    const times = Array.from({ length: rounds }, () => importMs(file));
    const megabytes = (statSync(file).size / BYTES_PER_MB).toFixed(2);
    return {
      budget: 24,
      what: `cold start of ${plan.name}`,
      goal: "listed",
      measured: `${megabytes} MB, import ${median(times).toFixed(0)} ms`,
      verdict: "met",
    };
  });
  return Promise.resolve(rows);
}

/** Milliseconds of one import in a fresh process. */
function importMs(file: string): number {
  const script =
    "const began = performance.now(); await import(process.argv[1]);" +
    "process.stderr.write('\\n' + (performance.now() - began) + '\\n'); process.exit(0);";
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", script, file], {
    env: { ...process.env, ...ENVIRONMENT },
    encoding: "utf8",
  });
  const ms = Number(child.stderr.trim().split("\n").at(-1));
  if (!Number.isFinite(ms)) throw new Error(`${file} cannot be imported: ${child.stderr}`);
  return ms;
}
