import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules/**", "test/system/**"],
    pool: "threads",
    testTimeout: 30_000,
    // A hook may start an embedded AWS on a machine that is busy.
    hookTimeout: 60_000,
  },
});
