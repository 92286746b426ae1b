// Goal: the handler itself, with no AWS at all behind it: keys from the environment, venues, and nothing more.
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CANCEL_VENUES } from "../../../functions/cancel-all/endpoints.ts";
import type { AccountResult } from "../../../functions/cancel-all/logic.ts";
import { VenueRig } from "./venue-rig.ts";

const CONTEXT = { getRemainingTimeInMillis: () => 20_000 } as Context;
const NOWHERE = "http://127.0.0.1:9";

let rig: VenueRig;
let handler: (event: unknown, context: Context) => Promise<{ accounts: readonly AccountResult[] }>;

beforeAll(async () => {
  rig = await VenueRig.start();
  const nameOf = (venue: string): string => `reckoner/cancel/paper/${venue}`;
  Object.assign(process.env, {
    RECKONER_LOCAL: "1",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: NOWHERE,
    RECKONER_CANCEL_SECRETS: CANCEL_VENUES.map(nameOf).join(","),
    RECKONER_CANCEL_STAND_INS: JSON.stringify(rig.origins()),
    RECKONER_CANCEL_KEYS: JSON.stringify(
      Object.fromEntries(CANCEL_VENUES.map((venue) => [nameOf(venue), rig.keys(venue)])),
    ),
  });
  ({ handler } = await import("../../../functions/cancel-all/handler.ts"));
});
afterAll(async () => {
  await rig.stop();
});

test("the alarm of a silent engine ends with no order of ours while every table is down", async () => {
  for (const venue of CANCEL_VENUES) await rig.place(venue, 2);
  const Message = JSON.stringify({
    AlarmName: "reckoner-heartbeat-missing-paper",
    NewStateValue: "ALARM",
  });
  const { accounts } = await handler({ Records: [{ Sns: { Message } }] }, CONTEXT);
  expect(accounts.map(({ outcome, canceled }) => [outcome, canceled.length])).toEqual([
    ["clean", 2],
    ["clean", 2],
    ["clean", 2],
  ]);
  expect(CANCEL_VENUES.flatMap((venue) => rig.open(venue))).toEqual([]);
}, 20_000);

test("a call that cannot be read is an error, and an alarm that is over does nothing", async () => {
  await expect(handler({ veneu: "kraken" }, CONTEXT)).rejects.toThrow("veneu is no field");
  const Message = JSON.stringify({ AlarmName: "a", NewStateValue: "OK" });
  expect(await handler({ Records: [{ Sns: { Message } }] }, CONTEXT)).toEqual({ accounts: [] });
});
