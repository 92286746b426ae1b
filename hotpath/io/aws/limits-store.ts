/**
 * The versions of an engine's limits, read as items of their audit chain: the newest, or one by its number.
 *
 * An item whose hash is not that of its text, or whose limits break a bound, is no version: it is refused
 * with its reason, and what was in force stays in force.
 */
import { createHash } from "node:crypto";
import { type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { type AuditItem, auditText } from "../../../contracts/audit.ts";
import { limitsKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import { limitsFault, type RiskLimits } from "../../../contracts/risk-limits.ts";
import { type Attributes, fromAttributes, toAttribute, toAttributes } from "./attributes.ts";
import { awsReason } from "./outcome.ts";

export type LimitsVersion = {
  readonly version: number;
  readonly limits: RiskLimits;
  readonly by: string;
  readonly reason: string;
};

export type LimitsReading =
  | { readonly kind: "version"; readonly version: LimitsVersion }
  | { readonly kind: "none" }
  /** There is an item, and it cannot be believed. */
  | { readonly kind: "refused"; readonly version: number; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface LimitsStore {
  readNewest(): Promise<LimitsReading>;
  read(version: number): Promise<LimitsReading>;
}

const REQUEST_MS_MAX = 1500;

export function createLimitsStore(
  client: DynamoDBClient,
  prefix: string,
  engine: string,
): LimitsStore {
  const TableName = tableName(prefix, "control");
  const deadline = () => ({ abortSignal: AbortSignal.timeout(REQUEST_MS_MAX) });
  const reading = async (ask: () => Promise<Attributes | undefined>): Promise<LimitsReading> => {
    try {
      const item = await ask();
      return item === undefined ? { kind: "none" } : limitsVersionOf(fromAttributes(item), engine);
    } catch (thrown) {
      return { kind: "failed", reason: awsReason(thrown) };
    }
  };
  return {
    readNewest: () =>
      reading(async () => {
        const query = new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": toAttribute(limitsKey(engine, 1).pk) },
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
        });
        const { Items } = await client.send(query, deadline());
        return Items?.[0];
      }),
    read: (version) =>
      reading(async () => {
        const Key = toAttributes(limitsKey(engine, version));
        const get = new GetItemCommand({ TableName, Key, ConsistentRead: true });
        return (await client.send(get, deadline())).Item;
      }),
  };
}

/** Holds an item to its own hash, and its limits to the bounds that stand in code. */
export function limitsVersionOf(
  record: Readonly<Record<string, unknown>>,
  engine: string,
): LimitsReading {
  const { pk: _pk, sk: _sk, hash, ...rest } = record;
  const item = rest as Omit<AuditItem, "hash">;
  const version = Number.isSafeInteger(item.seq) ? item.seq : -1;
  const refused = (reason: string): LimitsReading => ({ kind: "refused", version, reason });
  const sum = createHash("sha256").update(auditText(item), "utf8").digest("hex");
  if (sum !== hash) return refused("its hash is not that of its text");
  if (item.engine !== engine || item.chain !== "limits") return refused("it is of another chain");
  if (version < 1) return refused("it has no number");
  if (typeof item.by !== "string" || typeof item.reason !== "string")
    return refused("it is nobody's");
  let limits: unknown;
  try {
    limits = JSON.parse(item.after);
  } catch {
    return refused("its limits are no JSON");
  }
  const fault = limitsFault(limits);
  if (fault !== undefined) return refused(`${fault.field}: ${fault.reason}`);
  const { by, reason } = item;
  // `limitsFault` has looked at every field of it.
  return { kind: "version", version: { version, limits: limits as RiskLimits, by, reason } };
}
