/**
 * Facts for tests: small ones that can be told apart, at times that the test chooses.
 */
import type {
  CycleFact,
  Fact,
  FactKind,
  FactPayloads,
  LegFact,
} from "../../../contracts/history.ts";
import { FACT_CLASSES } from "../../../contracts/history.ts";
import type { VenueId } from "../../../contracts/ids.ts";
import { ENGINE } from "./memory-ports.ts";

let seq = 0;

/** A fact of `kind` seen at `atUs`. */
export function factAt<Kind extends FactKind>(
  kind: Kind,
  atUs: number,
  payload: FactPayloads[Kind],
  venue: VenueId | null = "kraken",
): Fact {
  seq += 1;
  const fact = {
    event_id: `run-1:${seq}`,
    event_type: `${FACT_CLASSES[kind]}.${kind}`,
    kind,
    fact_id: `${kind}-${String(seq).padStart(6, "0")}`,
    engine: ENGINE,
    run_id: "run-1",
    venue,
    observed_at: atUs,
    ingested_at: atUs + 5,
    schema_version: 1,
    payload,
  };
  return fact as unknown as Fact;
}

/** One of our fills; `changes` tell it from others. */
export function fillAt(
  atUs: number,
  changes: Partial<FactPayloads["fill"]> = {},
  venue: VenueId = "kraken",
): Fact {
  return factAt(
    "fill",
    atUs,
    {
      instrument: "kraken:BTC/USD",
      tradeId: `t${seq}`,
      clientId: `rk${seq}`,
      orderId: `o${seq}`,
      side: "buy",
      price: "60000.1",
      quantity: "0.001",
      quote: "60.0001",
      fee: "0.06",
      feeAsset: "USD",
      isMaker: false,
      mode: "paper",
      cycle: 1,
      leg: 0,
      corr: "c1",
      triangle: "USD>BTC>ETH",
      exchangeUs: 0,
      ...changes,
    },
    venue,
  );
}

/** A cycle that ended, with its legs. */
export function cycleAt(
  atUs: number,
  changes: Partial<CycleFact> = {},
  legs: readonly Partial<LegFact>[] = [{}],
): Fact {
  const leg: LegFact = {
    leg: 0,
    instrument: "kraken:BTC/USD",
    side: "buy",
    clientId: "rk1",
    state: "filled",
    quantity: "0.001",
    filledQuantity: "0.001",
    averagePrice: "60000",
    input: "60",
    inputAsset: "USD",
    output: "0.001",
    outputAsset: "BTC",
    fees: { USD: "0.06" },
    firedUs: atUs - 900,
    ackUs: atUs - 600,
    fillUs: atUs - 300,
    endUs: atUs,
  };
  return factAt("cycle", atUs, {
    cycle: 1,
    corr: "c1",
    mode: "paper",
    ending: "FILLED",
    reason: "",
    triangle: "USD>BTC>ETH",
    predictedBps: "5",
    effectiveBps: "3.5",
    startAmount: "60",
    profit: "0.021",
    profitAsset: "USD",
    residualValue: "0",
    residual: {},
    attribution: {},
    signalUs: atUs - 1000,
    totalUs: 1000,
    legs: legs.map((each, index) => ({ ...leg, leg: index, ...each })),
    ...changes,
  });
}
