// Goal: a lease is read as it stands, and taken only from the holder that was meant.
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leaseKey } from "../../../contracts/keys.ts";
import { LEASE_REVOKED, type LeaseItem } from "../../../contracts/lease.ts";
import { tableName } from "../../../contracts/resources.ts";
import { createLeaseStore } from "../../../functions/stores/lease-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

const LEASE: LeaseItem = {
  schemaVersion: 1,
  account: "kraken-main",
  holder: "run-7",
  engine: "paper",
  fence: 7,
  renewals: 12,
  imageDigest: "sha256:0",
  schemaHash: "0",
};

describe.each(awsTargets("dynamodb"))("leases at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.tables);
      await rig.clients.documents.send(
        new PutCommand({
          TableName: tableName(rig.prefix, "lease"),
          Item: { ...leaseKey(LEASE.account), ...LEASE },
        }),
      );
    });
    afterAll(async () => await rig.stop());

    test("a lease is revoked under its fence only, and keeps the fence", async () => {
      const store = createLeaseStore(rig.clients.documents, rig.prefix);
      expect(await store.read("nobody")).toBeUndefined();
      expect(await store.read(LEASE.account)).toEqual(LEASE);
      const older = await store.revoke(LEASE.account, 6);
      expect(older).toEqual({ kind: "changed", current: LEASE });
      faults.add("UpdateItemCommand", "lostAnswer");
      const revoked = { ...LEASE, holder: LEASE_REVOKED };
      expect(await store.revoke(LEASE.account, 7)).toEqual({ kind: "revoked", current: revoked });
      expect(await store.revoke("nobody", 1)).toEqual({ kind: "changed", current: undefined });
    });

    test("a lease that was given back stays free", async () => {
      const store = createLeaseStore(rig.clients.documents, rig.prefix);
      const free = { ...LEASE, account: "free", holder: "" };
      const TableName = tableName(rig.prefix, "lease");
      const put = new PutCommand({ TableName, Item: { ...leaseKey("free"), ...free } });
      await rig.clients.documents.send(put);
      expect(await store.revoke("free", LEASE.fence)).toEqual({ kind: "changed", current: free });
    });

    test("a revocation that is denied is none", async () => {
      const store = createLeaseStore(rig.clients.documents, rig.prefix);
      faults.add("UpdateItemCommand", "denied");
      await expect(store.revoke(LEASE.account, 7)).rejects.toMatchObject({ fault: "denied" });
    });
  });
});
