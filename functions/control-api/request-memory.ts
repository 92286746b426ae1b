/**
 * Station: a write with its key -> carried out once, and answered the same way ever after.
 *
 * Powertools keeps the record: begun by a conditional put, completed with the answer, given up when the
 * work throws. What it answers with is a value here, never its errors. The engine's commands do not depend
 * on it: their ids are derived, so a lost record cannot double them.
 */
import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  IdempotencyValidationError,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import type { BasePersistenceLayer } from "@aws-lambda-powertools/idempotency/persistence";
import { StoreError } from "../stores/store-error.ts";
import type { OnceResult, RequestMemory } from "./ports.ts";
import type { Answer } from "./problem.ts";

type Context = Parameters<IdempotencyConfig["registerLambdaContext"]>[0];

/** A day: longer than a client retries, shorter than anybody wonders. */
const REMEMBERED_S = 86_400;
/** An attempt that has not ended by then has died: the API's own time is 29 s. */
const ATTEMPT_MS_MAX = 30_000;

/** An answer that must not be remembered, on its way past Powertools. */
class Unremembered extends Error {
  override readonly name = "Unremembered";
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("the answer is not remembered");
    this.answer = answer;
  }
}

type Asked = { readonly key: string; readonly payloadHash: string };

/** A memory in the records of `persistenceStore`. */
export function createRequestMemory(persistenceStore: BasePersistenceLayer): RequestMemory {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: "key",
    payloadValidationJmesPath: "payloadHash",
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: REMEMBERED_S,
    hashFunction: "sha256",
  });
  // Only the time that is left is asked of it; without it a died attempt would block for a day.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => ATTEMPT_MS_MAX } as Context);
  const run = makeIdempotent(
    async (_asked: Asked, work: () => Promise<Answer>) => {
      const answer = await work();
      if (answer.status >= 500) throw new Unremembered(answer);
      return answer;
    },
    { persistenceStore, config, keyPrefix: "control-api" },
  );
  return {
    async once(key, payloadHash, work): Promise<OnceResult> {
      let isReplay = true;
      const marked = (): Promise<Answer> => {
        isReplay = false;
        return work();
      };
      try {
        return { kind: "answer", answer: await run({ key, payloadHash }, marked), isReplay };
      } catch (error) {
        if (error instanceof Unremembered) {
          return { kind: "answer", answer: error.answer, isReplay: false };
        }
        if (error instanceof IdempotencyAlreadyInProgressError) return { kind: "inProgress" };
        if (error instanceof IdempotencyValidationError) return { kind: "otherRequest" };
        if (error instanceof IdempotencyPersistenceLayerError) {
          throw new StoreError("remember a request", "unavailable", error);
        }
        throw error;
      }
    },
  };
}
