/**
 * What one seed of the control plane comes to: its history as one word, what struck, what was seen, what did not hold.
 */
export type ControlSimReport = {
  readonly traceHash: string;
  /** Events of the kernel. */
  readonly steps: number;
  readonly simulatedUs: number;
  /** How often each fault struck, by the classes of RELIABILITY section 2. */
  readonly classesFired: Readonly<Record<string, number>>;
  /** How often each reaction was seen. */
  readonly probes: Readonly<Record<string, number>>;
  /** What did not hold: the number of the invariant, and a sentence. */
  readonly violations: readonly string[];
};
