/**
 * Station: requests of the engine's own stores -> the item of the lease, through whatever weather there is.
 *
 * It takes the commands of the AWS client as the production stores make them, so that conditions and
 * consistent reads are theirs and not this room's. A write lands when it arrives, however long ago its
 * sender gave it up. It decides nothing about the lease and believes no holder.
 */
import { type AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { assert } from "../../../contracts/assert.ts";
import { tableName } from "../../../contracts/resources.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { type Attributes, toAttributes } from "../../../hotpath/io/aws/attributes.ts";
import { firstLease } from "../../../hotpath/io/aws/lease-store.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { LeaseCounts } from "./lease-faults.ts";

export const PREFIX = "sim";
export const ACCOUNT = "main";

/** Chances of each request, while there is trouble. */
export type TableRates = {
  readonly throttle: number;
  /** Of the way there, and of the way back. */
  readonly lost: number;
  /** Up to a minute on the way. */
  readonly slow: number;
  /** The client's own library repeats a write whose answer it has lost, and tells the second answer. */
  readonly doubled: number;
};
export const NO_TROUBLE: TableRates = { throttle: 0, lost: 0, slow: 0, doubled: 0 };

/** Who asks: a host that may be cut off from the tables. */
export type TableUser = { cutUntilUs: Micros };

export type LeaseWritten = {
  readonly holder: string;
  readonly fence: number;
  readonly before: Attributes | undefined;
  /** When the holder asked, by its own clock. */
  readonly askedLocalUs: Micros;
};

type Command = { readonly constructor: { readonly name: string }; readonly input: object };
type Options = { readonly abortSignal?: AbortSignal };
type Input = {
  readonly TableName?: string;
  readonly Item?: Attributes;
  readonly Key?: Attributes;
  readonly ConsistentRead?: boolean;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
};
type Answer = { readonly value: object } | { readonly errorName: string };

const LATENCY_US: readonly [number, number] = [2 * US_PER_MS, 15 * US_PER_MS];
const SLOW_US: readonly [number, number] = [US_PER_S, 60 * US_PER_S];
/** The deadline that the engine's client has for every request (`hotpath/io/aws/clients.ts`). */
const CLIENT_US_MAX = 3 * US_PER_S;
const VERSIONS_BACK_MAX = 5;
const LATE_US = 10 * US_PER_S;

export type TablesParts = {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly counts: LeaseCounts;
  readonly onWritten: (written: LeaseWritten) => void;
};

export class LeaseTables {
  readonly #parts: TablesParts;
  /** Every state that the item has had, the last one in force. */
  readonly #states: (Attributes | undefined)[] = [toAttributes(firstLease(ACCOUNT))];
  rates: TableRates = NO_TROUBLE;
  downUntilUs: Micros = 0;
  /** Client id of the newest order that was recorded, by its fence. */
  #newestOrder = "";
  #fence: Attributes | undefined;

  constructor(parts: TablesParts) {
    this.#parts = parts;
  }

  get item(): Attributes | undefined {
    return this.#states.at(-1);
  }

  get versions(): number {
    return this.#states.length;
  }

  /** The item is deleted. */
  remove(): void {
    this.#states.push(undefined);
  }

  /** A backup is put in its place: the state of `back` versions ago. */
  restore(back: number): void {
    this.#states.push(this.#states[Math.max(0, this.#states.length - 1 - back)]);
  }

  /** An order comes into the table of commands. */
  record(clientId: string): void {
    if (clientId > this.#newestOrder) this.#newestOrder = clientId;
  }

  /** What the stores of a host's engine speak to. */
  clientOf(user: TableUser): DynamoDBClient {
    const client = {
      send: (command: Command, options?: Options) => this.#send(user, command, options),
    };
    return Object.setPrototypeOf(client, DynamoDBClient.prototype);
  }

  #send(user: TableUser, command: Command, options: Options = {}): Promise<object> {
    const { kernel } = this.#parts;
    const process = kernel.current;
    const askedLocalUs = kernel.localUs;
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    let isOver = false;
    const tell = (answer: Answer): void => {
      // Of what is told first and what comes later only the first counts.
      if (isOver) return;
      isOver = true;
      if ("value" in answer) resolve(answer.value);
      else reject(namedError(answer.errorName));
    };
    const expire = (): void => tell({ errorName: "TimeoutError" });
    options.abortSignal?.addEventListener("abort", expire);
    kernel.after(CLIENT_US_MAX, expire);
    this.#travel(user, process, tell, () => this.#execute(command, askedLocalUs));
    return promise;
  }

  /** The way of a request, with what may befall it there and back. */
  #travel(
    user: TableUser,
    process: Process,
    tell: (answer: Answer) => void,
    run: () => Answer,
  ): void {
    const { kernel, counts, random } = this.#parts;
    const { injected } = counts;
    if (kernel.nowUs < Math.max(this.downUntilUs, user.cutUntilUs)) {
      injected.C06++;
      // Half of the time it is not even refused.
      if (random.next() < 0.5)
        this.#later(process, () => tell({ errorName: "InternalServerError" }));
      return;
    }
    const isIn = (rate: number): boolean => rate > 0 && random.next() < rate;
    if (isIn(this.rates.throttle)) {
      injected.C01++;
      this.#later(process, () => tell({ errorName: "ProvisionedThroughputExceededException" }));
      return;
    }
    if (isIn(this.rates.lost)) return;
    const isBackLost = isIn(this.rates.lost);
    const isDoubled = isIn(this.rates.doubled);
    const thereUs = this.#wayUs();
    const backUs = this.#wayUs();
    kernel.at(kernel.nowUs + thereUs, kernel.world, () => {
      let answer = run();
      if (isDoubled) answer = run();
      if (thereUs > LATE_US) injected.C09++;
      if (isBackLost || isDoubled) injected.C03++;
      if (!isBackLost) kernel.at(kernel.nowUs + backUs, process, () => tell(answer));
    });
  }

  #wayUs(): Micros {
    const { random } = this.#parts;
    const isSlow = this.rates.slow > 0 && random.next() < this.rates.slow;
    const [least, most] = isSlow ? SLOW_US : LATENCY_US;
    return Math.round(random.between(least, most));
  }

  #later(process: Process, run: () => void): void {
    const { kernel } = this.#parts;
    kernel.at(kernel.nowUs + this.#wayUs(), process, run);
  }

  #execute(command: Command, askedLocalUs: Micros): Answer {
    const input: Input = command.input;
    const what = `${command.constructor.name} ${input.TableName}`;
    switch (what) {
      case `GetItemCommand ${tableName(PREFIX, "lease")}`:
        return { value: { Item: this.#read(input.ConsistentRead === true) } };
      case `PutItemCommand ${tableName(PREFIX, "lease")}`:
        return this.#put(input, askedLocalUs);
      case `QueryCommand ${tableName(PREFIX, "commands")}`:
        return {
          value: { Items: this.#newestOrder === "" ? [] : [{ sk: { S: this.#newestOrder } }] },
        };
      case `GetItemCommand ${tableName(PREFIX, "commands")}`:
        return { value: input.Key?.sk?.S === "fence" ? { Item: this.#fence } : {} };
      case `PutItemCommand ${tableName(PREFIX, "commands")}`:
        return this.#recordFence(input);
      case `QueryCommand ${tableName(PREFIX, "control")}`:
        return { value: { Items: [] } };
      default:
        assert(false, `the tables of the lease know ${what}`);
    }
  }

  /** A read that is not consistent may show what stood there some writes ago. */
  #read(isConsistent: boolean): Attributes | undefined {
    const back = isConsistent ? 0 : this.#parts.random.integer(VERSIONS_BACK_MAX);
    return this.#states[Math.max(0, this.#states.length - 1 - back)];
  }

  /** The highest fence that was ever taken, beside the lease: lower ones and equal ones are refused. */
  #recordFence({ Item, ConditionExpression }: Input): Answer {
    assert(Item !== undefined, "a put has an item");
    const isConditional = ConditionExpression?.includes("fence < :fence") === true;
    const isAgain = holderOf(this.#fence) === holderOf(Item);
    const least = fenceOf(this.#fence) + (isAgain ? 0 : 1);
    if (isConditional && this.#fence !== undefined && fenceOf(Item) < least) {
      return { errorName: "ConditionalCheckFailedException" };
    }
    this.#fence = Item;
    return { value: {} };
  }

  #put(input: Input, askedLocalUs: Micros): Answer {
    const { Item } = input;
    assert(Item !== undefined, "a put has an item");
    const before = this.item;
    if (!isMet(input, before)) return { errorName: "ConditionalCheckFailedException" };
    this.#states.push(Item);
    this.#parts.onWritten({ holder: holderOf(Item), fence: fenceOf(Item), before, askedLocalUs });
    return { value: {} };
  }
}

export function holderOf(item: Attributes | undefined): string {
  return item?.holder?.S ?? "";
}

export function fenceOf(item: Attributes | undefined): number {
  return Number(item?.fence?.N ?? 0);
}

/** Conditions in the two forms in which the store writes them; without one, every write lands. */
function isMet(input: Input, before: Attributes | undefined): boolean {
  const { ConditionExpression: condition, ExpressionAttributeValues: values = {} } = input;
  if (condition === undefined) return true;
  if (condition === "attribute_not_exists(pk)") return before === undefined;
  return condition.split(" AND ").every((part) => {
    const [name = "", value = ""] = part.split(" = ");
    const wanted = values[value];
    const found = before?.[name];
    assert(wanted !== undefined, `the condition ${condition} is one of equalities`);
    return found !== undefined && wanted.S === found.S && wanted.N === found.N;
  });
}

function namedError(name: string): Error {
  const error = new Error(name);
  error.name = name;
  return error;
}
