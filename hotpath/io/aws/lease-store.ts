/**
 * Station: wishes of the lease's machine -> one item of the table of leases, and what became of them.
 *
 * Reads are strongly consistent and every write names the item that it replaces. An answer that does not
 * come says nothing: the write may have landed, so it is told apart from one that was refused.
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { leaseKey } from "../../../contracts/keys.ts";
import { LEASE_SCHEMA_VERSION, type LeaseItem } from "../../../contracts/lease.ts";
import { tableName } from "../../../contracts/resources.ts";
import { fromAttributes, toAttribute, toAttributes } from "./attributes.ts";
import { awsErrorName, isConditionFailed } from "./clients.ts";

export type LeaseReading =
  | { readonly kind: "read"; readonly item: LeaseItem | undefined }
  /** Nothing is known; an item that cannot be understood is one of these. */
  | { readonly kind: "failed"; readonly reason: string };

export type LeaseWriting =
  | { readonly kind: "written" }
  /** Another item stands there. */
  | { readonly kind: "refused" }
  | { readonly kind: "unknown"; readonly reason: string };

/** The lease of one account; the simulator and tests have others. */
export interface LeaseStore {
  read(): Promise<LeaseReading>;
  /** Replaces `after` (undefined: no item) by `item`, if that is what stands there. */
  put(item: LeaseItem, after: LeaseItem | undefined): Promise<LeaseWriting>;
}

export type LeaseStoreOptions = {
  readonly client: DynamoDBClient;
  readonly prefix: string;
  readonly account: string;
  /** A request without an answer is given up after this. */
  readonly timeoutMs: number;
};

export function createLeaseStore(options: LeaseStoreOptions): LeaseStore {
  const { client, prefix, account, timeoutMs } = options;
  const TableName = tableName(prefix, "lease");
  const Key = toAttributes(leaseKey(account));
  const deadline = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });
  return {
    async read() {
      try {
        const command = new GetItemCommand({ TableName, Key, ConsistentRead: true });
        const { Item } = await client.send(command, deadline());
        if (Item === undefined) return { kind: "read", item: undefined };
        const item = leaseOf(fromAttributes(Item));
        if (item !== undefined) return { kind: "read", item };
        return { kind: "failed", reason: "the item of the lease cannot be understood" };
      } catch (error) {
        return { kind: "failed", reason: awsErrorName(error) };
      }
    },
    async put(item, after) {
      const Item = { ...Key, ...toAttributes(item) };
      try {
        const command = new PutItemCommand({ TableName, Item, ...conditionOf(after) });
        await client.send(command, deadline());
        return { kind: "written" };
      } catch (error) {
        if (isConditionFailed(error)) return { kind: "refused" };
        return { kind: "unknown", reason: awsErrorName(error) };
      }
    },
  };
}

/** A lease that nobody has held, so that the first engine need not wait as if one had been deleted. */
export function firstLease(account: string): LeaseItem {
  return {
    schemaVersion: LEASE_SCHEMA_VERSION,
    account,
    holder: "",
    engine: "",
    fence: 0,
    renewals: 0,
    imageDigest: "",
    schemaHash: "",
  };
}

function conditionOf(after: LeaseItem | undefined) {
  if (after === undefined) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "fence = :fence AND renewals = :renewals AND holder = :holder",
    ExpressionAttributeValues: {
      ":fence": toAttribute(after.fence),
      ":renewals": toAttribute(after.renewals),
      ":holder": toAttribute(after.holder),
    },
  };
}

/** The item as we write it, or undefined where somebody else did. */
export function leaseOf(record: Readonly<Record<string, unknown>>): LeaseItem | undefined {
  const { schemaVersion, account, holder, engine, fence, renewals } = record;
  const { imageDigest, schemaHash } = record;
  const texts = [account, holder, engine, imageDigest, schemaHash];
  const counts = [fence, renewals];
  if (schemaVersion !== LEASE_SCHEMA_VERSION) return undefined;
  if (!texts.every((text) => typeof text === "string")) return undefined;
  if (!counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)) return undefined;
  const { pk: _pk, sk: _sk, ...item } = record;
  return item as LeaseItem;
}
