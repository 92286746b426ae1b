// Goal: whoever has won the lease knows who was before it, what is killed and which limits hold, or gives it back.
// Method: a client of the tables that answers from memory; the clock of the retries is the test's.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dividedTimes, LEASE_TIMES } from "../../../contracts/lease.ts";
import { type Claim, claimAccount } from "../../../hotpath/control/claim.ts";
import { clientIdOf } from "../../../hotpath/core/order/client-id.ts";
import { type Attributes, toAttributes } from "../../../hotpath/io/aws/attributes.ts";
import { firstLease } from "../../../hotpath/io/aws/lease-store.ts";
import { openLog } from "../../../hotpath/io/log.ts";

const KILL = { scope: "all", target: "", by: "anna", reason: "odd", atUs: 5 };

class Tables {
  lease: Attributes = toAttributes(firstLease("paper"));
  heartbeat: Attributes | undefined;
  newestOrder = "";
  isHeartbeatAway = false;
  fence: Attributes | undefined;
  isFenceUsed = false;
  onLimits: () => void = () => undefined;

  async send(command: { readonly constructor: { readonly name: string }; readonly input: object }) {
    const { TableName, Item, Key } = command.input as {
      readonly TableName: string;
      readonly Item?: Attributes;
      readonly Key?: Attributes;
    };
    const what = `${command.constructor.name} ${TableName}`;
    switch (what) {
      case "GetItemCommand t-lease":
        return { Item: this.lease };
      case "PutItemCommand t-lease":
        this.lease = Item ?? {};
        return {};
      case "QueryCommand t-control":
        this.onLimits();
        return { Items: [] };
      case "PutItemCommand t-commands":
        if (this.isFenceUsed) throw conditionFailed();
        this.fence = Item;
        return {};
      case "GetItemCommand t-commands":
        if (Key?.sk?.S === "fence") return { Item: this.fence };
        if (this.isHeartbeatAway) throw new Error("away");
        return { Item: this.heartbeat };
      case "QueryCommand t-commands":
        return { Items: this.newestOrder === "" ? [] : [{ sk: { S: this.newestOrder } }] };
      default:
        throw new Error(`nobody asks for ${what}`);
    }
  }
}

function conditionFailed(): Error {
  const error = new Error("the condition is not met");
  error.name = "ConditionalCheckFailedException";
  return error;
}

let tables: Tables;
let root = "";
let asked: ReturnType<typeof Promise.withResolvers<void>>;
beforeEach(() => {
  tables = new Tables();
  root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-claim-"));
  asked = Promise.withResolvers<void>();
});
afterEach(() => {
  vi.useRealTimers();
  fs.rmSync(root, { recursive: true, force: true });
});

async function claim(): Promise<Claim> {
  const control = {
    prefix: "t",
    bucketPlace: "",
    engine: "paper",
    account: "paper",
    // A lease that has forgotten its fence is waited for: the whole wait is an eighth of a second here.
    times: dividedTimes(LEASE_TIMES, 100),
    isLocal: true,
  };
  const log = openLog({ instance: "t", nowUs: () => 0, write: () => undefined });
  const options = { control, runId: "run-2", root, log, asked: asked.promise };
  const made = await claimAccount(options, tables as unknown as DynamoDBClient);
  if (made.kind === "claimed") made.claimed.keeper.stop();
  return made;
}

describe("a claim", () => {
  test("of an account on which nobody has traded is no succession", async () => {
    expect(await claim()).toMatchObject({
      kind: "claimed",
      claimed: { held: { fence: 1, fenceBefore: 0 }, isSuccessor: false, limits: undefined },
    });
    expect(tables.lease.holder).toEqual({ S: "run-2" });
  });

  test("knows by the orders that another has traded, where the lease has forgotten it", async () => {
    tables.newestOrder = clientIdOf(9, 1);
    expect(await claim()).toMatchObject({
      claimed: { held: { fence: 10, fenceBefore: 0 }, isSuccessor: true },
    });
  });

  test("records its fence beside the lease, and begins above one that is recorded", async () => {
    expect(await claim()).toMatchObject({ kind: "claimed" });
    expect(tables.fence).toMatchObject({ fence: { N: "1" }, holder: { S: "run-2" } });
    tables.lease = toAttributes(firstLease("paper"));
    expect(await claim()).toMatchObject({ claimed: { held: { fence: 2 }, isSuccessor: true } });
  });

  test("is refused where another has recorded as high a fence meanwhile", async () => {
    tables.isFenceUsed = true;
    expect(await claim()).toEqual({
      kind: "refused",
      reason: "the fence 1 of the lease was used before",
    });
    expect(tables.lease.holder).toEqual({ S: "" });
  });

  test("keeps what is killed under the engine before", async () => {
    const statusJson = JSON.stringify({ trading: { kills: [KILL] } });
    tables.heartbeat = toAttributes({ runId: "run-1", statusJson });
    expect(await claim()).toMatchObject({ kind: "claimed" });
    const kept = JSON.parse(fs.readFileSync(path.join(root, "kills.json"), "utf8"));
    expect(kept.kills).toEqual([KILL]);
  });

  test("is refused, and given back, where what is killed cannot be known", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    tables.isHeartbeatAway = true;
    const claiming = claim();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await claiming).toEqual({ kind: "refused", reason: "what is killed elsewhere: away" });
    expect(tables.lease.holder).toEqual({ S: "" });
  });

  test("gives back what it has won when it was asked to end meanwhile", async () => {
    tables.onLimits = () => asked.resolve();
    expect(await claim()).toEqual({ kind: "asked" });
    expect(tables.lease.holder).toEqual({ S: "" });
  });
});
