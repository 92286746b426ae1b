/**
 * The tables, queues and buckets of the control plane as data: what the infrastructure makes in the cloud,
 * what the stand-ins make on one machine, and what the stores ask for. One list, so that all three agree.
 *
 * No table needs transactions, streams or TTL: every write is one conditional put of one item.
 */

export type IndexPlan = { readonly name: string; readonly pk: string; readonly sk: string };

export type TablePlan = {
  /** The attribute names of its key; text both. */
  readonly pk: string;
  readonly sk: string | undefined;
  readonly indexes: readonly IndexPlan[];
};

/** Tables by their short names; the full name is `<prefix>-<short name>`. */
export const TABLES = {
  /** Limits and actions as chains of immutable items; proposals. */
  control: { pk: "pk", sk: "sk", indexes: [] },
  /** What was asked of engines, what became of each order, heartbeats. */
  commands: { pk: "pk", sk: "sk", indexes: [] },
  lease: { pk: "pk", sk: "sk", indexes: [] },
  /** Read models. The indexes hold only items that carry their attribute. */
  history: {
    pk: "pk",
    sk: "sk",
    indexes: [
      { name: "byVenue", pk: "venuePk", sk: "sk" },
      { name: "byInstrument", pk: "instrumentPk", sk: "sk" },
      { name: "byTriangle", pk: "trianglePk", sk: "sk" },
      { name: "byCorrelation", pk: "correlationPk", sk: "sk" },
      { name: "byClient", pk: "clientPk", sk: "sk" },
    ],
  },
  /** Messages and requests that were dealt with. */
  idempotency: { pk: "id", sk: undefined, indexes: [] },
} as const satisfies Readonly<Record<string, TablePlan>>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

export type QueuePlan = {
  readonly isFifo: boolean;
  /** Time limit of its consumer; visibility is six times as long. */
  readonly consumerTimeoutS: number;
  /** Deliveries before a message goes to the dead-letter queue. */
  readonly receivesMax: number;
};

/** Queues by their short names; each has a dead-letter queue `<name>-dead`. */
export const QUEUES = {
  /** To the engine; the group of a message is the engine. */
  commands: { isFifo: true, consumerTimeoutS: 5, receivesMax: 5 },
  /** From the engine: what happened, for the read models. Any order, any number of times. */
  records: { isFifo: false, consumerTimeoutS: 30, receivesMax: 5 },
  /** To send-alerts; the group is the incident, so that one that fails holds back no other. */
  alerts: { isFifo: true, consumerTimeoutS: 30, receivesMax: 8 },
  /** Notices of objects in `segments/`. */
  archive: { isFifo: false, consumerTimeoutS: 120, receivesMax: 5 },
} as const satisfies Readonly<Record<string, QueuePlan>>;

export type QueueName = keyof typeof QUEUES;
export const QUEUE_NAMES = Object.keys(QUEUES) as readonly QueueName[];

/** `archive` holds segments, Parquet, manifests and reports; `audit` is locked against overwriting. */
export const BUCKET_NAMES = ["archive", "audit"] as const;
export type BucketName = (typeof BUCKET_NAMES)[number];

const PREFIX_PATTERN = /^[a-z][a-z0-9-]{0,30}$/;

/** Whether `prefix` may begin the names of a deployment, such as `reckoner-paper`. */
export function isResourcePrefix(prefix: string): boolean {
  return PREFIX_PATTERN.test(prefix);
}

export function tableName(prefix: string, table: TableName): string {
  return `${prefix}-${table}`;
}

/** A queue that all engines of a deployment share. */
export function queueName(
  prefix: string,
  queue: Exclude<QueueName, "commands">,
  isDead = false,
): string {
  return named(prefix, queue, isDead);
}

/** The queue of one engine's commands: each engine reads its own, and nobody else's. */
export function commandQueueName(prefix: string, engine: string, isDead = false): string {
  return named(`${prefix}-${engine}`, "commands", isDead);
}

function named(prefix: string, queue: QueueName, isDead: boolean): string {
  const name = `${prefix}-${queue}${isDead ? "-dead" : ""}`;
  return QUEUES[queue].isFifo ? `${name}.fifo` : name;
}

/** The secret that holds the keys of one engine's account at one venue. */
export function venueSecretName(prefix: string, engine: string, venue: string): string {
  return `${prefix}/${engine}/${venue}`;
}

/** Buckets share one name space with all the world, so theirs carries account and region where there is one. */
export function bucketName(prefix: string, bucket: BucketName, place = "local"): string {
  return `${prefix}-${bucket}-${place}`;
}
