/**
 * Errors as the SDK throws them: by the names and statuses that the stores and the engine tell faults by.
 *
 * A failed condition is the SDK's own class, because some callers ask for it by `instanceof`.
 */
import { type AttributeValue, ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

const STATUS_BAD_REQUEST = 400;
const STATUS_SERVER = 500;

/** An error of a service; `status` 0 is one of the way there, which tells nothing of what became of it. */
export function sdkError(name: string, status: number, message = name): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status === 0 ? undefined : status },
    $fault: status >= STATUS_SERVER ? "server" : "client",
  });
}

/** A condition that did not hold; `item` is what stands there, where it was asked for. */
export function conditionFailed(item?: Record<string, AttributeValue>): Error {
  return new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: { httpStatusCode: STATUS_BAD_REQUEST },
    ...(item !== undefined && { Item: item }),
  });
}

/** A request that is wrong in itself: the simulator does not know it, or the service would refuse it. */
export function invalid(message: string): Error {
  return sdkError("ValidationException", STATUS_BAD_REQUEST, message);
}

/** Whether the SDK would try again by itself (retry mode "standard", developer guide, 2026-11). */
export function isRetryable(error: unknown): boolean {
  const { name = "", $metadata } = error as {
    readonly name?: string;
    readonly $metadata?: { readonly httpStatusCode?: number | undefined };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return name === "TimeoutError" || status >= STATUS_SERVER || /Throttl|SlowDown/.test(name);
}
