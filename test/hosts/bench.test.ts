/** A run on three generators, four hosts of replicas and one of Redis; each is a network namespace with its own sshd. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { type BenchProcess, journalLines, startBench, until } from '../support/bench-process.ts';
import { canDelay, makeNetwork, type Network, namespacesMissing, type TestHost } from '../support/hosts/namespaces.ts';
import { roleOf, writeHosts } from '../support/hosts/plan.ts';

const NAMES = [
  ...[1, 2, 3].map((i) => `generator-${i}`),
  ...[1, 2, 3, 4].map((i) => `replica-${i}`),
  'store-1',
] as const;
const missing = namespacesMissing();
if (missing !== null) console.warn(`not run: the tests of several hosts, because ${missing}`);

const delays = missing === null && canDelay();
if (missing === null && !delays)
  console.warn('not run: the test of a delayed network, because this kernel has no netem');

let network: Network;
let file: string;
beforeAll(async () => {
  if (missing !== null) return;
  network = await makeNetwork([...NAMES, 'balancer-1']);
  file = writeHosts(network, NAMES.map(named));
});
afterAll(() => network?.remove());

const named = (name: string): TestHost => {
  const found = network.hosts.find((host) => host.name === name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
};

const SCALE = ['--experiments', 'scale', '--arms', 'session-redis', '--budget', '2s', '--seed', '1'];

function start(out: string, hosts: string, flags: readonly string[] = SCALE): BenchProcess & { directory: string } {
  const directory = join(network.folder, out);
  return { ...startBench(['bench', '--hosts', hosts, ...flags, '--out', directory]), directory };
}

/** Waits until all servers of a run have started and load is about to begin. */
const underWay = (directory: string) => until('the servers run', () => journalLines(directory, 'fork').length > 0);

/** All agents, servers and generators end; only the package stays. */
async function nothingLeft(): Promise<void> {
  await until('no process is left on any host', () => network.left().length === 0).catch(() => {});
  expect(network.left()).toEqual([]);
}

const count = (lines: readonly string[], pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;

interface ClosedSlice {
  readonly factors: { readonly replicas: number };
  readonly requests: number;
  readonly unexpected: number;
  readonly failed: number;
  readonly measures: Readonly<Record<string, number>>;
}

interface ScaleFigure {
  readonly metric: string;
  readonly factors: { readonly replicas: number };
}

describe.runIf(missing === null)('bench --hosts', () => {
  it('measures on separate hosts, and leaves only the package there', async () => {
    const { ended, directory } = start('scale', file);
    await underWay(directory);
    // All are read before anything else, because the run continues.
    const seen = NAMES.map(named).map((host) => ({ host, commands: host.processes(), addresses: host.listeners() }));
    for (const { host, commands, addresses } of seen) {
      const role = roleOf(host);
      expect(count(commands, /servers\/process\/replica/), host.name).toBe(role === 'replicas' ? 1 : 0);
      expect(count(commands, /redis-server/), host.name).toBe(role === 'stores' ? 1 : 0);
      expect(count(commands, /tollgate-agent/), host.name).toBe(1);
      // Only at the configured address: neither on loopback nor on all addresses.
      expect(addresses, host.name).toEqual(role === 'generators' ? [] : [host.address]);
    }
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    const slices = journalLines(directory, 'slice') as unknown as ClosedSlice[];
    expect(new Set(slices.map(({ factors }) => factors.replicas))).toEqual(new Set([1, 2, 4]));
    for (const { requests, unexpected, failed, measures } of slices) {
      expect(requests).toBeGreaterThan(0);
      expect([unexpected, failed]).toEqual([0, 0]);
      // A lower bound for an authenticated request on any machine: 1 µs on the server, and the same in Redis.
      for (const name of ['replica_cpu_ns', 'redis_cpu_ns', 'generator_cpu_ns'])
        expect(measures[name], name).toBeGreaterThan(1_000 * requests);
      expect(measures.redis_commands_with_ramp).toBeGreaterThanOrEqual(requests);
    }
    const [header] = journalLines(directory, 'run') as unknown as {
      environment: { hosts: { name: string; redis: string | null; clock: { offsetMs: number } }[] };
    }[];
    expect(header?.environment.hosts.map(({ name }) => name)).toEqual(NAMES);
    // Here all hosts share one clock.
    for (const { clock } of header?.environment.hosts ?? []) expect(Math.abs(clock.offsetMs)).toBeLessThan(1_000);
    await nothingLeft();
    for (const { cache } of NAMES.map(named))
      expect(readdirSync(join(cache, 'tollgate'))).toEqual([expect.stringMatching(/^agent-[0-9a-f]{64}$/)]);
  });

  it('says which host became unreachable during the run, and stops the processes on all of them', async () => {
    const { ended, directory } = start('cut', file);
    await underWay(directory);
    named('replica-3').cut();
    const { code, stderr } = await ended;
    named('replica-3').reconnect();
    expect(code).toBe(1);
    expect(stderr).toMatch(/host replica-3 was lost: it has not answered for 8 s/);
    expect(stderr.match(/was lost/g)).toHaveLength(1);
    await nothingLeft();
  });

  it('leaves nothing on any host when it is killed', async () => {
    const hosts = ['generator-1', 'replica-1', 'replica-2', 'store-1'].map(named);
    const { child, ended, directory } = start('killed', writeHosts(network, hosts));
    await underWay(directory);
    expect(network.left().length).toBeGreaterThan(hosts.length);
    child.kill('SIGKILL');
    await ended;
    await nothingLeft();
  });

  it.runIf(delays)('includes the delay of the network in its latencies', async () => {
    const hosts = ['generator-1', 'generator-2', 'replica-1'].map(named);
    const delayMs = 30;
    named('replica-1').delay(delayMs);
    const flags = ['--experiments', 'latency', '--arms', 'none', '--budget', '2s'];
    const { ended, directory } = start('delayed', writeHosts(network, hosts), flags);
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    const open = journalLines(directory, 'slice').filter(({ mode }) => mode === 'open') as unknown as {
      requests: number;
      histograms: { service: string };
    }[];
    expect(open.length).toBeGreaterThan(0);
    for (const { requests, histograms } of open) {
      expect(requests).toBeGreaterThan(0);
      // Histograms keep three significant digits.
      expect(LatencyHistogram.decode(histograms.service).percentile(1)).toBeGreaterThan(delayMs * 1_000 * 0.99);
    }
    await nothingLeft();
  });

  describe('through a balancer', () => {
    const BALANCED = ['generator-1', 'generator-2', 'balancer-1', 'replica-1', 'replica-2'] as const;
    const PROCESS = /fleet\/balancer\/process/;
    const startBalanced = (out: string, experiment: string) => {
      const hosts = writeHosts(network, BALANCED.map(named), {}, { processes: 2 });
      return start(out, hosts, ['--experiments', experiment, '--arms', 'none', '--budget', '2s', '--seed', '1']);
    };

    it('reports the CPU time of the balancer separately, and sends nothing past it', async () => {
      for (const generator of ['generator-1', 'generator-2'])
        for (const replica of ['replica-1', 'replica-2']) named(generator).drop(named(replica).address);
      const { ended, directory } = startBalanced('balanced', 'scale');
      await underWay(directory);
      const balancer = named('balancer-1');
      const [commands, addresses] = [balancer.processes(), balancer.listeners()];
      expect(count(commands, PROCESS)).toBe(2);
      expect(new Set(addresses)).toEqual(new Set([balancer.address]));
      const { code, stderr } = await ended;
      expect(code, stderr).toBe(0);
      const slices = journalLines(directory, 'slice') as unknown as ClosedSlice[];
      expect(new Set(slices.map(({ factors }) => factors.replicas))).toEqual(new Set([1, 2]));
      for (const { requests, unexpected, failed, measures } of slices) {
        expect(requests).toBeGreaterThan(0);
        expect([unexpected, failed]).toEqual([0, 0]);
        // Each takes at least 1 µs on any machine, and they have separate accounts.
        for (const name of ['replica_cpu_ns', 'balancer_cpu_ns', 'generator_cpu_ns'])
          expect(measures[name], name).toBeGreaterThan(1_000 * requests);
      }
      const [header] = journalLines(directory, 'run') as unknown as {
        config: { balancer: object };
        environment: { hosts: { name: string; roles: string[]; node: string }[]; balancer: object };
      }[];
      expect(header?.config.balancer).toEqual({ choice: 'round-robin', processes: 2 });
      expect(header?.environment.balancer).toEqual({ choice: 'round-robin', processes: 2 });
      const host = { name: 'balancer-1', roles: ['balancer'], node: process.version };
      expect(header?.environment.hosts[2]).toMatchObject(host);
      const notes = journalLines(directory, 'note').map(({ text }) => String(text));
      expect(notes).toContainEqual(
        expect.stringMatching(/^scale: a balancer stands between .* not part of any arm’s cost$/),
      );
      const { figures } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as { figures: ScaleFigure[] };
      const found = figures.filter(({ metric }) => metric === 'balancer_cpu_us_per_request');
      expect(found.map(({ factors }) => factors.replicas).toSorted()).toEqual([1, 2]);
      await nothingLeft();
    });

    it('reports in one error which balancer died during the run, and stops everything', async () => {
      const { ended, directory } = startBalanced('orphaned', 'latency');
      await underWay(directory);
      named('balancer-1').kill(PROCESS);
      const { code, stderr } = await ended;
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/the balancer of none on host balancer-1 ended with SIGKILL/);
      expect(stderr.match(/ended with/g)).toHaveLength(1);
      await nothingLeft();
    });
  });
});
