// Goal: what no retry can mend becomes one clear sentence, and everything else is left to retries.
import { describe, expect, test } from "vitest";
import { type RequestFailure, venueRefusal } from "../../../hotpath/io/venue-refusal.ts";

const refusalOf = (failure: RequestFailure) =>
  venueRefusal("binance-spot", "api.binance.com", failure);

describe("a refusal", () => {
  test.each([
    [451, "does not serve this place"],
    [403, "refuses this machine"],
    [418, "has banned this address"],
  ])("HTTP %i says that the venue %s", (status, words) => {
    const sentence = refusalOf({ kind: "status", status });
    expect(sentence).toContain(`binance-spot ${words}`);
    expect(sentence).toContain(`api.binance.com answered HTTP ${status}`);
    expect(sentence).not.toContain("\n");
  });

  test.each([
    ["ENOTFOUND", "there is no network"],
    ["EAI_AGAIN", "there is no network"],
    ["ENETUNREACH", "there is no network"],
    ["ECONNREFUSED", "does not answer"],
    ["UND_ERR_CONNECT_TIMEOUT", "does not answer"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "the certificate of api.binance.com is not good"],
    ["CERT_HAS_EXPIRED", "the certificate of api.binance.com is not good"],
  ])("%s says that %s", (code, words) => {
    const sentence = refusalOf({ kind: "network", code });
    expect(sentence).toContain(words);
    expect(sentence).toContain(code);
  });

  test.each([200, 400, 429, 500, 503])("HTTP %i may pass by itself", (status) => {
    expect(refusalOf({ kind: "status", status })).toBeNull();
  });

  test.each(["EPIPE", "", "SOMETHING_NEW"])("code %j may pass by itself", (code) => {
    expect(refusalOf({ kind: "network", code })).toBeNull();
  });
});
