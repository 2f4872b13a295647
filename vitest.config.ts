import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Real engines and real servers on a small machine: two files at once are enough.
    maxWorkers: 2,
  },
});
