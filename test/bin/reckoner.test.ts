// Goal: the launcher installs what is missing, finds Node 24, and is otherwise not there.
// Method: the real launcher in a folder of its own, with a made-up npm on the PATH.
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const LAUNCHER = new URL("../../bin/reckoner.mjs", import.meta.url);
const LOCK = JSON.stringify({
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/far": { version: "2.0.0", optional: true, os: ["plan9"] },
    "node_modules/far-only": { version: "3.0.0", optional: true },
  },
});
const INSTALLED = JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } });

/** What the made-up npm does when it succeeds: it takes its time, so that two launchers meet. */
const INSTALL = `mkdir -p node_modules/a && echo '{}' > node_modules/a/package.json
echo '${INSTALLED}' > node_modules/.package-lock.json
sleep 0.2
echo "added 1 package"`;

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reckoner-launcher-"));
  mkdirSync(join(root, "bin"));
  mkdirSync(join(root, "path"));
  copyFileSync(LAUNCHER, join(root, "bin", "reckoner.mjs"));
  writeFileSync(join(root, "package-lock.json"), LOCK);
  write(
    "bin/reckoner.ts",
    'console.log(JSON.stringify(process.argv.slice(2)), "on", process.title.length > 0);\n',
  );
  npmDoes(INSTALL);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

/** Puts a made-up npm on the PATH that notes each call and then does `script`. */
function npmDoes(script: string): void {
  write("path/npm", `#!/bin/sh\necho "$@" >> "${root}/npm-calls"\n${script}\n`, 0o755);
}

function npmCalls(): string[] {
  if (!existsSync(join(root, "npm-calls"))) return [];
  return readFileSync(join(root, "npm-calls"), "utf8").trim().split("\n");
}

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [join(root, "bin", "reckoner.mjs"), ...words], {
    env: { PATH: `${root}/path:/usr/bin:/bin`, HOME: root, ...env },
  });
}

async function run(words: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  return await endOf(start(words, env));
}

function endOf(child: ChildProcess): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => (out += String(chunk)));
  child.stderr?.on("data", (chunk) => (err += String(chunk)));
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code: code ?? -1, out, err })),
  );
}

describe("installing", () => {
  test("a fresh clone is installed once, and npm's words stay off stdout", async () => {
    const first = await run(["a", "--b"]);
    expect(first).toMatchObject({ code: 0, out: '["a","--b"] on true\n' });
    expect(first.err).toContain("added 1 package");
    expect(await run(["c"])).toEqual({ code: 0, out: '["c"] on true\n', err: "" });
    expect(npmCalls()).toEqual([
      "ci --include=dev --include=optional --ignore-scripts --no-fund --no-audit",
    ]);
  });

  test("a changed lock file is installed again", async () => {
    await run();
    writeFileSync(join(root, "package-lock.json"), LOCK.replace("1.0.0", "1.0.1"));
    await run();
    expect(npmCalls()).toHaveLength(2);
  });

  test("packages that a person installed by hand are adopted", async () => {
    write("node_modules/.package-lock.json", INSTALLED);
    write("node_modules/a/package.json", "{}");
    expect((await run()).err).toBe("");
    expect(npmCalls()).toEqual([]);
    expect(existsSync(join(root, "node_modules", ".reckoner-lock-hash"))).toBe(true);
  });

  test.each([
    ["another version", "1.0.0", "0.9.0"],
    [
      "a stranger among them",
      '"node_modules/a"',
      '"node_modules/x":{"version":"1.0.0"},"node_modules/a"',
    ],
    ["nonsense", "{", "["],
  ])("packages by hand with %s are not adopted", async (_name, from, to) => {
    write("node_modules/.package-lock.json", INSTALLED.replace(from, to));
    write("node_modules/a/package.json", "{}");
    await run();
    expect(npmCalls()).toHaveLength(1);
  });

  test("a package whose folder is gone is not adopted", async () => {
    write("node_modules/.package-lock.json", INSTALLED);
    await run();
    expect(npmCalls()).toHaveLength(1);
  });

  test("two launchers at once install once", async () => {
    const ends = await Promise.all([run(["1"]), run(["2"]), run(["3"])]);
    expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
    expect(npmCalls()).toHaveLength(1);
    expect(existsSync(join(root, ".reckoner", "install.lock"))).toBe(false);
  });

  test("the lock of a launcher that died is broken", async () => {
    const dead = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => dead.on("close", resolve));
    write(".reckoner/install.lock/pid", String(dead.pid));
    expect((await run()).code).toBe(0);
    expect(npmCalls()).toHaveLength(1);
  });

  test.each([
    ["npm error code ENOTFOUND", "could not reach the npm registry"],
    ["npm error code ETIMEDOUT", "could not reach the npm registry"],
    ["npm error code ENOSPC", "found no space left on the disk"],
    ["npm error code EACCES", "may not write to"],
    ["npm error code EUSAGE", "refused package-lock.json"],
    ["npm error something else", "failed with exit code 7"],
  ])("%s ends in one sentence and code 3", async (words, sentence) => {
    npmDoes(`echo "${words}" >&2; exit 7`);
    const { code, out, err } = await run();
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err.trim().split("\n").at(-1)).toMatch(new RegExp(`^reckoner: npm ci ${sentence}`));
    expect(existsSync(join(root, "node_modules", ".reckoner-lock-hash"))).toBe(false);
    expect(existsSync(join(root, ".reckoner", "install.lock"))).toBe(false);
  });

  test("a machine without npm is told so", async () => {
    rmSync(join(root, "path", "npm"));
    const { code, err } = await run([], { PATH: join(root, "path") });
    expect(code).toBe(3);
    expect(err).toContain("npm is needed to install the packages and was not found");
  });

  test("a checkout without its lock file is told so", async () => {
    rmSync(join(root, "package-lock.json"));
    const { code, err } = await run();
    expect(code).toBe(3);
    expect(err).toContain("package-lock.json is missing");
  });
});

describe("on a Node that is too old", () => {
  const pinned = `node_modules/node-${process.platform}-${process.arch}/bin/node`;

  /** The environment that makes this Node call itself 20. */
  function old(): Record<string, string> {
    const text =
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });';
    write("old.cjs", text);
    return { NODE_OPTIONS: `--require ${join(root, "old.cjs")}` };
  }

  test("the packaged Node runs the command, first on the PATH", async () => {
    await run();
    write(pinned, '#!/bin/sh\necho "pinned $2 $PATH"\n', 0o755);
    const { out, code } = await run(["x"], old());
    expect(code).toBe(0);
    expect(out).toContain(`pinned x ${dirname(join(root, pinned))}:${root}/node_modules/.bin:`);
  });

  test("without one, a sentence says what is needed", async () => {
    const { code, err } = await run([], old());
    expect(code).toBe(3);
    expect(err).toContain("Node 24 or newer is needed, this is 20.1.0");
  });

  test("with one that does not run here, a sentence says so", async () => {
    await run();
    write(pinned, "#!/bin/sh\nexit 1\n", 0o755);
    const { code, err } = await run([], old());
    expect(code).toBe(3);
    expect(err).toContain("the packaged Node does not run on this");
  });
});

describe("passing on", () => {
  test.each([0, 1, 4])("exit code %i", async (code) => {
    write("bin/reckoner.ts", `process.exit(${code});\n`);
    expect((await run()).code).toBe(code);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s reaches the command", async (signal) => {
    write(
      "bin/reckoner.ts",
      `process.on("${signal}", () => process.exit(9));\nconsole.log("up");\nsetInterval(() => undefined, 1000);\n`,
    );
    const child = start([]);
    child.stdout?.once("data", () => child.kill(signal));
    expect((await endOf(child)).code).toBe(9);
  });

  test("a command killed by a signal ends with 128 and its number", async () => {
    write("bin/reckoner.ts", 'process.kill(process.pid, "SIGKILL");\n');
    expect((await run()).code).toBe(137);
  });
});
