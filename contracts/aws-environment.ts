/**
 * The guard of local mode: with `RECKONER_LOCAL=1` nothing may be asked of the real AWS, by nobody.
 *
 * The container and the functions make their own clients and share only this rule: every endpoint is on
 * loopback, and the credentials are the dummies. It judges names and values; it opens nothing.
 */

/** What a process was given by its surroundings. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Access key and secret of a machine that has no account. */
export const LOCAL_CREDENTIAL = "local";

/** Must be set in local mode. The one without a service's name catches every service that has none. */
const ENDPOINTS = [
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_ENDPOINT_URL_SQS",
  "AWS_ENDPOINT_URL_S3",
] as const;

/** Ways to other credentials than the two dummies; each would win over them or stand beside them. */
export const FOREIGN_CREDENTIALS = [
  "AWS_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
] as const;

/** Whether `environment` is that of one machine without AWS. */
export function isLocalMode(environment: Environment): boolean {
  return environment.RECKONER_LOCAL === "1";
}

/** Whether `address` is a web address of this very machine. */
export function isLoopbackUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") return false;
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** Why `environment` may not be used in local mode, naming the variable; "" when it may, or is not local. */
export function localAwsFault(environment: Environment): string {
  if (!isLocalMode(environment)) return "";
  const named = Object.keys(environment).filter((name) => name.startsWith("AWS_ENDPOINT_URL"));
  for (const name of new Set([...ENDPOINTS, ...named])) {
    const address = environment[name] ?? "";
    if (!isLoopbackUrl(address)) return `${name} is no loopback address, and RECKONER_LOCAL is 1`;
  }
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    if (environment[name] !== LOCAL_CREDENTIAL) {
      return `${name} is not the dummy "${LOCAL_CREDENTIAL}", and RECKONER_LOCAL is 1`;
    }
  }
  const foreign = FOREIGN_CREDENTIALS.find((name) => (environment[name] ?? "") !== "");
  return foreign === undefined ? "" : `${foreign} is set, and RECKONER_LOCAL is 1`;
}
