/**
 * Station: `reckoner start` -> the control plane of this machine: two processes beside the engine.
 *
 * Embedded AWS and the host of the very functions that run in the cloud. Their data and the identity that
 * signs tokens lie beside the journal and outlive the run. A deployment that the configuration or the
 * environment names is somebody else's to run: then nothing is started here.
 */
import { dirname, join, resolve } from "node:path";
import { FOREIGN_CREDENTIALS } from "../contracts/aws-environment.ts";
import type { Config } from "../contracts/schema/config.ts";
import { riskLimitsOf } from "../hotpath/trading-plan.ts";
import { embeddedEnvironment } from "../local/aws/embedded.ts";
import { openIdentity } from "../local/identity/identity.ts";
import { ROOT } from "./child.ts";
import type { NotStarted, Started } from "./start-process.ts";

export const AWS_SCRIPT = "local/aws/main.ts";
export const HOST_SCRIPT = "local/lambda-host/main.ts";

/** Prefix of the deployment of this machine. */
export const LOCAL_PREFIX = "reckoner";
const PREFIX_VARIABLE = "RECKONER_CONTROL_PREFIX";

/** Variables of a child; an undefined one is taken away. */
export type ChildEnvironment = Readonly<Record<string, string | undefined>>;

/** Where the control plane answers, and what the processes beside it are given. */
export type Control = {
  /** `http://127.0.0.1:PORT` of the API and the pages. */
  readonly api: string;
  readonly engine: string;
  /** Folder of the identity that signs tokens. */
  readonly identity: string;
  /** Base addresses of the stand-ins for AWS, as JSON text. */
  readonly aws: string;
  readonly environment: ChildEnvironment;
};

export type ControlStart = { readonly ok: true; readonly control: Control } | NotStarted;

/** Brings a process up with variables of its own. */
export type BringUp = (
  name: string,
  args: readonly string[],
  environment: ChildEnvironment,
) => Promise<Started | NotStarted>;

/** Whether this start has to bring up a control plane of its own. */
export function wantsOwnControl(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return config.control.prefix === "" && (environment[PREFIX_VARIABLE] ?? "") === "";
}

/** Starts embedded AWS, then the host of the functions. */
export async function startControl(
  config: Config,
  httpPort: number,
  bringUp: BringUp,
  scripts = { aws: AWS_SCRIPT, host: HOST_SCRIPT },
): Promise<ControlStart> {
  const engine = config.instance;
  // From the checkout, as its children see it, wherever this was called from.
  const folder = resolve(ROOT, dirname(config.journal.directory), "control");
  const identity = join(folder, "identity");
  const own = { ...Object.fromEntries(FOREIGN_CREDENTIALS.map((name) => [name, undefined])) };
  const awsArgs = [
    "--with-parent",
    "--folder",
    folder,
    "--prefix",
    LOCAL_PREFIX,
    "--engine",
    engine,
  ];
  const aws = await bringUp("aws", [scripts.aws, ...awsArgs], own);
  if (!aws.ok) return aws;
  const environment: ChildEnvironment = {
    ...own,
    ...embeddedEnvironment(JSON.parse(aws.firstLine)),
    [PREFIX_VARIABLE]: LOCAL_PREFIX,
    RECKONER_BUCKET_PLACE: "local",
  };
  const host = await bringUp(
    "functions",
    [scripts.host, "--with-parent", "--http-port", String(httpPort)],
    {
      ...environment,
      ...(await openIdentity(identity)).environment,
      RECKONER_ENGINES: engine,
      // What the engine runs on until a version is put: the base that a first change is judged by.
      RECKONER_BASE_LIMITS: JSON.stringify({ [engine]: riskLimitsOf(config.trading.limits) }),
    },
  );
  if (!host.ok) return host;
  const { http } = JSON.parse(host.firstLine) as { readonly http: string };
  return { ok: true, control: { api: http, engine, identity, aws: aws.firstLine, environment } };
}
