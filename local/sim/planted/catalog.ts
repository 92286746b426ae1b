/**
 * Station: none; every bug that is planted, under a name that it keeps.
 */
import { ACCIDENTS } from "./accidents.ts";
import { CONTROL_BUGS } from "./control-bugs.ts";
import { MARKET_BUGS } from "./market-bugs.ts";
import { ORDER_BUGS } from "./order-bugs.ts";
import type { Patch } from "./patch.ts";
import { SAFETY_BUGS } from "./safety-bugs.ts";
import { STORAGE_BUGS } from "./storage-bugs.ts";

export const PLANTED: readonly Patch[] = [
  ...ACCIDENTS,
  ...ORDER_BUGS,
  ...MARKET_BUGS,
  ...SAFETY_BUGS,
  ...STORAGE_BUGS,
  ...CONTROL_BUGS,
];
