import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrate } from '../../bench/calibrate/calibrate.ts';
import { passes } from '../../bench/calibrate/compare.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { kindNamed } from '../../bench/calibrate/kinds/registry.ts';
import { thisMachine } from '../../bench/calibrate/machine.ts';
import { writeCalibration } from '../../bench/calibrate/store.ts';
import { latency } from '../../bench/experiments/latency/index.ts';
import { analyseScale } from '../../bench/experiments/scale/analyse.ts';
import { scale } from '../../bench/experiments/scale/index.ts';
import { analyseToll } from '../../bench/experiments/toll/analyse.ts';
import { startHiccupMeter } from '../../bench/hiccup/meter.ts';
import { sliceOf } from '../../bench/measuring/slices.ts';
import { signalIfAlive } from '../../bench/processes/ending.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { readEnvironment } from '../../bench/run/environment.ts';
import { run } from '../../bench/run/run.ts';
import { testContext, testHeader } from '../../bench/testing/slices.ts';
import { FLAG_NAMES, type Flag } from '../../core/results/flags.ts';
import { JournalWriter, readJournal } from '../../core/results/journal.ts';
import type { Slice } from '../../core/results/schema.ts';
import { descendants } from '../support/bench-process.ts';
import { startCounting } from '../support/known/counting.ts';
import { knownServers, position, target } from '../support/known/known-servers.ts';
import { startRedis } from '../support/redis.ts';

const HERE = 'test/experiments/flags.test.ts';
const CORES = 'bench/run/cpu-environment.test.ts';
const LOAD = 'test/load/flags.timing.test.ts';
/** The test that provokes each flag. A flag without an entry does not compile. */
const PROVOKED_IN: Readonly<Record<Flag, string>> = {
  'gate-failed': 'bench/run/replay.test.ts',
  'generator-saturated': LOAD,
  oversubscribed: LOAD,
  'sent-late': 'bench/experiments/latency/analyse.test.ts',
  'beyond-capacity': 'bench/experiments/latency/analyse.test.ts',
  'rate-missed': LOAD,
  'step-short': 'bench/experiments/capacity/analyse.test.ts',
  'unexpected-responses': LOAD,
  'interval-wide': HERE,
  unpaired: HERE,
  'machine-drift': HERE,
  'machine-stalled': HERE,
  'cpu-stolen': HERE,
  'redis-shared': HERE,
  'calibration-missing': HERE,
  'calibration-failed': HERE,
  'no-cpu-shares': HERE,
  'capacity-disagrees': HERE,
  'one-fork': HERE,
  'cpu-from-inside': LOAD,
  'not-warm': 'test/load/warm-up.test.ts',
  'warm-up-unchecked': 'bench/measuring/warm-up.test.ts',
  'cpu-account-incomplete': 'bench/measuring/slices.test.ts',
  'one-core': CORES,
  'client-sleeps': CORES,
  'cpu-quota': CORES,
  'unequal-cores': CORES,
  'memory-limit': CORES,
  'cpu-throttled': 'bench/run/replay.test.ts',
  'search-ended': 'bench/experiments/payload/analyse.test.ts',
  'declaration-broken': 'test/experiments/outage.test.ts',
  'shards-differ': 'bench/run/shards/merge.test.ts',
  'shards-missing': 'bench/run/shards/merge.test.ts',
  'balancer-saturated': 'bench/measuring/load-flags.test.ts',
  'still-broken': 'test/experiments/outage.test.ts',
};

it.each(FLAG_NAMES)('%s is provoked in the test that the table names', (flag) => {
  const text = readFileSync(fileURLToPath(new URL(`../../${PROVOKED_IN[flag]}`, import.meta.url)), 'utf8');
  // Once in the table above, and at least once in an assertion.
  expect(text.split(`'${flag}'`).length - 1).toBeGreaterThan(PROVOKED_IN[flag] === HERE && flag.includes('-') ? 1 : 0);
});

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-flags-'));
const { afterwards, closed, generator, janitor, truthServer } = knownServers();
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the figures', () => {
  /** A cheap server, an expensive one and a second cheap one, measured in two forks of two blocks. */
  async function tolls(): Promise<Record<'cheap' | 'dear' | 'other', Slice[]>> {
    const servers = {
      cheap: await truthServer('burn-0us'),
      dear: await truthServer('burn-1000us'),
      other: await truthServer('burn-0us'),
    };
    const made = generator();
    await made.ask(
      'open',
      Object.entries(servers).map(([key, server]) => target(key, [server])),
    );
    const found: Record<string, Slice[]> = { cheap: [], dear: [], other: [] };
    for (const [at, block] of [0, 0, 1, 1].entries()) {
      for (const tally of await made.ask('paired', { rounds: 2, batches: 3, inFlight: 10, seed: at, keys: null })) {
        const slice = sliceOf(tally, {
          mode: 'paired',
          position: { fork: block, block: at % 2, order: 0 },
          factors: { in_flight: 10 },
        });
        found[tally.key]?.push({ kind: 'slice', experiment: 'toll', ...slice });
      }
    }
    return found as Record<'cheap' | 'dear' | 'other', Slice[]>;
  }

  it('are flagged for weaknesses of the slices', async () => {
    const { cheap, dear, other } = await tolls();
    const as = (arm: string, fork0: Slice[], fork1: Slice[]) =>
      [...fork0.filter((slice) => slice.fork === 0), ...fork1.filter((slice) => slice.fork === 1)].map((slice) => ({
        ...slice,
        arm,
      }));
    const flags = (slices: readonly Slice[], metric: string) =>
      analyseToll(slices, testContext).find((figure) => figure.metric === metric && figure.arm === 'jwt-hs256')?.flags;
    // The same arm costs twenty times as much in its second start.
    const unsteady = [...as('none', other, other), ...as('jwt-hs256', cheap, dear)];
    expect(flags(unsteady, 'cpu_ratio_to_baseline')).toContain('interval-wide');
    // The baseline changes as well, so the machine has changed.
    const drifting = [...as('none', cheap, dear), ...as('jwt-hs256', other, other)];
    expect(flags(drifting, 'cpu_us_per_request')).toContain('machine-drift');
    expect(flags(as('jwt-hs256', cheap, cheap), 'cpu_us_per_request')).toContain('unpaired');
    const once = [...as('none', other, []), ...as('jwt-hs256', cheap, [])];
    expect(flags(once, 'cpu_ratio_to_baseline')).toContain('one-fork');
    expect(flags([...as('none', other, other), ...as('jwt-hs256', cheap, cheap)], 'cpu_us_per_request')).not.toContain(
      'one-fork',
    );
  });

  it('are flagged if CPU time shows that the server had spare capacity', async () => {
    const tally = await closed(target('none', [await startCounting({ delayMs: 20 })]), 4);
    const measures = { replica_share_cores: 1, redis_cpu_ns: 0 };
    const slice = sliceOf(tally, { mode: 'closed', position, factors: { replicas: 1 }, measures });
    const figures = analyseScale([{ kind: 'slice', experiment: 'scale', ...slice }], testContext);
    expect(figures.find(({ metric }) => metric === 'throughput_rps')?.flags).toContain('capacity-disagrees');
  });
});

describe('the machine', () => {
  it('is flagged for stolen CPU time', async () => {
    // No guest can make its host steal, so the kernel's account is written here.
    const procStat = join(root, 'stat');
    const account = (steal: number, idle: number) =>
      writeFileSync(procStat, `cpu  100 0 0 ${idle} 0 0 0 ${steal} 0 0\n`);
    account(0, 100);
    const meter = await startHiccupMeter({ cores: [], procStat });
    afterwards(() => meter.stop());
    await meter.mark();
    account(50, 950);
    expect((await meter.mark()).flags).toContain('cpu-stolen');
    account(50, 1950);
    expect((await meter.mark()).flags).not.toContain('cpu-stolen');
  });
});

describe('the calibration', () => {
  const GROUPS = { shares: 'none', accounts: 'none' };
  const flag = async (directory: string) => (await readEnvironment(null, GROUPS, directory)).calibration?.flag;

  it('is flagged if it is missing', async () => {
    expect(await flag(join(root, 'none'))).toBe('calibration-missing');
  });

  it('is flagged if a generator reported too little', async () => {
    const forgetful = {
      ...openDriver,
      drive: async (...asked: Parameters<typeof openDriver.drive>) => {
        const found = await openDriver.drive(...asked);
        return { ...found, count: found.count - 1 };
      },
    };
    const kind = kindNamed('constant-1ms');
    const found = await calibrate({
      kinds: [{ ...kind, load: { ...kind.load, durationMs: 300 } }],
      drivers: [forgetful],
      rounds: 1,
      warmsUp: false,
      repeats: 0,
      budgetSeconds: 0,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const verdict = passes(found.rows) ? 'passed' : 'failed';
    await writeCalibration(root, {
      schemaVersion: 2,
      at: new Date().toISOString(),
      version,
      machine: thisMachine(),
      verdict,
      rounds: 1,
      ...found,
    });
    expect(await flag(root)).toBe('calibration-failed');
  });
});

describe('a run', () => {
  /** For the meter, the machine stalls for 40 ms again and again. */
  function stallMeter(): void {
    const timer = setInterval(() => {
      const meters = descendants(process.pid).filter(({ command }) => command.includes('hiccup/process.ts'));
      // A meter may have ended.
      for (const { pid } of meters) signalIfAlive(pid, 'SIGSTOP');
      setTimeout(() => {
        for (const { pid } of meters) signalIfAlive(pid, 'SIGCONT');
      }, 40);
    }, 200);
    afterwards(() => clearInterval(timer));
  }

  it('flags slices for a shared Redis, for missing CPU shares, and for a machine that stalled', async () => {
    const redis = await startRedis();
    afterwards(() => redis.stop());
    const path = join(root, 'journal.jsonl');
    const journal = JournalWriter.open(path);
    journal.append(testHeader);
    const failures: unknown[] = [];
    let stalls = false;
    await run({
      config: { ...testHeader.config, arms: ['none', 'session-redis'], replicas: [1], budgetSeconds: 2 },
      experiments: [scale, latency],
      arms: await describeArms(),
      runId: 'flags',
      directory: root,
      redisUrl: redis.url,
      cores: availableParallelism(),
      journal,
      prior: [],
      janitor: janitor(),
      shares: null,
      signal: new AbortController().signal,
      onProgress: (experiment) => {
        if (experiment !== 'latency' || stalls) return;
        stalls = true;
        stallMeter();
      },
      onFailure: (_, error) => failures.push(error),
      onSkipped: (text) => failures.push(text),
    });
    journal.close();
    expect(failures).toEqual([]);
    const slices = readJournal(readFileSync(path, 'utf8')).lines.filter((line) => line.kind === 'slice');
    const flagsOf = (experiment: string, arm: string, mode: string) =>
      slices.filter((slice) => slice.experiment === experiment && slice.arm === arm && slice.mode === mode);
    const [shared] = flagsOf('scale', 'session-redis', 'closed');
    expect(shared?.flags).toEqual(expect.arrayContaining(['redis-shared', 'no-cpu-shares']));
    const opened = flagsOf('latency', 'none', 'open');
    expect(opened.length).toBeGreaterThan(0);
    for (const slice of opened) expect(slice.flags).toContain('machine-stalled');
  });
});
