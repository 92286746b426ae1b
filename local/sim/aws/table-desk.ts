/**
 * Station: a command of DynamoDB -> the table, and its answer. Both dialects are spoken: items on the wire, and
 * plain values as the document client has them.
 *
 * Only the commands and fields that this house uses; a field that is not known here is refused, so that the
 * simulator never agrees with what it has not understood.
 */
import { TABLE_NAMES, TABLES, tableName } from "../../../contracts/resources.ts";
import type { Micros } from "../../../contracts/time.ts";
import { copyItem, fromWire, type Item, toWire, type WireItem } from "./attribute.ts";
import type { CloudFaults } from "./cloud-faults.ts";
import { conditionOf, type Names, updated } from "./expression.ts";
import { conditionFailed, invalid, sdkError } from "./sdk-error.ts";
import { STALE_US_MAX, VirtualTable } from "./table.ts";

/** How the caller writes items. */
export type Dialect = {
  readonly read: (item: object) => Item;
  readonly write: (item: Item) => object;
};

export const WIRE: Dialect = { read: (item) => fromWire(item as WireItem), write: toWire };
export const PLAIN: Dialect = { read: copyItem, write: copyItem };

type Input = Readonly<Record<string, unknown>>;
type Operation = (table: VirtualTable, input: Input, dialect: Dialect) => object;

/** The most that an item may hold (DynamoDB developer guide, quotas, 2026-11). */
const ITEM_BYTES_MAX = 400 * 1024;
const KEYS_PER_BATCH_MAX = 100;
/** Beyond every page of this house: the limit of bytes of a page is not modeled. */
const PAGE_LENGTH_MAX = 100_000;
const EVERY_KEY =
  /^(?:TableName|Item|Key|ConsistentRead|Limit|IndexName|ScanIndexForward|ExclusiveStartKey|KeyConditionExpression|ConditionExpression|UpdateExpression|ProjectionExpression|ExpressionAttributeNames|ExpressionAttributeValues|ReturnValuesOnConditionCheckFailure|ReturnValues)$/;

export class TableDesk {
  readonly #tables = new Map<string, VirtualTable>();
  readonly #faults: CloudFaults;
  readonly #nowUs: () => Micros;

  constructor(faults: CloudFaults, nowUs: () => Micros) {
    this.#faults = faults;
    this.#nowUs = nowUs;
  }

  /** Makes the tables of the deployment `prefix`. */
  create(prefix: string): void {
    for (const name of TABLE_NAMES) {
      this.#tables.set(tableName(prefix, name), new VirtualTable(TABLES[name]));
    }
  }

  /** The table by its full name; throws as the service does. */
  table(name: unknown): VirtualTable {
    const table = this.#tables.get(String(name));
    if (table === undefined) throw sdkError("ResourceNotFoundException", 400);
    return table;
  }

  /** Carries out one command. */
  run(operation: string, input: Input, dialect: Dialect): object {
    if (operation === "BatchGetItemCommand") return this.#batchGet(input, dialect);
    const run = this.#operations[operation];
    if (run === undefined) throw invalid(`the simulator has no ${operation}`);
    const unknown = Object.keys(input).find((name) => !EVERY_KEY.test(name));
    if (unknown !== undefined) throw invalid(`the simulator does not know ${unknown}`);
    return run(this.table(input.TableName), input, dialect);
  }

  readonly #operations: Readonly<Record<string, Operation>> = {
    GetItemCommand: (table, input, dialect) => {
      const key = dialect.read(input.Key as object);
      const item = table.get(key, this.#readUs(input));
      return item === undefined ? {} : { Item: dialect.write(item) };
    },
    PutItemCommand: (table, input, dialect) => {
      const item = dialect.read(input.Item as object);
      if (JSON.stringify(item).length > ITEM_BYTES_MAX) throw invalid("the item is too large");
      this.#check(table.current(item), input, dialect);
      table.put(item, this.#nowUs());
      return {};
    },
    UpdateItemCommand: (table, input, dialect) => {
      const key = dialect.read(input.Key as object);
      const current = table.current(key);
      this.#check(current, input, dialect);
      const text = String(input.UpdateExpression);
      table.put(updated(current ?? key, text, namesOf(input, dialect)), this.#nowUs());
      return {};
    },
    DeleteItemCommand: (table, input, dialect) => {
      const key = dialect.read(input.Key as object);
      this.#check(table.current(key), input, dialect);
      table.delete(key, this.#nowUs());
      return {};
    },
    QueryCommand: (table, input, dialect) => this.#query(table, input, dialect),
  };

  #check(current: Item | undefined, input: Input, dialect: Dialect): void {
    if (input.ConditionExpression === undefined) return;
    const condition = conditionOf(String(input.ConditionExpression));
    if (condition(current ?? {}, namesOf(input, dialect))) return;
    this.#faults.count("C02");
    const isWanted = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
    throw conditionFailed(isWanted && current !== undefined ? toWire(current) : undefined);
  }

  /** The moment that a read sees: now, or a little before where it may. */
  #readUs({ ConsistentRead }: Input): Micros {
    const nowUs = this.#nowUs();
    if (ConsistentRead === true || !this.#faults.strikes("C05")) return nowUs;
    return nowUs - this.#faults.stream("C05").integer(STALE_US_MAX);
  }

  #query(table: VirtualTable, input: Input, dialect: Dialect): object {
    const given = namesOf(input, dialect);
    const text = String(input.KeyConditionExpression);
    const index = input.IndexName as string | undefined;
    if (index !== undefined && input.ConsistentRead === true) {
      throw invalid("an index is never strongly consistent");
    }
    const condition = conditionOf(text);
    const start = input.ExclusiveStartKey as object | undefined;
    const after = start === undefined ? undefined : dialect.read(start).sk;
    const { items, last } = table.page({
      index,
      partition: partitionOf(text, given),
      isForward: input.ScanIndexForward !== false,
      after: typeof after === "string" ? after : undefined,
      limit: Number(input.Limit ?? PAGE_LENGTH_MAX),
      atUs: this.#readUs(input),
      isWanted: (item) => condition(item, given),
    });
    const { pk = "", sk = "" } = last ?? {};
    return {
      Items: items.map((item) => dialect.write(projected(item, input, given))),
      Count: items.length,
      ...(last !== undefined && { LastEvaluatedKey: dialect.write({ pk, sk }) }),
    };
  }

  /** Some of many may be left for the next request. */
  #batchGet(input: Input, dialect: Dialect): object {
    const asked = input.RequestItems as Readonly<Record<string, { readonly Keys: object[] }>>;
    const responses: Record<string, object[]> = {};
    const left: Record<string, object> = {};
    for (const [name, question] of Object.entries(asked)) {
      if (question.Keys.length > KEYS_PER_BATCH_MAX) throw invalid("too many keys");
      const isPartial = question.Keys.length > 1 && this.#faults.strikes("C01");
      const count = isPartial ? Math.ceil(question.Keys.length / 2) : question.Keys.length;
      const found = question.Keys.slice(0, count)
        .map((key) => this.table(name).current(dialect.read(key)))
        .filter((item) => item !== undefined);
      responses[name] = found.map(dialect.write);
      if (isPartial) left[name] = { ...question, Keys: question.Keys.slice(count) };
    }
    return { Responses: responses, UnprocessedKeys: left };
  }
}

/** What a query wants of an item: all of it, or the attributes that it names, by commas. */
function projected(item: Item, { ProjectionExpression }: Input, { names }: Names): Item {
  if (ProjectionExpression === undefined) return item;
  const wanted = String(ProjectionExpression)
    .split(",")
    .map((part) => part.trim())
    .map((part) => (part.startsWith("#") ? names[part] : part));
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.includes(name)));
}

function namesOf(input: Input, dialect: Dialect): Names {
  return {
    names: (input.ExpressionAttributeNames ?? {}) as Names["names"],
    values: dialect.read((input.ExpressionAttributeValues ?? {}) as object),
  };
}

/** The partition that a condition of keys asks for: `pk = :pk`, in front. */
function partitionOf(text: string, { values }: Names): string {
  const name = /^\s*#?\w+\s*=\s*(:\w+)/.exec(text)?.[1] ?? "";
  const partition = values[name];
  if (typeof partition !== "string") throw invalid(`"${text}" names no partition`);
  return partition;
}
