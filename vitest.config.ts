import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const common = {
  exclude: ['node_modules/**', 'results/**'],
  pool: 'forks' as const,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // The default of 1 s is shorter than the stalls of a busy machine.
  expect: { poll: { timeout: 50_000 } },
};

/** Pure ones share what a worker has loaded, and use all cores. */
const inProcess = { isolate: false, maxWorkers: '100%', sequence: { groupOrder: 0 } };

const startsProcesses = {
  // A test waits for events, and a busy machine may be many times slower; this ends one that hangs.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

const TIMING = 'test/**/*.timing.test.ts';
const SERVERS = 'test/servers/**/*.test.ts';

/** What takes longest begins first, so that no core is left idle at the end. */
const LONGEST = [
  'core/stats/coverage',
  'reports/page/page',
  'bench/micro/client',
  'reports/build',
  'test/servers/equality',
  'test/commands/compare.costs',
  'test/package',
  'test/commands/compare.git',
  'test/hosts/bench',
  'test/commands/bench.costs',
  'test/commands/aa',
  'test/commands/bench.ends',
  'test/gate/mutants',
  'test/gate/late-store',
  'test/experiments/outage',
  'test/commands/compare',
  'test/commands/merge',
  'test/commands/bisect',
  'test/reports/accessible',
  'test/hosts/refusals',
  'test/commands/history',
  'test/commands/compare.instructions',
  'test/commands/instructions',
  'test/target/stores',
  'test/commands/bench.state',
  'test/commands/compare.confirm',
  'test/commands/compare.security',
  'test/target/run',
  'test/experiments/browser',
  'test/fleet/redis-url',
  'test/commands/calibrate',
  'test/commands/fuzz',
  'test/experiments/profiler',
  'test/experiments/flags',
  'test/frameworks',
  'test/commands/report',
  'test/commands/bench',
  'test/target/revocation',
  'test/containers/compose',
  'test/experiments/in-place',
  'test/experiments/revocation',
  'test/commands/bench.limits',
  'test/commands/bench.faults',
  'test/contributing',
  'test/reports/interaction',
  'test/reports/browser',
  'test/reports/what-if',
  'test/experiments/capacity',
  'test/containers/kubernetes.faults',
  'test/reports/live',
  'test/target/fleet',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found === -1 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          ...inProcess,
          name: 'beside',
          include: [
            '{bench,cli,containers,core,library,regression,reports,scripts,servers,target,facts,published}/**/*.test.ts',
          ],
        },
      },
      {
        // Servers without processes of their own, on a Redis.
        test: { ...common, ...inProcess, name: 'servers', include: [SERVERS] },
      },
      {
        test: {
          ...common,
          ...startsProcesses,
          name: 'processes',
          include: ['test/**/*.test.ts'],
          exclude: [...common.exclude, SERVERS, TIMING],
          // They wait for half of their time, so there are two more than there are cores.
          maxWorkers: Math.min(8, availableParallelism() + 2),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          ...startsProcesses,
          name: 'timing',
          include: [TIMING],
          // They assert durations: one file at a time, when all others are done.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
