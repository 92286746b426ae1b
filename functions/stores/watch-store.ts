/**
 * What watch-engine remembers of an engine between two looks: one item, replaced whole and only by whoever has
 * read the one before it, so that two looks at once cannot both count.
 */
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { idempotencyId } from "../../contracts/keys.ts";
import { tableName } from "../../contracts/resources.ts";
import { asked, isConditionFailed } from "./store-error.ts";

/** `version` 0 and "" before the first look. */
export type WatchMemory = { readonly version: number; readonly text: string };

export type WatchStore = {
  /** Strongly consistent. */
  readonly read: (engine: string) => Promise<WatchMemory>;
  /** Replaces the memory of version `before`; false where another look has replaced it. */
  readonly replace: (engine: string, before: number, text: string) => Promise<boolean>;
};

/** The memories of the deployment `prefix`; they lie among the idempotency records. */
export function createWatchStore(client: DynamoDBDocumentClient, prefix: string): WatchStore {
  const TableName = tableName(prefix, "idempotency");
  const read: WatchStore["read"] = async (engine) => {
    const Key = { id: idOf(engine) };
    const { Item } = await asked("read what was seen of an engine", () =>
      client.send(new GetCommand({ TableName, Key, ConsistentRead: true })),
    );
    const { version = 0, text = "" } = (Item ?? {}) as Partial<WatchMemory>;
    return { version, text };
  };
  return {
    read,
    async replace(engine, before, text) {
      const put = new PutCommand({
        TableName,
        Item: { id: idOf(engine), version: before + 1, text },
        ConditionExpression: before === 0 ? "attribute_not_exists(id)" : "#version = :before",
        ...(before !== 0 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":before": before },
        }),
      });
      try {
        await asked("keep what was seen of an engine", () => client.send(put));
        return true;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // A first attempt may have been written and its answer lost.
        const standing = await read(engine);
        return standing.version === before + 1 && standing.text === text;
      }
    },
  };
}

function idOf(engine: string): string {
  return idempotencyId("watch-engine", engine);
}
