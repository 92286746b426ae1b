// Goal: whoever has won the lease knows who was before it, what is killed and which limits hold, or gives it back.
// Method: a client of the tables that answers from memory; the clock of the retries is the test's.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LEASE_TIMES } from "../../../contracts/lease.ts";
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
  onLimits: () => void = () => undefined;

  async send(command: { readonly constructor: { readonly name: string }; readonly input: object }) {
    const { TableName, Item } = command.input as { TableName: string; Item?: Attributes };
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
      case "GetItemCommand t-commands":
        if (this.isHeartbeatAway) throw new Error("away");
        return { Item: this.heartbeat };
      case "QueryCommand t-commands":
        return { Items: this.newestOrder === "" ? [] : [{ sk: { S: this.newestOrder } }] };
      default:
        throw new Error(`nobody asks for ${what}`);
    }
  }
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
    times: LEASE_TIMES,
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
