// Goal: a bug counts as found only where a hunt that ran saw it, and not in the sound copy; each hunter has its
// turn. Method: a house of a few files, whose tests see one of its bugs and its seeds another, in a folder of its own.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plantedCampaign } from "../../../../local/sim/planted/campaign.ts";
import type { Patch } from "../../../../local/sim/planted/patch.ts";
import type { PlantedEntry, PlantedReport } from "../../../../local/sim/planted/report.ts";
import { huntSeeds } from "../../../../local/sim/planted/seed-hunt.ts";

const REAL_HOUSE = join(import.meta.dirname, "../../../..");
const FOLDERS = ["bin", "contracts", "docs", "functions", "hotpath", "local", "test"];
let house = "";

function put(path: string, text: string): void {
  writeFileSync(join(house, path), text);
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "reckoner-toy-house-"));
  for (const folder of FOLDERS) mkdirSync(join(house, folder));
  symlinkSync(join(REAL_HOUSE, "node_modules"), join(house, "node_modules"));
  put("package.json", '{ "type": "module" }');
  put("tsconfig.json", "{}");
  put("vitest.config.ts", 'export default { test: { include: ["test/**/*.test.ts"] } };');
  put(
    "local/sum.ts",
    "export const sum = (a: number, b: number): number => a + b;\nexport const no = 0;\nexport const none = 0;\n",
  );
  // Its seeds see one bug, with the second of them.
  mkdirSync(join(house, "local/sim/planted"), { recursive: true });
  put(
    "local/sim/planted/seed-hunt.ts",
    `import { no } from "../../sum.ts";
export async function tellHunt(part: string, range: { from: number; to: number }): Promise<void> {
  const { from, to } = range;
  const isSeen = part === "bit-flips" && no === 1 && from <= 2 && to >= 2;
  const found = { kind: "found", seed: 2, violation: "no is 1" };
  const hunted = isSeen ? found : { kind: "notFound", seeds: to - from + 1 };
  process.stdout.write("\\n" + JSON.stringify(hunted) + "\\n");
}
`,
  );
  const imports =
    'import { expect, test } from "vitest";\nimport { sum } from "../local/sum.ts";\n';
  put("test/sum.test.ts", `${imports}test("a sum", () => expect(sum(1, 2)).toBe(3));\n`);
  put("test/cry.test.ts", `${imports}test("a cry", () => expect(sum(1, 2)).toBe(4));\n`);
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

function planted(id: string, part: Partial<Patch>): Patch {
  return {
    id,
    accident: "",
    says: "A sum is a difference.",
    file: "local/sum.ts",
    find: "a + b",
    replace: "a - b",
    finder: "unit oracle",
    oracles: ["test/sum.test.ts"],
    ...part,
  };
}

const PATCHES = [
  planted("seen", {}),
  planted("unseen", { find: "no = 0", replace: "no = 1" }),
  planted("cried-at", { oracles: ["test/cry.test.ts"] }),
  planted("unloadable", { replace: "a +* b" }),
  planted("rotten", { find: "a * b" }),
];

test("finds what the tests see, and counts nothing else", async () => {
  // In a folder that nobody has made yet, as in a fresh copy of the house.
  const report = join(house, "reports/first.json");
  const told: string[] = [];
  const options = { house, report, patches: PATCHES, workers: 2 } as const;
  const first = await plantedCampaign({ ...options, tell: ({ id }) => told.push(id) });
  expect(Object.fromEntries(first.entries.map(({ id, outcome }) => [id, outcome]))).toEqual({
    seen: "found",
    unseen: "notFound",
    "cried-at": "broken",
    unloadable: "broken",
    rotten: "rotten",
  });
  expect(first).toMatchObject({ planted: 5, found: 1, notFound: ["unseen"], medianSeed: 0 });
  expect(first.entries[0]?.violation).toBe("1 of 1 tests, first: a sum");
  expect(told).toHaveLength(PATCHES.length);
  expect(JSON.parse(readFileSync(report, "utf8")) as PlantedReport).toEqual(first);
  // The house is as it was, and what was found is not hunted again; for what was not, tests may be new.
  expect(readFileSync(join(house, "local/sum.ts"), "utf8")).toContain("a + b");
  told.length = 0;
  await plantedCampaign({ ...options, only: ["seen", "unseen"], tell: ({ id }) => told.push(id) });
  expect(told).toEqual(["unseen"]);
}, 120_000);

test("a bug that its own part does not find is hunted by the tests", async () => {
  const report = join(house, "second-voice.json");
  const part = { finder: "bit-flips" } as const;
  const patches = [
    planted("by-seed", { ...part, find: "no = 0", replace: "no = 1" }),
    planted("by-tests", part),
    planted("by-none", { ...part, find: "none = 0", replace: "none = 1" }),
  ];
  const told: string[] = [];
  const tell = ({ id, by, outcome }: PlantedEntry) => told.push(`${id}: ${outcome} by ${by}`);
  const first = await plantedCampaign({ house, report, patches, seedsMax: 3, tell });
  expect(told).toEqual([
    "by-seed: found by bit-flips",
    "by-tests: notFound by bit-flips",
    "by-none: notFound by bit-flips",
    "by-tests: found by unit oracle",
    "by-none: notFound by unit oracle",
  ]);
  expect(first).toMatchObject({ found: 2, byTestsInstead: ["by-tests"], medianSeed: 2 });
  expect(first.entries.map(({ seeds }) => seeds)).toEqual([2, 3, 3]);
  // Seeds that were tried in vain are not tried again; a longer range goes on behind them.
  told.length = 0;
  const second = await plantedCampaign({ house, report, patches, seedsMax: 5, tell });
  expect(told).toEqual(["by-none: notFound by unit oracle", "by-none: notFound by bit-flips"]);
  expect(second.entries.map(({ seeds }) => seeds)).toEqual([2, 3, 5]);
}, 120_000);

test.each([
  [0, ["by-tests: found by unit oracle"]],
  [30_000, ["by-tests: notFound by bit-flips", "by-tests: found by unit oracle"]],
])(
  "with %d ms for seeds there is no long hunt",
  async (budgetMs, expected) => {
    const report = join(house, `budget-${budgetMs}.json`);
    const patches = [planted("by-tests", { finder: "bit-flips" })];
    const told: string[] = [];
    const tell = ({ id, by, outcome }: PlantedEntry) => told.push(`${id}: ${outcome} by ${by}`);
    await plantedCampaign({ house, report, patches, seedsMax: 3, budgetMs, tell });
    expect(told).toEqual(expected);
  },
  120_000,
);

test("a bug of another text is another bug", async () => {
  const report = join(house, "other.json");
  const rotten = planted("rotten", { find: "a * b" });
  await plantedCampaign({ house, report, patches: [rotten] });
  const told: string[] = [];
  const other = { ...rotten, find: "a / b" };
  const options = { house, report, patches: [other] };
  await plantedCampaign({ ...options, tell: ({ violation }) => told.push(violation) });
  expect(told).toEqual(["local/sum.ts does not hold what is to be replaced"]);
});

test("asks for bugs that are planted only", async () => {
  const report = join(house, "none.json");
  await expect(plantedCampaign({ house, report, only: ["none"] })).rejects.toThrow("no bug none");
  expect(existsSync(report)).toBe(false);
});

test("seeds are tried in their order, until the time is over", async () => {
  const sound = await huntSeeds("bit-flips", { from: 1, to: 2, budgetMs: 60_000 });
  expect(sound).toEqual({ kind: "notFound", seeds: 2 });
  const short = await huntSeeds("bit-flips", { from: 1, to: 1000, budgetMs: 0 });
  expect(short).toEqual({ kind: "notFound", seeds: 1 });
  const tests = huntSeeds("unit oracle", { from: 1, to: 1, budgetMs: 0 });
  await expect(tests).rejects.toThrow("does not hunt by seeds");
});
