// Goal: a function's code is one file with its assets beside it, made once. Method: a small handler of our own.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { codeFolder } from "../../lib/bundle.ts";
import { CANCELLER, CONTROL_FUNCTIONS, type FunctionPlan } from "../../lib/functions.ts";
import { STAGES } from "../../lib/stages.ts";

const root = mkdtempSync(join(tmpdir(), "reckoner-bundle-"));
const folder = join(root, "functions", "greet");
mkdirSync(join(folder, "pictures"), { recursive: true });
writeFileSync(join(folder, "word.ts"), 'export const word: string = "hello";\n');
writeFileSync(
  join(folder, "handler.ts"),
  'import { word } from "./word.ts";\nexport const handler = (): string => word;\n',
);
writeFileSync(join(folder, "pictures", "a.svg"), "<svg/>");
writeFileSync(join(root, "notice.txt"), "read me");
afterAll(() => rmSync(root, { recursive: true, force: true }));

const plan: FunctionPlan = {
  ...CANCELLER,
  name: "greet",
  assets: ["functions/greet/pictures/", "notice.txt"],
};
const options = {
  stage: STAGES.dev,
  sites: [],
  account: undefined,
  alarmEmail: "",
  image: "",
  root: `${root}/`,
  functionsFolder: join(root, "functions"),
  isBundled: true,
};

describe("the code of a function", () => {
  test("is one file that runs, with its files beside it", async () => {
    const made = codeFolder(plan, options);
    const { handler } = (await import(pathToFileURL(join(made, "index.mjs")).href)) as {
      handler: () => string;
    };
    expect(handler()).toBe("hello");
    expect(existsSync(join(made, "index.mjs.map"))).toBe(true);
    expect(readFileSync(join(made, "assets", "a.svg"), "utf8")).toBe("<svg/>");
    expect(readFileSync(join(made, "assets", "notice.txt"), "utf8")).toBe("read me");
    expect(codeFolder(plan, options)).toBe(made);
    rmSync(made, { recursive: true });
  });

  test("is its source where nobody runs it", () => {
    expect(codeFolder(plan, { ...options, isBundled: false })).toBe(folder);
  });

  test("that is not there fails the synthesis", () => {
    expect(() => codeFolder({ ...plan, name: "nobody" }, options)).toThrow("nobody/handler.ts");
  });
});

test.each([...CONTROL_FUNCTIONS, CANCELLER])(
  "$name has a handler and its assets",
  ({ name, assets }) => {
    const repository = new URL("../../", import.meta.url);
    expect(existsSync(new URL(`functions/${name}/handler.ts`, repository))).toBe(true);
    for (const path of assets) expect(existsSync(new URL(path, repository))).toBe(true);
  },
);
