/**
 * The archive as data: its tables with their columns, how they are partitioned, and the manifests beside them.
 *
 * compact-archive writes by this list, the readers of older history read by it, and the infrastructure
 * declares the same tables to Athena from it. Money, prices and quantities stand twice: as the text that was
 * reported, and as a whole number with its scale, so that no reader ever needs a double. Never touches a store.
 */
import { FACT_KINDS, type FactKind, type FactPayloads } from "./history.ts";
import { JOURNAL_CLASSES, type SegmentManifest } from "./journal.ts";
import { RESYNC_STAGES } from "./resync.ts";

/** Raised when an older reader would misread what is written. */
export const ARCHIVE_SCHEMA_VERSION = 1;

/** No object of ours is larger; the stand-in for S3 refuses more than about ten. */
export const ARCHIVE_OBJECT_BYTES_MAX = 8_000_000;

/** Rows that are read together; a page of history reads one group of one object. */
export const ROWS_PER_GROUP = 20_000;

/** The partition of what concerns no single venue. */
export const VENUE_NONE = "none";

/** What a column is on disk. Never DECIMAL: one of the readers turns it into a double. */
export type ColumnType = "INT32" | "INT64" | "STRING" | "BYTES" | "BOOLEAN";

export type ArchiveColumn = {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
};

/** Columns that are folders instead, in their order; no column of a file may have their names. */
export const PARTITION_COLUMNS = ["type", "venue", "day", "hour"] as const;

export type ArchiveTable = {
  /** Name of the table in Glue. */
  readonly name: string;
  /** The folders `type=` that it spans. */
  readonly types: readonly string[];
  readonly columns: readonly ArchiveColumn[];
};

/**
 * Every journal record exactly: `payload` is all bytes after the record's header, and the header's fields have
 * columns of their own, so that the record can be put together again byte by byte. For cmd, exec and ctl
 * the JSON text begins at the ninth byte of the payload.
 */
export const RECORD_TABLE: ArchiveTable = {
  name: "records",
  types: JOURNAL_CLASSES,
  columns: [
    column("engine", "STRING"),
    column("run_id", "STRING"),
    column("segment", "INT32"),
    column("seq", "INT64"),
    column("event_type", "STRING"),
    column("class_code", "INT32"),
    column("type_code", "INT32"),
    column("schema_version", "INT32"),
    column("at_us", "INT64"),
    // Raw records have none.
    column("tick", "INT64", true),
    column("payload", "BYTES"),
  ],
};

/** What every table of facts begins with; `fact` is the whole fact as JSON, exactly as it was reported. */
export const FACT_COLUMNS: readonly ArchiveColumn[] = [
  column("at_us", "INT64"),
  column("fact_id", "STRING"),
  column("event_id", "STRING"),
  column("engine", "STRING"),
  column("run_id", "STRING"),
  column("observed_at_us", "INT64"),
  column("ingested_at_us", "INT64"),
  column("schema_version", "INT32"),
  column("fact", "STRING"),
];

/**
 * How a field of a fact stands in columns. `decimal`: three, its text, `_e` and `_scale`, so that the value is
 * `_e` / 10^`_scale`; both null where the number has more than 18 digits. `stages`: one a stage. `json`: text.
 */
export type FieldForm = "text" | "small" | "whole" | "flag" | "decimal" | "stages" | "json";

type FieldForms = {
  readonly [Kind in FactKind]: { readonly [Field in keyof FactPayloads[Kind]]: FieldForm };
};

/** Every field of every fact; one that is added to a fact does not compile until it stands here. */
export const FACT_FIELDS: FieldForms = {
  fill: {
    instrument: "text",
    tradeId: "text",
    clientId: "text",
    orderId: "text",
    side: "text",
    price: "decimal",
    quantity: "decimal",
    quote: "decimal",
    fee: "decimal",
    feeAsset: "text",
    isMaker: "flag",
    mode: "text",
    cycle: "whole",
    leg: "small",
    corr: "text",
    triangle: "text",
    exchangeUs: "whole",
  },
  order: {
    instrument: "text",
    clientId: "text",
    orderId: "text",
    side: "text",
    state: "text",
    cause: "text",
    price: "decimal",
    quantity: "decimal",
    filledQuantity: "decimal",
    cycle: "whole",
    leg: "small",
    corr: "text",
    triangle: "text",
    limitsVersion: "whole",
  },
  cycle: {
    cycle: "whole",
    corr: "text",
    mode: "text",
    ending: "text",
    reason: "text",
    triangle: "text",
    predictedBps: "decimal",
    effectiveBps: "decimal",
    startAmount: "decimal",
    profit: "decimal",
    profitAsset: "text",
    residualValue: "decimal",
    residual: "json",
    attribution: "json",
    signalUs: "whole",
    totalUs: "whole",
    legs: "json",
  },
  opportunity: {
    opportunity: "whole",
    triangle: "text",
    predictedBps: "decimal",
    startAmount: "decimal",
    decision: "text",
    reason: "text",
  },
  denial: {
    instrument: "text",
    cycle: "whole",
    leg: "small",
    control: "text",
    reason: "text",
    limitsVersion: "whole",
  },
  resync: {
    resyncId: "whole",
    instrument: "text",
    shard: "small",
    cause: "text",
    epoch: "whole",
    degradedUs: "whole",
    liveUs: "whole",
    totalUs: "whole",
    stagesUs: "stages",
    snapshotCount: "small",
    tick: "whole",
    ordersTouched: "json",
  },
  alert: { severity: "small", kind: "text", instrument: "text", text: "text" },
  mode: { from: "text", to: "text", reason: "text" },
  kill: { scope: "text", target: "text", isKilled: "flag", by: "text", reason: "text" },
  limits: { version: "whole", by: "text", reason: "text" },
  position: {
    mode: "text",
    balances: "json",
    traded: "json",
    profit: "json",
    dayResult: "decimal",
    openOrders: "small",
    unknownOrders: "small",
  },
  latency: {
    count: "whole",
    p50Us: "whole",
    p99Us: "whole",
    p999Us: "whole",
    maxUs: "whole",
    tickP99Us: "whole",
    tickMaxUs: "whole",
  },
  run: { change: "text", fence: "whole", version: "text", modes: "json", reason: "text" },
};

/** Fields whose name is a word of SQL. */
const RENAMED: Readonly<Record<string, string>> = {
  from: "from_mode",
  to: "to_mode",
  by: "by_whom",
};

/** The column that the field `name` of a fact begins in: snake case, as other programs expect. */
export function columnOfField(name: string): string {
  return RENAMED[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The name of the table of one kind of fact, such as `facts_fill`. */
export function factTableName(kind: FactKind): string {
  return `facts_${kind}`;
}

/** The table of one kind of fact. */
export function factTable(kind: FactKind): ArchiveTable {
  const fields: readonly (readonly [string, FieldForm])[] = Object.entries(FACT_FIELDS[kind]);
  const own = fields.flatMap(([name, form]) => columnsOfField(columnOfField(name), form));
  return { name: factTableName(kind), types: [kind], columns: [...FACT_COLUMNS, ...own] };
}

/** All tables of the archive. */
export const ARCHIVE_TABLES: readonly ArchiveTable[] = [RECORD_TABLE, ...FACT_KINDS.map(factTable)];

function columnsOfField(name: string, form: FieldForm): ArchiveColumn[] {
  switch (form) {
    case "text":
    case "json":
      return [column(name, "STRING")];
    case "small":
      return [column(name, "INT32")];
    case "whole":
      return [column(name, "INT64")];
    case "flag":
      return [column(name, "BOOLEAN")];
    case "decimal":
      return [
        column(name, "STRING"),
        column(`${name}_e`, "INT64", true),
        column(`${name}_scale`, "INT32", true),
      ];
    case "stages":
      return RESYNC_STAGES.map((stage) => column(`${stage}_us`, "INT64"));
  }
}

function column(name: string, type: ColumnType, isNullable = false): ArchiveColumn {
  return { name, type, isNullable };
}

// The manifests.

/** What the uploader puts last of a segment, under `segmentManifestKey`: from here on it is whole. */
export type SegmentUpload = {
  readonly schemaVersion: number;
  readonly engine: string;
  /** What the sealed segment says of itself, as on the engine's disk. */
  readonly manifest: SegmentManifest;
  /** The facts twin: lines in it, and bytes and sha256 of the object as it is stored. */
  readonly facts: { readonly count: number; readonly bytes: number; readonly sha256: string };
};

/** One Parquet object of the archive. */
export type ArchivedObject = {
  readonly key: string;
  readonly type: string;
  readonly venue: string;
  readonly day: string;
  readonly hour: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
};

/**
 * What was made of one segment; written last, under `archiveManifestKey`. It holds no time of its own, so that
 * making it twice makes the same bytes.
 */
export type ArchiveManifest = {
  readonly schemaVersion: number;
  readonly engine: string;
  readonly runId: string;
  readonly segment: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Rows of the table of records over all objects. */
  readonly records: number;
  /** Rows of all tables of facts. */
  readonly facts: number;
  /** Of the segment before compression, as its own manifest says. */
  readonly sourceSha256: string;
  /** Classes that retention took before the segment was uploaded; empty while it is whole. */
  readonly dropped: readonly string[];
  readonly objects: readonly ArchivedObject[];
};
