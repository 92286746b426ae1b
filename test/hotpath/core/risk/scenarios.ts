/**
 * Each control of the gate as three worlds: one exactly at what it allows, one a single unit beyond it, and
 * (where it reads something) one in which that is missing. Everything else is far from any limit.
 */
import { FLOWS } from "./flow-worlds.ts";
import { PRICES } from "./price-worlds.ts";
import { SIZES } from "./size-worlds.ts";
import { STANDING } from "./standing-worlds.ts";
import type { Scenario } from "./world-parts.ts";

export const SCENARIOS: readonly Scenario[] = [...STANDING, ...PRICES, ...SIZES, ...FLOWS];
