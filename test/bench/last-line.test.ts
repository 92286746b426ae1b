// Goal: a child of the benches ends only after its parent has its whole answer, however long it is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

/** More than any pipe holds: the child must wait for its reader. */
const LENGTH = 4 * 1024 * 1024;

test("an answer longer than a pipe arrives whole, and the child ends though it has a timer", async () => {
  const room = new URL("./last-line.ts", import.meta.url).href;
  const script = `
    import { endWith } from ${JSON.stringify(room)};
    setInterval(() => undefined, 60_000);
    endWith("x".repeat(${LENGTH}));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  expect(JSON.parse(await text(child.stdout))).toHaveLength(LENGTH);
  expect(await ended).toEqual([0, null]);
});
