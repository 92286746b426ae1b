/**
 * Station: none; what the desk and its two connections know of each other. Types only.
 */
import type { Fields } from "./json.ts";

/** The two connections of the desk. */
export const CONNECTION = { stream: 0, orders: 1 } as const;

/** What a connection tells the desk. */
export type LinkEvents = {
  readonly onReady: () => void;
  /** It ended, or must end: nothing more comes from it. */
  readonly onFailed: (reason: string) => void;
  /** A message that is neither greeting, acknowledgment nor pong. */
  readonly onMessage: (fields: Fields, recvUs: number) => void;
};

/** What a connection may do. */
export type LinkPorts = {
  readonly dial: (url: string) => void;
  readonly hangUp: () => void;
  readonly send: (text: string) => boolean;
  readonly nowUs: () => number;
};
