/**
 * What a store says when it could not answer: one error with one of four faults.
 *
 * The SDK has hundreds of error names. Handlers need to know only whether to try again, to alarm, or to mend
 * the program; which of these it is, is decided here and nowhere else.
 */

/**
 * throttled and unavailable: again later, and whether a write took place is unknown. denied: permission or
 * key is missing. refused: the request itself is wrong, so it will be wrong again.
 */
export const STORE_FAULTS = ["throttled", "unavailable", "denied", "refused"] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];

/** A store that could not answer. `cause` is the SDK's own error. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly fault: StoreFault;

  constructor(what: string, fault: StoreFault, cause: unknown) {
    super(`${what}: ${fault}`, { cause });
    this.fault = fault;
  }
}

type SdkError = {
  readonly name?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number | undefined };
};

const THROTTLED =
  /^(?:.*Throttl.*|ProvisionedThroughputExceededException|RequestLimitExceeded|SlowDown|TooManyRequestsException|RequestThrottled.*)$/;
const DENIED =
  /^(?:AccessDenied.*|UnrecognizedClientException|InvalidClientTokenId|ExpiredToken.*|InvalidSignature.*|SignatureDoesNotMatch|CredentialsProviderError|.*[Kk]ms.*|KMS.*)$/;

/** The name that the SDK gave `error`, or "". */
export function sdkName(error: unknown): string {
  const name = (error as SdkError | undefined)?.name;
  return typeof name === "string" ? name : "";
}

/** Whether a conditional write was turned down by its condition. */
export function isConditionFailed(error: unknown): boolean {
  return sdkName(error) === "ConditionalCheckFailedException";
}

/** HTTP status of an answer that was an error, or 0 where there was none. */
export function sdkStatus(error: unknown): number {
  return (error as SdkError | undefined)?.$metadata?.httpStatusCode ?? 0;
}

/** Which fault `error` of the SDK is. */
export function faultOf(error: unknown): StoreFault {
  const name = sdkName(error);
  const status = sdkStatus(error);
  if (THROTTLED.test(name) || status === 429) return "throttled";
  if (DENIED.test(name) || status === 401 || status === 403) return "denied";
  return status >= 400 && status < 500 ? "refused" : "unavailable";
}

/** The answer of `ask`, or a `StoreError` that says `what` was asked. Failed conditions pass unchanged. */
export async function asked<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StoreError || isConditionFailed(error)) throw error;
    throw new StoreError(what, faultOf(error), error);
  }
}
