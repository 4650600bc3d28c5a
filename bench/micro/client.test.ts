import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildError } from '../processes/child.ts';
import { Janitor } from '../processes/janitor.ts';
import { runMicro } from './client.ts';
import type { MicroSample } from './protocol.ts';
import { MICRO_TASKS } from './registry.ts';
import { roundOrder } from './suite.ts';

const quick = {
  redisUrl: null,
  postgresUrl: null,
  keyPrefix: 'tollgate-test:',
  secondsPerTask: 0.05,
  rounds: 1,
  seed: 7,
};

async function collect(options: Parameters<typeof runMicro>[0]): Promise<MicroSample[]> {
  const samples: MicroSample[] = [];
  await runMicro(options, (sample) => samples.push(sample));
  return samples;
}

function expectTruth(sample: MicroSample): void {
  expect(sample.operations).toBeGreaterThan(0);
  expect(sample.wallUsPerOp).toBeGreaterThan(0);
  expect(sample.cpuUsPerOp).toBeGreaterThan(0);
  expect(sample.p50Us).toBeGreaterThan(0);
  expect(sample.p50Us).toBeLessThanOrEqual(sample.p90Us);
  expect(sample.p90Us).toBeLessThanOrEqual(sample.p99Us);
  expect(sample.wallUsPerOp * sample.operations).toBeCloseTo(sample.durationMs * 1000, 3);
}

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollgate-micro-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('a run without Redis', () => {
  const MINUTES = { timeout: 300_000 };
  it('reports every task once, in the round’s random order, with plausible times', MINUTES, async () => {
    const samples = await collect(quick);
    const names = MICRO_TASKS.filter((task) => task.needs === null).map((task) => task.name);
    expect(samples.map((sample) => sample.task)).toEqual(roundOrder(names, quick.seed, 0));
    expect(samples.map((sample) => sample.order)).toEqual(names.map((_, index) => index));
    for (const sample of samples) expectTruth(sample);
  });

  it('runs the named tasks only, once a round', async () => {
    const samples = await collect({ ...quick, rounds: 3, tasks: ['json-parse', 'uid'] });
    expect(samples.map((sample) => sample.round)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(new Set(samples.map((sample) => sample.task))).toEqual(new Set(['json-parse', 'uid']));
  });
});

describe('a run with Redis', () => {
  let janitor: Janitor;
  let server: ChildProcess;
  let socket = '';

  beforeAll(async () => {
    socket = join(directory, 'redis.sock');
    const settings = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', directory];
    janitor = await Janitor.start();
    server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
    janitor.watch(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('exit', () => reject(new Error('redis-server ended before it was ready.')));
      server.stdout?.on('data', (text) => {
        if (/ready to accept/i.test(String(text))) resolve();
      });
    });
  });
  afterAll(async () => {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
    await janitor.finish();
  });

  it('measures every command, and leaves no key behind', async () => {
    const tasks = MICRO_TASKS.filter((task) => task.needs === 'redis').map((task) => task.name);
    const samples = await collect({ ...quick, redisUrl: socket, tasks });
    expect(samples.map((sample) => sample.task).sort()).toEqual([...tasks].sort());
    for (const sample of samples) expectTruth(sample);
    const client = new Redis(socket);
    expect(await client.dbsize()).toBe(0);
    client.disconnect();
  });
});

describe('a run that goes wrong', () => {
  it('passes on in one line why the suite refused', async () => {
    const refused = 'the micro suite failed at run: Unknown micro task "json-pars"; did you mean "json-parse"?';
    const refusal = await collect({ ...quick, tasks: ['json-pars'] }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ChildError);
    expect(refusal).toMatchObject({ message: refused });
    const unreachable = { ...quick, redisUrl: join(directory, 'nobody.sock'), tasks: ['redis-get'] };
    await expect(collect(unreachable)).rejects.toThrow(
      /^the micro suite failed at run: The micro task "redis-get" failed: .+$/,
    );
  });

  it('reports a crash with its reason, in one line', async () => {
    const entry = join(directory, 'crash.mjs');
    await writeFile(entry, `process.once('message', () => { throw new TypeError('out of cheese'); });`);
    await expect(collect({ ...quick, entry: pathToFileURL(entry) })).rejects.toThrow(
      'the micro suite ended with exit code 1: TypeError: out of cheese',
    );
  });

  it('rejects a silent early exit, and an invalid message', async () => {
    const silent = join(directory, 'silent.mjs');
    await writeFile(silent, `process.once('message', () => process.exit(0));`);
    const ended = 'the micro suite ended with exit code 0 (asked for run)';
    await expect(collect({ ...quick, entry: pathToFileURL(silent) })).rejects.toThrow(ended);
    const babbling = join(directory, 'babbling.mjs');
    await writeFile(babbling, `process.on('message', ({ id }) => process.send({ id, note: { task: 1 } }));`);
    const babble = collect({ ...quick, entry: pathToFileURL(babbling) });
    await expect(babble).rejects.toThrow('the micro suite reported unexpected progress for run');
  });

  it('kills the process when aborted, and gives the abort’s reason', async () => {
    const controller = new AbortController();
    const reason = new Error('the user pressed Ctrl-C');
    const endless = { ...quick, rounds: 1_000_000, tasks: ['uid'], signal: controller.signal };
    const running = runMicro(endless, () => controller.abort(reason));
    await expect(running).rejects.toBe(reason);
    await expect(runMicro(endless, () => {})).rejects.toBe(reason);
  });

  it('ends, and passes on the error, if the listener throws', async () => {
    const full = new Error('the disk is full');
    const running = runMicro({ ...quick, rounds: 1_000_000, tasks: ['uid'] }, () => {
      throw full;
    });
    await expect(running).rejects.toBe(full);
  });
});

describe('the process', () => {
  const entry = fileURLToPath(new URL('./process.ts', import.meta.url));

  it('exits when its parent does, even in the middle of a synchronous task', async () => {
    const child = fork(entry, { execArgv: [], stdio: 'ignore' });
    const ended = once(child, 'exit');
    child.send({ id: 0, operation: 'run', request: { ...quick, rounds: 1_000_000, tasks: ['json-parse'] } });
    await once(child, 'message');
    child.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('says what to do if it is started by hand', async () => {
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toContain('npm run micro');
  });
});
