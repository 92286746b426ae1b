/**
 * Station: environment, or the control plane that was started here -> clients of the deployment's own queues.
 *
 * For the two things that the API does not do: to look at dead letters, and to send a test alert. In the cloud
 * they go by the person's own rights at AWS.
 */
import { FOREIGN_CREDENTIALS } from "../../contracts/aws-environment.ts";
import { isResourcePrefix } from "../../contracts/resources.ts";
import { createClients, type StoreClients } from "../../functions/stores/clients.ts";
import { type EmbeddedEndpoints, embeddedEnvironment } from "../../local/aws/embedded.ts";
import { type RunningControl, readRunningControl } from "../run-file.ts";
import { LOCAL_PREFIX } from "../start-control.ts";

export type Deployment = {
  readonly prefix: string;
  readonly engine: string;
  readonly clients: StoreClients;
};

export type DeploymentFound =
  | { readonly ok: true; readonly deployment: Deployment }
  | { readonly ok: false; readonly reason: string };

/** The deployment that the environment names, or the one of this machine. */
export function findDeployment(
  engineFlag: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  running: RunningControl | null = readRunningControl(),
): DeploymentFound {
  const named = environment.RECKONER_CONTROL_PREFIX ?? "";
  const engine = engineFlag ?? environment.RECKONER_ENGINE ?? running?.engine;
  if (engine === undefined) return { ok: false, reason: "flag --engine: which engine is meant?" };
  if (named !== "") {
    if (!isResourcePrefix(named)) {
      return { ok: false, reason: "RECKONER_CONTROL_PREFIX is no prefix of a deployment" };
    }
    return { ok: true, deployment: { prefix: named, engine, clients: createClients(environment) } };
  }
  if (running === null || running.aws === "") {
    return {
      ok: false,
      reason:
        "no deployment is known: set RECKONER_CONTROL_PREFIX, or start one with: reckoner start",
    };
  }
  const own = embeddedEnvironment(JSON.parse(running.aws) as EmbeddedEndpoints);
  // The SDK reads its addresses from the process itself, and this process lives for one command.
  for (const name of FOREIGN_CREDENTIALS) delete process.env[name];
  Object.assign(process.env, own);
  return { ok: true, deployment: { prefix: LOCAL_PREFIX, engine, clients: createClients(own) } };
}
