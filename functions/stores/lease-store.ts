/**
 * The table of leases, as the functions see it: who holds an account, and the taking away of it.
 *
 * A function never acquires or renews. Revoking replaces the holder's name under its fence, so the holder's
 * next renewal fails and it stops; the fence stays, because only a new holder raises it. The name is not
 * emptied: until its time is over the holder may believe in its lease, and a successor has to wait.
 */
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { leaseKey } from "../../contracts/keys.ts";
import { LEASE_REVOKED, type LeaseItem } from "../../contracts/lease.ts";
import { tableName } from "../../contracts/resources.ts";
import { asked, isConditionFailed } from "./store-error.ts";

export type LeaseStore = {
  /** Strongly consistent; undefined where nobody ever held the account. */
  readonly read: (account: string) => Promise<LeaseItem | undefined>;
  /** Takes the lease from the holder with `fence`; `changed` where another fence stands there, or it was given back. */
  readonly revoke: (
    account: string,
    fence: number,
  ) => Promise<{
    readonly kind: "revoked" | "changed";
    readonly current: LeaseItem | undefined;
  }>;
};

/** The leases of the deployment `prefix`. */
export function createLeaseStore(client: DynamoDBDocumentClient, prefix: string): LeaseStore {
  const TableName = tableName(prefix, "lease");
  const read: LeaseStore["read"] = async (account) => {
    const { Item } = await asked("read a lease", () =>
      client.send(new GetCommand({ TableName, Key: leaseKey(account), ConsistentRead: true })),
    );
    if (Item === undefined) return;
    const { pk: _pk, sk: _sk, ...lease } = Item;
    return lease as LeaseItem;
  };
  return {
    read,
    async revoke(account, fence) {
      const update = new UpdateCommand({
        TableName,
        Key: leaseKey(account),
        UpdateExpression: "SET holder = :nobody",
        // One that was given back is free at once, and revoked it would make a successor wait.
        ConditionExpression: "fence = :fence AND holder <> :free",
        ExpressionAttributeValues: { ":nobody": LEASE_REVOKED, ":fence": fence, ":free": "" },
      });
      try {
        await asked("revoke a lease", () => client.send(update));
        return { kind: "revoked", current: await read(account) };
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return { kind: "changed", current: await read(account) };
      }
    },
  };
}
