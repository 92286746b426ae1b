// Goal: each text that Kraken lists has its class, with details behind it and without; all others are
// unknown and alarm. Method: the whole table again, so that a change of it is a change of two files.
import { describe, expect, test } from "vitest";
import type { RefusalClass } from "../../../../../hotpath/core/trade/events.ts";
import {
  classifyRefusal,
  LISTED_TEXTS,
  throttledUntilUs,
} from "../../../../../hotpath/venues/kraken/execute/refusals.ts";

const WANTED: Readonly<Record<string, RefusalClass>> = {
  "EGeneral:Internal error": "unknown",
  "EGeneral:Invalid arguments": "rejected",
  "EGeneral:Permission denied": "credentials",
  "EGeneral:Temporary lockout": "credentials",
  "EGeneral:Unknown method": "rejected",
  "EAPI:Invalid key": "credentials",
  "EAPI:Invalid signature": "credentials",
  "EAPI:Invalid nonce": "clock",
  "EAPI:Rate limit exceeded": "throttled",
  "EAPI:Bad request": "rejected",
  "EAuth:Account temporary disabled": "credentials",
  "EAuth:Account unconfirmed": "credentials",
  "EAuth:Rate limit exceeded": "throttled",
  "EAuth:Too many requests": "throttled",
  "EAccount:Invalid permissions": "credentials",
  "EQuery:Unknown asset pair": "rejected",
  "EQuery:Unknown asset": "rejected",
  "EService:Unavailable": "unknown",
  "EService:Busy": "unknown",
  "EService:Timeout": "unknown",
  "EService:Deadline elapsed": "clock",
  "EService:Throttled": "throttled",
  "EService: Throttled": "throttled",
  "EService:Market in cancel_only mode": "halted",
  "EService:Market in post_only mode": "halted",
  "EService:Market in limit_only mode": "halted",
  "EService:Market in reduce_only mode": "halted",
  "EOrder:Rate limit exceeded": "throttled",
  "EOrder:Domain rate limit exceeded": "throttled",
  "EOrder:Orders limit exceeded": "rejected",
  "EOrder:Positions limit exceeded": "rejected",
  "EOrder:Order minimum not met": "rejected",
  "EOrder:Cost minimum not met": "rejected",
  "EOrder:Tick size check failed": "rejected",
  "EOrder:Invalid price": "rejected",
  "EOrder:Invalid order": "rejected",
  "EOrder:Insufficient funds": "rejected",
  "EOrder:Insufficient margin": "rejected",
  "EOrder:Cannot open position": "rejected",
  "EOrder:Cannot open opposing position": "rejected",
  "EOrder:Margin allowance exceeded": "rejected",
  "EOrder:Margin level too low": "rejected",
  "EOrder:Post only order": "rejected",
  "EOrder:Self trade": "rejected",
  "EOrder:Trading agreement required": "credentials",
  "EOrder:Unknown order": "noSuchOrder",
  "EOrder:Unknown position": "rejected",
  "EOrder:cl_ord_id is not supported": "rejected",
  "Currency pair not supported": "rejected",
  "EMarket:Invalid": "rejected",
};

describe("a listed text", () => {
  test("is in the table of this test, and nothing else is", () => {
    expect([...LISTED_TEXTS].sort()).toEqual(Object.keys(WANTED).sort());
  });

  test.each(Object.entries(WANTED))("%s is %s", (text, wanted) => {
    expect(classifyRefusal(text, "")).toEqual({
      class: wanted,
      code: text,
      text: "",
      isListed: true,
    });
    expect(classifyRefusal(`${text}:volume`, "").class).toBe(wanted);
    expect(classifyRefusal("", text)).toMatchObject({ class: wanted, code: text });
  });
});

describe("what is not listed", () => {
  test.each([
    "",
    "EOrder:Something of tomorrow",
    "EOrder:cl_ord_id is in use",
    "eorder:insufficient funds",
    "HTTP 502",
  ])("%j may have been executed, and alarms", (text) => {
    expect(classifyRefusal(text, "")).toMatchObject({ class: "unknown", isListed: false });
  });
});

test("a throttle with a time says until when", () => {
  expect(throttledUntilUs("EService: Throttled: 1795271288")).toBe(1_795_271_288_000_000);
  expect(throttledUntilUs("EService:Throttled:1795271288")).toBe(1_795_271_288_000_000);
  expect(throttledUntilUs("EService:Throttled")).toBeUndefined();
  expect(throttledUntilUs("EService:Throttled: soon")).toBeUndefined();
});
