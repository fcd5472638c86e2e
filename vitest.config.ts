import { defineConfig } from 'vitest/config';

// Suites that start whole programs share two cores, so files run in at most two processes.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Hangs are to be found, slow machines are not.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
