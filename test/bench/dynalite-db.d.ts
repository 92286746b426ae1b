/**
 * The part of dynalite's storage that the history bench loads a day through. Version 4.0.0, `db/index.js`; the
 * package has no types.
 */
declare module "dynalite/db/index.js" {
  export type AttributeValue = { readonly S: string };
  export type StoredItem = Readonly<Record<string, AttributeValue>>;
  type Index = {
    readonly IndexName: string;
    readonly KeySchema: readonly { readonly AttributeName: string }[];
  };
  export type Table = { readonly GlobalSecondaryIndexes?: readonly Index[] };
  type Put = { readonly type: "put"; readonly key: string; readonly value: StoredItem };
  type Database = {
    batch(puts: readonly Put[], done: (error: Error | null) => void): void;
  };
  export type Store = {
    getTable(
      name: string,
      checkStatus: boolean,
      done: (error: Error | null, table: Table) => void,
    ): void;
    getItemDb(table: string): Database;
    getIndexDb(indexType: string, table: string, index: string): Database;
    readonly db: { close(done: (error: Error | null) => void): void };
  };
  export function create(options: { readonly path: string }): Store;
  export function createKey(item: StoredItem, table: Table): string;
  export function createIndexKey(
    item: StoredItem,
    table: Table,
    keySchema: Index["KeySchema"],
  ): string;
}
