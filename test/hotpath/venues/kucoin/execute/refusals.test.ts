// Goal: every code that KuCoin documents has one meaning, and one that it does not document proves nothing.
import { describe, expect, test } from "vitest";
import {
  CATALOGUE,
  classifyRefusal,
  refusalOf,
} from "../../../../../hotpath/venues/kucoin/execute/refusals.ts";

/**
 * The venue's table of codes as its pages have it ("spot errors", "websocket errors"; 102xxx of a client
 * library), read 2026-11-20: codes, meaning, and what a client is to do.
 */
const PAGE = `
200001 / 200002 | placing / cancelling suspended for the pair | retriable later (pair halted)
200003, 102427 | too many open orders | non-retriable until orders close
200004, 102421, 400100 | balance too low | non-retriable
400001, 400003…400007, 400009, 400010 | header missing, bad key, passphrase, signature | fatal configuration
400002 | timestamp off by >5 s | resync clock, re-sign, retry
400008 | V1/V2 key refused | fatal configuration
400011 | WS session signature wrong | fatal configuration
400012 | WS session signature too late | resync clock, re-sign, retry
400100 | parameter error | non-retriable
400200, 400500, 400600, 400700 | pair forbidden, region, not open yet, account risk | non-retriable
102411, 102425, 102429, 102434, 102435 | parameter, time range, price, size | non-retriable
102426 | duplicate client id | order exists: query it
102428 | order is in progress, cannot cancel now | retriable soon
102436, 100004 | order unknown / not cancellable | query, then treat as closed
411100 | user frozen | fatal configuration
415000 | wrong content type | non-retriable
429000 | rate limit | retriable after reset
500000, 230005 | server error / busy | unknown outcome for POST/DELETE orders
600203, 900001 | pair not tradable / unknown | non-retriable
1015 | per-IP limit, block 30 s | wait 30 s`;

/** What the page's advice leaves an answer to mean. All but the last are proof that the order is not there. */
const MEANINGS: Readonly<Record<string, readonly string[]>> = {
  "retriable later (pair halted)": ["halted"],
  "non-retriable until orders close": ["rejected"],
  // A pair that does not trade is refused like a parameter, and the gate may well know it.
  "non-retriable": ["rejected", "halted"],
  "fatal configuration": ["credentials"],
  "resync clock, re-sign, retry": ["clock"],
  "order exists: query it": ["duplicate"],
  "retriable soon": ["rejected"],
  "query, then treat as closed": ["noSuchOrder"],
  "retriable after reset": ["throttled"],
  "wait 30 s": ["throttled"],
  "unknown outcome for POST/DELETE orders": ["unknown"],
};

/** Every code of a cell such as "400001, 400003…400007". */
function codesOf(cell: string): string[] {
  return cell.split(/[,/]/).flatMap((part) => {
    const [first, last = first] = part.split("…").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });
}

const ADVICE = PAGE.trim()
  .split("\n")
  .flatMap((line) => {
    const [codes = "", , advice = ""] = line.split("|").map((cell) => cell.trim());
    return codesOf(codes).map((code): [string, string] => [code, advice]);
  });

describe("the venue's page", () => {
  test.each(ADVICE)("%s: %s", (code, advice) => {
    const { class: meaning, isListed } = classifyRefusal(code, "");
    expect(MEANINGS[advice]).toContain(meaning);
    expect(isListed).toBe(true);
  });

  test("names every code that the catalogue lists", () => {
    const named = new Set(ADVICE.map(([code]) => code));
    expect([...CATALOGUE.keys()].filter((code) => !named.has(code))).toEqual([]);
  });

  test("an unlisted code is unknown, and says so", () => {
    expect(classifyRefusal("123456", "what")).toMatchObject({ class: "unknown", isListed: false });
  });

  test.each([
    ["validation.createOrder.clientOidDuplicated", "duplicate"],
    ["order not exist.", "noSuchOrder"],
    ["The order does not exist or is not allowed", "noSuchOrder"],
    ["clientTimestamp plus allowMaxTimeWindow has passed", "clock"],
    ["account.available.amount", "rejected"],
    ["Price increment invalid.", "rejected"],
  ])("400100 with %s is %s", (text, meaning) => {
    expect(classifyRefusal("400100", text).class).toBe(meaning);
  });
});

describe("an answer", () => {
  const answer = { status: 200, code: "200004", text: "", hasBudget: true };

  test("from 500 on knows nothing, whatever its code", () => {
    expect(refusalOf({ ...answer, status: 500 })).toMatchObject({
      class: "unknown",
      isListed: true,
    });
    expect(refusalOf({ ...answer, status: 502, code: "" })).toMatchObject({
      class: "unknown",
      code: "HTTP 502",
    });
  });

  test("429000 is a limit with the pool's numbers, and an overload without", () => {
    const limited = { ...answer, status: 429, code: "429000" };
    expect(refusalOf(limited).class).toBe("throttled");
    expect(refusalOf({ ...limited, hasBudget: false })).toMatchObject({
      class: "unknown",
      isListed: true,
    });
  });

  test.each([403, 429])(
    "a page instead of JSON with status %i is the gate before the gateway",
    (status) => {
      expect(refusalOf({ ...answer, status, code: "" })).toMatchObject({
        class: "throttled",
        code: "1015",
      });
    },
  );

  test("a page with another status is unlisted", () => {
    expect(refusalOf({ ...answer, status: 404, code: "" })).toMatchObject({
      class: "unknown",
      isListed: false,
    });
  });
});
