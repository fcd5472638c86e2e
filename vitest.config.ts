import { defineConfig } from 'vitest/config';

// For two cores: files run in as few processes as keep them busy.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Hangs are to be found, slow machines are not.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'src',
          include: ['src/**/*.test.ts'],
          // Files follow each other in one process, so that each module is loaded once, not with every file.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'test',
          include: ['test/**/*.test.ts'],
          // Many wait for other programs most of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
