// Goal: every error of the SDK becomes one of four faults, and a failed condition none.
import { describe, expect, test } from "vitest";
import {
  asked,
  faultOf,
  isConditionFailed,
  StoreError,
  sdkName,
  sdkStatus,
} from "../../../functions/stores/store-error.ts";

function sdkError(name: string, status: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
}

describe("the fault of an error", () => {
  test.each([
    ["ThrottlingException", 400, "throttled"],
    ["ProvisionedThroughputExceededException", 400, "throttled"],
    ["RequestThrottled", 403, "throttled"],
    ["SlowDown", 503, "throttled"],
    ["Anything", 429, "throttled"],
    ["AccessDeniedException", 400, "denied"],
    ["AccessDenied", 403, "denied"],
    ["ExpiredTokenException", 400, "denied"],
    ["KMSAccessDeniedException", 400, "denied"],
    ["CredentialsProviderError", 0, "denied"],
    ["Anything", 403, "denied"],
    ["ValidationException", 400, "refused"],
    ["NoSuchBucket", 404, "refused"],
    ["InternalServerError", 500, "unavailable"],
    ["ServiceUnavailable", 503, "unavailable"],
    ["TimeoutError", 0, "unavailable"],
  ])("%s with status %d is %s", (name, status, fault) => {
    expect(faultOf(sdkError(name, status))).toBe(fault);
  });

  test.each([undefined, null, "text", 7, {}, { name: 7 }])("of %j is unavailable", (thrown) => {
    expect(faultOf(thrown)).toBe("unavailable");
    expect(sdkName(thrown)).toBe("");
    expect(sdkStatus(thrown)).toBe(0);
  });
});

describe("what is asked of a store", () => {
  test("answers, or says what was asked and why there is no answer", async () => {
    expect(await asked("ask", () => Promise.resolve(7))).toBe(7);
    const cause = sdkError("SlowDown", 503);
    const failure = asked("read a thing", () => Promise.reject(cause));
    await expect(failure).rejects.toMatchObject({
      name: "StoreError",
      fault: "throttled",
      message: "read a thing: throttled",
      cause,
    });
  });

  test("passes on failed conditions and errors that are said already", async () => {
    const failed = sdkError("ConditionalCheckFailedException", 400);
    expect(isConditionFailed(failed)).toBe(true);
    await expect(asked("x", () => Promise.reject(failed))).rejects.toBe(failed);
    const said = new StoreError("inner", "denied", failed);
    await expect(asked("outer", () => Promise.reject(said))).rejects.toBe(said);
  });
});
