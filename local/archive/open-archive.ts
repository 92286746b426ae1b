/**
 * The archive that a command on this machine means: that of the deployment which the environment names, or that of
 * the stand-ins' folder, which is opened for as long as the command lasts.
 */
import { type Environment, FOREIGN_CREDENTIALS } from "../../contracts/aws-environment.ts";
import { deploymentOf } from "../../functions/platform/environment.ts";
import { type ArchiveStore, createArchiveStore } from "../../functions/stores/archive-store.ts";
import { createClients, destroyClients } from "../../functions/stores/clients.ts";
import { embeddedEnvironment, startEmbedded } from "../aws/embedded.ts";

export type OpenArchive = {
  readonly store: ArchiveStore;
  readonly close: () => Promise<void>;
};

/** The archive of the deployment that `environment`, the process's own, names. */
export function openDeployedArchive(environment: Environment): OpenArchive {
  const { prefix, bucketPlace } = deploymentOf(environment);
  const clients = createClients(environment);
  return {
    store: createArchiveStore(clients.objects, prefix, bucketPlace),
    close: () => Promise.resolve(destroyClients(clients)),
  };
}

/**
 * The archive of the deployment `prefix` in `folder`, where a control plane of this machine left it. Throws a
 * `FolderLockedError` while that one runs. Until it is closed the process has the variables of the stand-ins,
 * because the SDK reads them, and none that lead to an account of AWS.
 */
export async function openStoredArchive(folder: string, prefix: string): Promise<OpenArchive> {
  const names = { prefix, bucketPlace: "local", engines: [] };
  const embedded = await startEmbedded({ ...names, folder, dynamodbPort: 0, sqsPort: 0 });
  const restore = replaceVariables({
    ...Object.fromEntries(FOREIGN_CREDENTIALS.map((name) => [name, undefined])),
    ...embeddedEnvironment(embedded.endpoints),
    RECKONER_CONTROL_PREFIX: prefix,
    RECKONER_BUCKET_PLACE: names.bucketPlace,
  });
  const end = async (): Promise<void> => {
    restore();
    await embedded.stop();
  };
  try {
    const opened = openDeployedArchive(process.env);
    return { store: opened.store, close: () => opened.close().then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Sets `variables` of this process, an undefined one is taken away; what it returns puts back what was there. */
function replaceVariables(variables: Environment): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  setVariables(Object.entries(variables));
  return () => setVariables(before);
}

function setVariables(
  variables: readonly (readonly [name: string, value: string | undefined])[],
): void {
  for (const [name, value] of variables) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
