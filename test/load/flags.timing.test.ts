/** Real provocations of the flags of a load: servers, generators and a machine in the state that each flag names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { requestBytes } from '../../bench/load/connection/request.ts';
import type { OpenOptions } from '../../bench/load/open/schema.ts';
import { runOpen } from '../../bench/load/open/testing/run-open.ts';
import { saturationFlags } from '../../bench/measuring/load-flags.ts';
import { openFlags } from '../../bench/measuring/open-slice.ts';
import { sliceOf } from '../../bench/measuring/slices.ts';
import type { Flag } from '../../core/results/flags.ts';
import { startCounting } from '../support/known/counting.ts';
import { knownServers, position, type Server, target } from '../support/known/known-servers.ts';

const { afterwards, closed, generator, janitor, truthServer } = knownServers();

function watched(child: ChildProcess): ChildProcess {
  janitor().watch(child);
  afterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  return child;
}

/** Busy processes, more than there are cores. */
async function crowd(): Promise<number[]> {
  const each = Array.from({ length: 2 * availableParallelism() }, () =>
    watched(spawn(process.execPath, ['-e', 'console.log(1); for (;;);'], { stdio: ['ignore', 'pipe', 'ignore'] })),
  );
  await Promise.all(each.map(({ stdout }) => once(stdout ?? process.stdin, 'data')));
  return each.map(({ pid }) => pid ?? 0);
}

/** Sends a prepared answer in four thousand chunks, each of which the generator must parse. */
async function effortless(): Promise<Server> {
  const script = `
    const chunks = '1\\r\\na\\r\\n'.repeat(4000) + '0\\r\\n\\r\\n';
    const head = 'HTTP/1.1 200 OK\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n';
    const answer = Buffer.from(head + chunks);
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(answer));
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = watched(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] }));
  const [port] = await once(child.stdout ?? process.stdin, 'data');
  return { pid: child.pid ?? 0, port: Number(port) };
}

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

describe('the load', () => {
  it('flags a closed loop that has no spare time', async () => {
    const aim = target('fast', [await effortless()]);
    const requests = aim.requests.map((request) => ({ ...request, expectedBody: null }));
    const made = generator();
    // Enough that an answer is ready whenever the generator polls, even on a busy machine.
    const load = { target: { ...aim, requests }, connections: 64, rampMs: 300, windowMs: 600 };
    // If others need the servers' cores, it may occasionally wait for an answer: then it is not saturated.
    let flags: Flag[] = [];
    for (let attempt = 0; attempt < 8 && flags.length === 0; attempt++) {
      flags = saturationFlags(await made.ask('closed', load), 1000);
    }
    expect(flags).toEqual(['generator-saturated']);
  });

  it('flags an open loop that cannot send so fast, for lateness and for the missed rate', async () => {
    const flags = await open(await truthServer('burn-0us'), { ratePerSecond: 400_000, durationMs: 200 });
    expect(flags).toEqual(expect.arrayContaining(['generator-saturated', 'rate-missed']));
  });

  it('flags a rate that could not be sent because the server is slow', async () => {
    const flags = await open(await startCounting({ delayMs: 50 }), {
      ratePerSecond: 400,
      connections: 1,
      maxConnections: 1,
    });
    expect(flags).toContain('rate-missed');
  });

  it('flags processes that compete for cores, in either loop', async () => {
    const server = await startCounting();
    const others = await crowd();
    expect(await open(server, { ratePerSecond: 2000 })).toContain('oversubscribed');
    // They stand for more replicas on the same share of the machine, which depends on what else runs here.
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

  it('flags CPU time that the process had to report itself', async () => {
    // A process that does not exist cannot be read from outside.
    const gone = watched(spawn(process.execPath, ['-e', '0']));
    await once(gone, 'exit');
    const tally = await closed(target('hidden', [await startCounting()], [gone.pid ?? 0]), 2, 100);
    expect(sliceOf(tally, { mode: 'paired', position, factors: {}, ownCpuNs: 1 }).flags).toEqual(['cpu-from-inside']);
  });
});
