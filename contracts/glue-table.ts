/**
 * The archive's tables as Glue and Athena are told of them, with partition projection: Athena derives the folders
 * from the query, so that nothing ever has to be added to a catalog.
 *
 * Data only; the infrastructure makes resources of it. Never touches a store.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html (2026-11-21)
 */
import { type ArchiveTable, type ColumnType, PARTITION_COLUMNS, VENUE_NONE } from "./archive.ts";
import { VENUE_IDS } from "./ids.ts";

/** A column's type as Athena and Glue spell it. */
export const GLUE_TYPES: Readonly<Record<ColumnType, string>> = {
  INT32: "int",
  INT64: "bigint",
  STRING: "string",
  BYTES: "binary",
  BOOLEAN: "boolean",
};

export type GlueTable = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly partitionKeys: readonly { readonly name: string; readonly type: string }[];
  /** `s3://<bucket>/...`, the folder of the table. */
  readonly location: string;
  readonly inputFormat: string;
  readonly outputFormat: string;
  readonly serializationLibrary: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/** The first day that partition projection looks at. */
export const ARCHIVE_FIRST_DAY = "2026-01-01";

/** A table as Glue wants it, over the archive in `bucket`. */
export function glueTable(table: ArchiveTable, bucket: string): GlueTable {
  const [onlyType = ""] = table.types.length === 1 ? table.types : [];
  const root = `s3://${bucket}/archive/`;
  const typeFolder = onlyType === "" ? `type=\${type}` : `type=${onlyType}`;
  const keys = onlyType === "" ? PARTITION_COLUMNS : PARTITION_COLUMNS.slice(1);
  return {
    name: table.name,
    columns: table.columns.map(({ name, type }) => ({ name, type: GLUE_TYPES[type] })),
    partitionKeys: keys.map((name) => ({ name, type: "string" })),
    location: onlyType === "" ? root : `${root}${typeFolder}/`,
    inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    parameters: {
      EXTERNAL: "TRUE",
      classification: "parquet",
      "projection.enabled": "true",
      ...(onlyType === ""
        ? { "projection.type.type": "enum", "projection.type.values": table.types.join(",") }
        : {}),
      "projection.venue.type": "enum",
      "projection.venue.values": [...VENUE_IDS, VENUE_NONE].join(","),
      "projection.day.type": "date",
      "projection.day.format": "yyyy-MM-dd",
      "projection.day.range": `${ARCHIVE_FIRST_DAY},NOW`,
      "projection.hour.type": "integer",
      "projection.hour.range": "0,23",
      "projection.hour.digits": "2",
      "storage.location.template": `${root}${typeFolder}/venue=\${venue}/day=\${day}/hour=\${hour}/`,
    },
  };
}
