import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules/**", "test/system/**"],
    pool: "threads",
    // Every core: what is left to its own leaves one idle, which is half of a small machine.
    maxWorkers: "100%",
    testTimeout: 30_000,
    // A hook may start an embedded AWS on a machine that is busy.
    hookTimeout: 60_000,
  },
});
