// Goal: what is killed stays killed over a restart, and a file that cannot be read frees nothing.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KillStatus } from "../../../contracts/trading-status.ts";
import { KillList } from "../../../hotpath/trading/kill-list.ts";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-kills-"));
});
afterEach(() => {
  fs.chmodSync(folder, 0o755);
  fs.rmSync(folder, { recursive: true, force: true });
});

const ALL: KillStatus = { scope: "all", target: "", by: "anna", reason: "odd", atUs: 5 };
const KRAKEN: KillStatus = {
  scope: "venue",
  target: "kraken",
  by: "core",
  reason: "PT29",
  atUs: 6,
};

describe("the list of kills", () => {
  test("is empty where nobody has killed, and writes nothing", () => {
    expect(new KillList(folder, 1).all).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test("is the same after a restart, first reason and all", () => {
    const list = new KillList(path.join(folder, "deep"), 1);
    list.add(ALL);
    list.add(KRAKEN);
    list.add({ ...ALL, by: "somebody else", atUs: 9 });
    expect(new KillList(path.join(folder, "deep"), 2).all).toEqual([ALL, KRAKEN]);
  });

  test("loses exactly what is released", () => {
    const list = new KillList(folder, 1);
    list.add(ALL);
    list.add(KRAKEN);
    list.remove("venue", "kucoin");
    list.remove("all", "");
    expect(list.has("all", "")).toBe(false);
    expect(new KillList(folder, 2).all).toEqual([KRAKEN]);
  });

  test("forgets for new accounts what was killed by itself, and nothing else", () => {
    const list = new KillList(folder, 1);
    list.add(ALL);
    list.add({ ...KRAKEN, by: "control:PT29" });
    list.forgetAutomatic();
    list.forgetAutomatic();
    expect(new KillList(folder, 2).all).toEqual([ALL]);
  });

  test("that the disk has refused is refused again until it is written", () => {
    const list = new KillList(folder, 1);
    const obstacle = path.join(folder, "kills.json.tmp");
    fs.mkdirSync(obstacle);
    for (let i = 0; i < 2; i++) expect(() => list.add(ALL)).toThrow();
    expect(list.all).toEqual([ALL]);
    fs.rmdirSync(obstacle);
    list.add({ ...ALL, by: "somebody else" });
    expect(new KillList(folder, 2).all).toEqual([ALL]);
  });

  test("leaves no temporary file behind", () => {
    new KillList(folder, 1).add(ALL);
    expect(fs.readdirSync(folder)).toEqual(["kills.json"]);
  });

  test.each([
    ["is cut off", '{"version":1,"kills":[{"sco', "no JSON"],
    ["is of another version", '{"version":2,"kills":[]}', "another form"],
    ["holds no list", '{"version":1,"kills":{}}', "another form"],
    ["holds something else", '{"version":1,"kills":[{"scope":"some"}]}', "another form"],
    ["holds nothing", '{"version":1,"kills":[null]}', "another form"],
  ])("kills everything when its file %s", (_name, text, why) => {
    fs.writeFileSync(path.join(folder, "kills.json"), text);
    const [kill, ...others] = new KillList(folder, 77).all;
    expect(others).toEqual([]);
    expect(kill).toMatchObject({ scope: "all", target: "", by: "start", atUs: 77 });
    expect(kill?.reason).toContain(why);
  });

  test("kills everything when its file cannot be opened", () => {
    fs.mkdirSync(path.join(folder, "kills.json"));
    expect(new KillList(folder, 1).all[0]?.reason).toContain("EISDIR");
  });

  test("holds a kill that the disk refuses, and says so", () => {
    const list = new KillList(folder, 1);
    fs.mkdirSync(path.join(folder, "kills.json.tmp"));
    expect(() => list.add(ALL)).toThrow();
    expect(list.has("all", "")).toBe(true);
  });

  test("keeps a kill whose release the disk refuses", () => {
    const list = new KillList(folder, 1);
    list.add(ALL);
    fs.mkdirSync(path.join(folder, "kills.json.tmp"));
    expect(() => list.remove("all", "")).toThrow();
    expect(list.has("all", "")).toBe(true);
  });
});
