/** Every validity flag is provoked for real: by a machine, a server or a generator that is in the state it names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { calibrate } from '../../bench/calibrate/calibrate.ts';
import { passes } from '../../bench/calibrate/compare.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { kindNamed } from '../../bench/calibrate/kinds/registry.ts';
import { thisMachine } from '../../bench/calibrate/machine.ts';
import { writeCalibration } from '../../bench/calibrate/store.ts';
import { startTruthServer } from '../../bench/calibrate/truth/client.ts';
import { latency } from '../../bench/experiments/latency/index.ts';
import { analyseScale } from '../../bench/experiments/scale/analyse.ts';
import { scale } from '../../bench/experiments/scale/index.ts';
import { analyseToll } from '../../bench/experiments/toll/analyse.ts';
import { startHiccupMeter } from '../../bench/hiccup/meter.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { runOpen } from '../../bench/load/open/client.ts';
import type { OpenOptions } from '../../bench/load/open/schema.ts';
import type { Target } from '../../bench/load/protocol.ts';
import { saturationFlags } from '../../bench/measuring/load-flags.ts';
import { openFlags } from '../../bench/measuring/open-slice.ts';
import { sliceOf } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { readEnvironment } from '../../bench/run/environment.ts';
import { run } from '../../bench/run/run.ts';
import { testContext, testHeader } from '../../bench/testing/slices.ts';
import { FLAG_NAMES, type Flag } from '../../core/results/flags.ts';
import { JournalWriter, readJournal } from '../../core/results/journal.ts';
import type { Slice } from '../../core/results/schema.ts';
import { descendants } from '../support/bench-process.ts';
import { startCounting, stopCounting } from '../support/counting.ts';
import { startRedis } from '../support/redis.ts';

const HERE = 'test/experiments/flags.test.ts';
/** Where each flag is provoked. One that is missing here does not compile. */
const PROVOKED_IN: Readonly<Record<Flag, string>> = {
  'gate-failed': 'bench/run/replay.test.ts',
  'generator-saturated': HERE,
  oversubscribed: HERE,
  'rate-missed': HERE,
  'unexpected-responses': HERE,
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
  'cpu-from-inside': HERE,
  'search-ended': 'bench/experiments/payload/analyse.test.ts',
  'declaration-broken': 'test/experiments/outage.test.ts',
  'still-broken': 'test/experiments/outage.test.ts',
};

it.each(FLAG_NAMES)('%s is provoked in the test that is named for it', (flag) => {
  const text = readFileSync(fileURLToPath(new URL(`../${PROVOKED_IN[flag]}`, import.meta.url)), 'utf8');
  // Once in the table above, and at least once in an assertion.
  expect(text.split(`'${flag}'`).length - 1).toBeGreaterThan(PROVOKED_IN[flag] === HERE && flag.includes('-') ? 1 : 0);
});

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-flags-'));
let janitor: Janitor;
const closers: (() => Promise<unknown> | unknown)[] = [];
beforeAll(async () => {
  janitor = await Janitor.start();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await stopCounting();
});
afterAll(async () => {
  await janitor.finish();
  rmSync(root, { recursive: true, force: true });
});

function watched(child: ChildProcess): ChildProcess {
  janitor.watch(child);
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  return child;
}

interface Server {
  readonly pid: number;
  readonly port: number;
}

async function truthServer(name: string): Promise<Server> {
  const server = await startTruthServer(kindNamed(name));
  closers.push(() => server.stop());
  return { pid: server.pid, port: server.address.port };
}

/** Processes that want a core each, more than there are. */
async function crowd(): Promise<number[]> {
  const each = Array.from({ length: 2 * availableParallelism() }, () =>
    watched(spawn(process.execPath, ['-e', 'console.log(1); for (;;);'], { stdio: ['ignore', 'pipe', 'ignore'] })),
  );
  await Promise.all(each.map(({ stdout }) => once(stdout ?? process.stdin, 'data')));
  return each.map(({ pid }) => pid ?? 0);
}

function target(key: string, servers: readonly Server[], pids = servers.map(({ pid }) => pid)): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
  return {
    key,
    addresses: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    requests: Array.from({ length: 10 }, () => request),
    processes: { replicas: pids, redis: null },
  };
}

function generator(): Generator {
  const made = startGenerator(janitor);
  closers.push(() => made.stop());
  return made;
}

const closed = (aim: Target, connections: number, windowMs = 400) =>
  generator().ask('closed', { target: aim, connections, rampMs: 100, windowMs });

async function open({ port }: Server, changes: Partial<OpenOptions>) {
  const address = { host: '127.0.0.1', port };
  const wire = requestBytes(address, { method: 'GET', path: '/' }).toString('latin1');
  return openFlags(
    await runOpen({
      targets: [address],
      requests: [{ target: 0, wire, expectStatus: 200 }],
      ratePerSecond: 100,
      durationMs: 500,
      warmupMs: 0,
      arrivals: 'uniform',
      seed: 1,
      timeoutMs: 3000,
      connections: 8,
      maxConnections: 8,
      ...changes,
    }),
  );
}

const position = { fork: 0, block: 0, order: 0 };

describe('the load', () => {
  it('flags a closed loop that has no time left of its own', async () => {
    const servers = [await truthServer('burn-0us'), await truthServer('burn-0us')];
    const made = generator();
    // So many that some answer lies ready whenever the generator looks, whoever else wants a core.
    const load = { target: target('fast', servers), connections: 1024, rampMs: 300, windowMs: 600 };
    // Where others want the servers' cores, it may still wait for an answer now and then: then it is not saturated.
    let flags: Flag[] = [];
    for (let attempt = 0; attempt < 8 && flags.length === 0; attempt++) {
      flags = saturationFlags(await made.ask('closed', load), 1000);
    }
    expect(flags).toEqual(['generator-saturated']);
  });

  it('flags an open loop that cannot send so fast, for being late and for the rate', async () => {
    const flags = await open(await truthServer('burn-0us'), { ratePerSecond: 400_000, durationMs: 200 });
    expect(flags).toEqual(expect.arrayContaining(['generator-saturated', 'rate-missed']));
  });

  it('flags a rate that the server’s slowness kept from being sent', async () => {
    const flags = await open(await startCounting({ delayMs: 50 }), {
      ratePerSecond: 400,
      connections: 1,
      maxConnections: 1,
    });
    expect(flags).toContain('rate-missed');
  });

  it('flags processes that wait for each other, in either loop', async () => {
    const server = await startCounting();
    const others = await crowd();
    expect(await open(server, { ratePerSecond: 2000 })).toContain('oversubscribed');
    // They stand for more replicas, on a machine of as much as they got: how much that is, is for whatever else runs here.
    const tally = await closed(target('busy', [server], [server.pid, ...others]), 16);
    const [, ...crowdNs] = tally.replicaCpuNs ?? [];
    const cores = crowdNs.reduce((sum, ns) => sum + ns, 0) / (tally.durationMs * 1e6);
    expect(crowdNs).toHaveLength(others.length);
    expect(saturationFlags(tally, cores)).toContain('oversubscribed');
    expect(saturationFlags(tally, 10 * (cores + 2))).not.toContain('oversubscribed');
  });

  it('flags answers that are errors, in every loop', async () => {
    const server = await startCounting({ failEvery: 10 });
    expect(await open(server, {})).toContain('unexpected-responses');
    const aim = target('failing', [server]);
    const made = generator();
    await made.ask('open', [aim]);
    const [paired] = await made.ask('paired', { rounds: 1, batches: 5, inFlight: 10, seed: 1, keys: null });
    for (const tally of [paired, await closed(aim, 2)]) {
      expect(tally === undefined ? [] : sliceOf(tally, { mode: 'closed', position, factors: {} }).flags).toContain(
        'unexpected-responses',
      );
    }
  });

  it('flags CPU time that had to come from inside', async () => {
    // A process that is not there cannot be read from outside.
    const gone = watched(spawn(process.execPath, ['-e', '0']));
    await once(gone, 'exit');
    const tally = await closed(target('hidden', [await startCounting()], [gone.pid ?? 0]), 2, 100);
    expect(sliceOf(tally, { mode: 'paired', position, factors: {}, measures: { replica_cpu_ns: 1 } }).flags).toEqual([
      'cpu-from-inside',
    ]);
  });
});

describe('the figures', () => {
  /** A cheap server, a dear one and a second cheap one, measured in two forks of two blocks. */
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

  it('are flagged for what the slices show', async () => {
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
    // The baseline does: it is the machine that changed.
    const drifting = [...as('none', cheap, dear), ...as('jwt-hs256', other, other)];
    expect(flags(drifting, 'cpu_us_per_request')).toContain('machine-drift');
    expect(flags(as('jwt-hs256', cheap, cheap), 'cpu_us_per_request')).toContain('unpaired');
    const once = [...as('none', other, []), ...as('jwt-hs256', cheap, [])];
    expect(flags(once, 'cpu_ratio_to_baseline')).toContain('one-fork');
    expect(flags([...as('none', other, other), ...as('jwt-hs256', cheap, cheap)], 'cpu_us_per_request')).not.toContain(
      'one-fork',
    );
  });

  it('are flagged where CPU time says that the server had room for more', async () => {
    const tally = await closed(target('none', [await startCounting({ delayMs: 20 })]), 4);
    const measures = { replica_share_cores: 1, redis_cpu_ns: 0 };
    const slice = sliceOf(tally, { mode: 'closed', position, factors: { replicas: 1 }, measures });
    const figures = analyseScale([{ kind: 'slice', experiment: 'scale', ...slice }], testContext);
    expect(figures.find(({ metric }) => metric === 'throughput_rps')?.flags).toContain('capacity-disagrees');
  });
});

describe('the machine', () => {
  it('is flagged for CPU time that others were given', async () => {
    // No guest can make its host steal: the kernel's account is written here instead.
    const procStat = join(root, 'stat');
    const account = (steal: number, idle: number) =>
      writeFileSync(procStat, `cpu  100 0 0 ${idle} 0 0 0 ${steal} 0 0\n`);
    account(0, 100);
    const meter = await startHiccupMeter({ cores: [], procStat });
    closers.push(() => meter.stop());
    await meter.mark();
    account(50, 950);
    expect((await meter.mark()).flags).toContain('cpu-stolen');
    account(50, 1950);
    expect((await meter.mark()).flags).not.toContain('cpu-stolen');
  });
});

describe('the calibration', () => {
  const flag = async (directory: string) => (await readEnvironment(null, 'none', directory)).calibration?.flag;

  it('is flagged where there is none', async () => {
    expect(await flag(join(root, 'none'))).toBe('calibration-missing');
  });

  it('is flagged where a generator was caught telling less than it saw', async () => {
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
  /** The machine stands still for the meter: for 40 ms, over and over. */
  function stallMeter(): void {
    const timer = setInterval(() => {
      const meters = descendants(process.pid).filter(({ command }) => command.includes('hiccup/process.ts'));
      for (const { pid } of meters) process.kill(pid, 'SIGSTOP');
      setTimeout(() => {
        for (const { pid } of meters) process.kill(pid, 'SIGCONT');
      }, 40);
    }, 200);
    closers.push(() => clearInterval(timer));
  }

  it('flags slices for a Redis that others use, for missing CPU shares, and for a machine that stalled', async () => {
    const redis = await startRedis();
    closers.push(() => redis.stop());
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
      janitor,
      shares: null,
      signal: new AbortController().signal,
      onProgress: (experiment) => {
        if (experiment !== 'latency' || stalls) return;
        stalls = true;
        stallMeter();
      },
      onFailure: (_, error) => failures.push(error),
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
  }, 120_000);
});
