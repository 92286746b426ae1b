/**
 * Budgets that this bench cannot measure, with the reason, so that the table never looks complete when it
 * is not.
 */
import { notMeasured, type Row } from "./measure.ts";

export function absentBench(): Row[] {
  return [
    notMeasured(
      5,
      "against simdjson On-Demand 4.6.1",
      "<= 1 x wide, <= 1.2 x quiet",
      "its sources are in no package of the registry (the last one there is 0.9.2)",
    ),
    notMeasured(
      6,
      "against the prototype in C",
      "<= 2.7 x",
      "the prototype's sources are not part of this repository",
    ),
  ];
}
