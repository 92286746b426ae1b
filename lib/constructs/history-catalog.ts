/**
 * Athena over the archive: one work group with a bound on what a question may cost, and the tables that
 * contracts/ describes, with partition projection, so that nothing ever has to be added to a catalog.
 */
import { CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ARCHIVE_TABLES } from "../../contracts/archive.ts";
import { type GlueTable, glueTable } from "../../contracts/glue-table.ts";
import type { Deployment } from "../deployment.ts";
import { ATHENA_PREFIX, databaseName } from "../permissions.ts";

export type HistoryCatalogProps = { readonly deployment: Deployment; readonly key: IKey };

/** A question that reads more is ended by Athena: at its list price, about five cents. */
const QUESTION_BYTES_MAX = 10_000_000_000;

export class HistoryCatalog extends Construct {
  constructor(scope: Construct, id: string, { deployment, key }: HistoryCatalogProps) {
    super(scope, id);
    const bucket = deployment.bucket("archive");
    new CfnWorkGroup(this, "WorkGroup", {
      name: deployment.prefix,
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: QUESTION_BYTES_MAX,
        resultConfiguration: {
          outputLocation: `s3://${bucket}/${ATHENA_PREFIX}`,
          encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKey: key.keyArn },
        },
      },
    });
    const name = databaseName(deployment);
    const catalogId = deployment.accountText;
    const database = new CfnDatabase(this, "Database", { catalogId, databaseInput: { name } });
    for (const plan of ARCHIVE_TABLES) {
      const table = new CfnTable(this, `Table-${plan.name}`, {
        catalogId,
        databaseName: name,
        tableInput: tableInput(glueTable(plan, bucket)),
      });
      table.addResourceDependency(database);
    }
  }
}

function tableInput(table: GlueTable): CfnTable.TableInputProperty {
  return {
    name: table.name,
    tableType: "EXTERNAL_TABLE",
    parameters: { ...table.parameters },
    partitionKeys: [...table.partitionKeys],
    storageDescriptor: {
      columns: [...table.columns],
      location: table.location,
      inputFormat: table.inputFormat,
      outputFormat: table.outputFormat,
      serdeInfo: { serializationLibrary: table.serializationLibrary },
    },
  };
}
