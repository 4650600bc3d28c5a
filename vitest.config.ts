import { defineConfig } from 'vitest/config';

const common = {
  exclude: ['node_modules/**', 'results/**'],
  pool: 'forks' as const,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'beside',
          // Pure ones share what a worker has loaded, and use all cores.
          isolate: false,
          maxWorkers: '100%',
          include: ['{bench,cli,core,regression,reports,scripts,servers}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'processes',
          include: ['test/**/*.test.ts'],
          // Tests start real processes: one file at a time keeps their timings apart.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
