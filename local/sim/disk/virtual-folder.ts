/**
 * Station: one folder of the virtual disk: its names, and the changes of them that no sync has covered.
 *
 * A name is durable only after the folder's own sync: a file may be whole on the medium and have no name.
 * A rename is one change of two names, so after a crash both are old or both are new. Names keep the order
 * in which they were made, so whatever walks a tree walks it the same way each time.
 */
import type { VirtualFile } from "./virtual-file.ts";

/** What a name may stand for. */
export type Node = VirtualFile | VirtualFolder;

/** One name before and after a change; undefined where there is none. */
export type NameChange = {
  readonly name: string;
  readonly before: Node | undefined;
  readonly after: Node | undefined;
};

/** Changes that a crash leaves all or none of. */
type Unsynced = readonly NameChange[];

/** More than the engine ever changes between two syncs; beyond, the oldest become durable by themselves. */
const UNSYNCED_MAX = 256;

export class VirtualFolder {
  readonly names = new Map<string, Node>();
  #unsynced: Unsynced[] = [];

  /** Changes that no sync has covered. */
  get unsyncedCount(): number {
    return this.#unsynced.length;
  }

  /** Sets, replaces or (without `after`) removes names, all at once. */
  change(changes: Unsynced): void {
    apply(this.names, changes);
    if (this.#unsynced.length >= UNSYNCED_MAX) this.#unsynced.shift();
    this.#unsynced.push(changes);
  }

  /** Sets or removes a name as if it had always been so; what else was changed is durable with it. */
  replaceForGood(name: string, node: Node | undefined): void {
    put(this.names, name, node);
    this.sync();
  }

  sync(): void {
    this.#unsynced.length = 0;
  }

  /** Leaves only those unsynced changes that `keeps` (asked oldest first); whether one was lost. */
  settle(keeps: (index: number) => boolean): boolean {
    const kept = this.#unsynced.filter((_, index) => keeps(index));
    const hasLost = kept.length < this.#unsynced.length;
    if (hasLost) {
      for (const changes of this.#unsynced.toReversed()) revert(this.names, changes);
      for (const changes of kept) apply(this.names, changes);
    }
    this.#unsynced.length = 0;
    return hasLost;
  }

  /** The folder and everything below it, for a second disk; what has several names stays one. */
  copy(twins: Map<Node, Node>): VirtualFolder {
    const copy = new VirtualFolder();
    twins.set(this, copy);
    for (const [name, node] of this.names) copy.names.set(name, twinOf(node, twins));
    for (const changes of this.#unsynced) {
      const twin = changes.map(({ name, before, after }) => ({
        name,
        before: before && twinOf(before, twins),
        after: after && twinOf(after, twins),
      }));
      copy.#unsynced.push(twin);
    }
    return copy;
  }
}

function twinOf(node: Node, twins: Map<Node, Node>): Node {
  const known = twins.get(node);
  if (known !== undefined) return known;
  if (node instanceof VirtualFolder) return node.copy(twins);
  const twin = node.copy();
  twins.set(node, twin);
  return twin;
}

function apply(names: Map<string, Node>, changes: Unsynced): void {
  for (const { name, after } of changes) put(names, name, after);
}

function revert(names: Map<string, Node>, changes: Unsynced): void {
  for (const { name, before } of changes.toReversed()) put(names, name, before);
}

function put(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}
