// Goal: what is made on the way leaves nothing behind. Method: a process of its own that ends.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

test("the folder is there while the process lives, and goes with it", () => {
  const address = new URL("../../lib/scratch-folder.ts", import.meta.url).href;
  const code = `import { existsSync } from "node:fs";
    const { scratchFolder } = await import("${address}");
    const folder = scratchFolder("probe");
    console.log(existsSync(folder) + " " + folder);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
  });
  const [wasThere, folder = ""] = stdout.trim().split(" ");
  expect(wasThere).toBe("true");
  expect(folder).toContain("reckoner-probe-");
  expect(existsSync(folder)).toBe(false);
});
