/**
 * Station: a handler and an event -> what became of the call.
 *
 * Every call gets a copy of its event, a context of its own and a deadline, as in Lambda. A handler that is
 * past its deadline cannot be stopped in one process: its answer is ignored, and so is its late failure.
 */
import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";

export type LambdaHandler = (event: unknown, context: Context) => unknown;

export type Invocation =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "timedOut" };

export type HostedFunction = {
  readonly name: string;
  readonly handler: LambdaHandler;
  readonly timeoutMs: number;
};

/** Calls the function with `event` and waits for its answer or its deadline. */
export async function invoke(
  { name, handler, timeoutMs }: HostedFunction,
  event: unknown,
): Promise<Invocation> {
  const context = contextOf(name, performance.now() + timeoutMs);
  const deadline = Promise.withResolvers<Invocation>();
  const timer = setTimeout(() => deadline.resolve({ kind: "timedOut" }), timeoutMs);
  const call = async (): Promise<Invocation> => {
    try {
      return { kind: "returned", value: await handler(structuredClone(event), context) };
    } catch (error) {
      return { kind: "threw", error };
    }
  };
  try {
    return await Promise.race([call(), deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function contextOf(functionName: string, deadlineMs: number): Context {
  const nothing = (): void => {};
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: "1024",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - performance.now()),
    done: nothing,
    fail: nothing,
    succeed: nothing,
  };
}
