#!/usr/bin/env node
/**
 * Station: the front door. Puts Node 24 under the command line and gets out of the way.
 *
 * Plain JavaScript that Node 20 can run, the one exception to TypeScript in this house, because it
 * stands where nothing is installed yet. It installs what package-lock.json asks for when
 * node_modules does not agree, finds a Node of major 24 or newer, runs bin/reckoner.ts on it and
 * passes on signals and the exit code. It never writes to stdout, which belongs to the command.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { constants as osConstants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
/** Exit code 3 of docs: the environment refuses (no Node, no npm, no network). */
const EXIT_ENVIRONMENT = 3;
/** A lock folder without a readable owner is left over from a death between two system calls. */
const OWNERLESS_LOCK_MS_MAX = 10_000;
const LOCK_POLL_MS = 200;
const NPM_TAIL_BYTES_MAX = 64 * 1024;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stampPath = join(modules, ".reckoner-lock-hash");
const lockPath = join(root, ".reckoner", "install.lock");

/** Ends the launcher with one sentence for a person. */
function refuse(sentence) {
  process.stderr.write(`reckoner: ${sentence}\n`);
  process.exit(EXIT_ENVIRONMENT);
}

function readText(path) {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process, hence a living one.
    return error.code === "EPERM";
  }
}

function isMusl() {
  return process.platform === "linux" && !process.report?.getReport().header.glibcVersionRuntime;
}

/** Whether npm would install `entry` of the lock file here; mirrors npm's os, cpu and libc rules. */
function isForThisPlatform(entry) {
  const admits = (list, value) => list === undefined || [list].flat().includes(value);
  if (!admits(entry.os, process.platform)) return false;
  if (!admits(entry.cpu, process.arch)) return false;
  return admits(entry.libc, isMusl() ? "musl" : "glibc");
}

/** Whether what npm says it installed is what package-lock.json asks for, name by name. */
function agreesWithLock(lockText) {
  try {
    const wanted = JSON.parse(lockText).packages;
    const found = JSON.parse(readText(join(modules, ".package-lock.json"))).packages;
    const paths = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    paths.delete("");
    for (const path of paths) {
      if (wanted[path] === undefined) return false;
      if (!isForThisPlatform(wanted[path])) continue;
      // What only a foreign platform's package needs is left out by npm and bears no os or cpu.
      const isBound = wanted[path].os !== undefined || wanted[path].cpu !== undefined;
      if (found[path] === undefined && wanted[path].optional && !isBound) continue;
      if (found[path]?.version !== wanted[path].version) return false;
      if (!fs.existsSync(join(root, path, "package.json"))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** The stamp binds a folder of packages to one lock file on one platform. */
function stampOf(lockText) {
  const platform = `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
  return createHash("sha256").update(`${platform}\n${lockText}`).digest("hex");
}

/** Whether node_modules is right; adopts a folder that a person made with a plain `npm ci`. */
function isInstalled(lockText) {
  if (readText(stampPath) === stampOf(lockText)) return true;
  if (!agreesWithLock(lockText)) return false;
  fs.writeFileSync(stampPath, stampOf(lockText));
  return true;
}

/** Removes the lock folder when the process that made it is gone. */
function breakStaleLock() {
  const owner = Number(readText(join(lockPath, "pid")));
  if (owner > 0 && isAlive(owner)) return;
  let ageMs = 0;
  try {
    ageMs = Date.now() - fs.statSync(lockPath).mtimeMs;
  } catch {
    return; // Released in the meantime.
  }
  if (owner === 0 && ageMs < OWNERLESS_LOCK_MS_MAX) return;
  // Only one breaker at a time, and it looks again: otherwise the second of two launchers that saw
  // the same dead owner would remove the lock that the first has just taken.
  const breaking = `${lockPath}.breaking`;
  try {
    fs.mkdirSync(breaking);
  } catch {
    return;
  }
  if (Number(readText(join(lockPath, "pid"))) === owner) {
    fs.rmSync(lockPath, { recursive: true, force: true });
  }
  fs.rmdirSync(breaking);
}

/** Waits until this process owns the install lock. `mkdir` either makes the folder or fails. */
async function claimLock() {
  fs.mkdirSync(dirname(lockPath), { recursive: true });
  let waited = false;
  for (;;) {
    try {
      fs.mkdirSync(lockPath);
      fs.writeFileSync(join(lockPath, "pid"), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!waited) process.stderr.write("reckoner: another launcher is installing; waiting for it\n");
    waited = true;
    breakStaleLock();
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function releaseLock() {
  fs.rmSync(lockPath, { recursive: true, force: true });
}

/** Turns what npm said into the one sentence a person needs. */
function npmFailure(output, code) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET/.test(output)) {
    return "npm ci could not reach the npm registry; check the network or the npm configuration";
  }
  if (/ENOSPC/.test(output)) return "npm ci found no space left on the disk";
  if (/EACCES|EPERM|EROFS/.test(output)) return `npm ci may not write to ${root}`;
  if (/EUSAGE/.test(output))
    return "npm ci refused package-lock.json: it disagrees with package.json";
  return `npm ci failed with exit code ${code}; its own words are above`;
}

/** Runs `npm ci` with everything it says on stderr; answers "" or a sentence why it failed. */
function runNpmCi() {
  // No package of the lock file needs an install script, so none is allowed to run.
  const flags = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-fund"];
  const child = spawn("npm", [...flags, "--no-audit"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let tail = "";
  const pass = (chunk) => {
    process.stderr.write(chunk);
    tail = (tail + chunk).slice(-NPM_TAIL_BYTES_MAX);
  };
  child.stdout.on("data", pass);
  child.stderr.on("data", pass);
  return new Promise((resolve) => {
    child.on("error", () => resolve("npm is needed to install the packages and was not found"));
    child.on("close", (code) => resolve(code === 0 ? "" : npmFailure(tail, code)));
  });
}

async function installWhatIsMissing() {
  const lockText = readText(join(root, "package-lock.json"));
  if (lockText === "") refuse(`package-lock.json is missing in ${root}`);
  if (isInstalled(lockText)) return;
  await claimLock();
  const giveUp = () => {
    releaseLock();
    process.exit(128 + osConstants.signals.SIGINT);
  };
  process.once("SIGINT", giveUp).once("SIGTERM", giveUp);
  try {
    // Another launcher may have done the work while this one waited for the lock.
    if (isInstalled(lockText)) return;
    process.stderr.write("reckoner: installing packages (npm ci)\n");
    const failure = await runNpmCi();
    if (failure !== "") {
      releaseLock();
      refuse(failure);
    }
    fs.writeFileSync(stampPath, stampOf(lockText));
  } finally {
    releaseLock();
    process.off("SIGINT", giveUp).off("SIGTERM", giveUp);
  }
}

/** The path of a Node of major 24 or newer: this one, or the pinned platform package. */
function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const pinned = join(modules, `node-${platform}`, "bin", "node");
  if (fs.existsSync(pinned)) {
    const probe = spawnSync(pinned, ["--version"], { encoding: "utf8" });
    if (probe.status === 0) return pinned;
    refuse(`the packaged Node does not run on this ${platform} machine; put Node 24 on the PATH`);
  }
  refuse(
    `Node ${NODE_MAJOR_MIN} or newer is needed, this is ${process.versions.node}, and no package ` +
      `carries one for ${platform}; install Node ${NODE_MAJOR_MIN} and run this again`,
  );
}

function runCommandLine(node) {
  const path = [dirname(node), join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(node, [join(root, "bin", "reckoner.ts"), ...process.argv.slice(2)], {
    // Through the fourth pipe nothing is said; its end tells the command that this launcher is dead.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: path },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // From a keyboard the child gets SIGINT twice, once from the terminal; commands expect that.
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => refuse(`${node} did not start: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (osConstants.signals[signal] ?? 0));
  });
}

await installWhatIsMissing();
runCommandLine(findNode());
