/** What runs in containers refuse, and the arguments of their generators. */
import { beforeAll, describe, expect, it } from 'vitest';
import { describeArms } from '../../bench/run/arms.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { checkNoFleet, readFleet } from '../options/fleet.ts';
import { benchArguments, fleetFaults } from './plan.ts';

let all: readonly ArmInfo[];
beforeAll(async () => {
  all = await describeArms();
});

const read = (values: Record<string, string>, switches: string[] = []) => {
  const faults: string[] = [];
  return { fleet: readFleet({ values, switches: new Set(switches), faults }), faults };
};

describe('flags', () => {
  it('have defaults, and name an image with its registry and tag', () => {
    const { fleet, faults } = read({ fleet: 'kubernetes' });
    expect(faults).toEqual([]);
    expect(fleet).toMatchObject({
      shards: 3,
      image: { prefix: 'tollgate', tag: 'latest' },
      namespace: 'tollgate',
      context: null,
    });
    expect(fleet.overlay).toMatch(/deploy\/kubernetes\/base$/);
    const other = read({ fleet: 'kubernetes', image: 'registry.example:5000/team/tollgate:1.2', overlay: 'one-node' });
    expect(other.fleet.image).toEqual({ prefix: 'registry.example:5000/team/tollgate', tag: '1.2' });
    expect(other.fleet.overlay).toMatch(/overlays\/one-node$/);
  });

  it.each([
    [{ fleet: 'swarm' }, [], /--fleet: "swarm" must be kubernetes or compose/],
    [{ fleet: 'kubernetes', namespace: 'My_Space' }, [], /--namespace: "My_Space" must be/],
    [{ fleet: 'kubernetes', image: 'a b' }, [], /--image: "a b" must be/],
    [{ fleet: 'kubernetes', shards: '0' }, [], /--shards: "0" must be/],
    [{ fleet: 'kubernetes', shard: '1/3' }, [], /--shard cannot be used with --fleet/],
    [{ fleet: 'compose', 'metrics-port': '0' }, [], /^--metrics-port cannot be used with --fleet: metrics are/],
    [{ fleet: 'compose', 'trace-endpoint': 'http://x' }, [], /^--trace-endpoint cannot be used with --fleet: a trace/],
    [{ fleet: 'compose' }, ['aa'], /--aa cannot be used with --fleet/],
    [{ fleet: 'compose', overlay: 'cluster' }, [], /--overlay needs --fleet kubernetes/],
  ])('refuses %o %o', (values, switches, expected) => {
    expect(read(values, switches).faults.join()).toMatch(expected);
  });

  it('are refused without --fleet', () => {
    const faults: string[] = [];
    checkNoFleet({ values: { shards: '2', image: 'x' }, switches: new Set(), faults });
    expect(faults).toEqual(['--shards needs --fleet kubernetes or compose', '--image needs --fleet kubernetes']);
  });
});

describe('arms and experiments', () => {
  const faultsOf = (platform: 'kubernetes' | 'compose', config: Partial<RunConfig>, names: string[]) => {
    const { fleet } = read({ fleet: platform });
    const arms = all.filter(({ name }) => names.includes(name));
    return fleetFaults(fleet, { experiments: ['latency'], replicas: null, ...config }, arms).join();
  };

  it('are refused if containers cannot measure them', () => {
    expect(faultsOf('kubernetes', {}, ['none', 'session-redis'])).toBe('');
    expect(faultsOf('kubernetes', { experiments: ['toll'] }, [])).toMatch(/--experiments: toll needs the CPU time/);
    expect(faultsOf('kubernetes', {}, ['opaque-introspection'])).toMatch(/needs issuer, which --fleet does not start/);
    expect(faultsOf('kubernetes', {}, ['session-memory'])).toBe('');
    expect(faultsOf('kubernetes', { replicas: [1, 2] }, ['session-memory'])).toMatch(/keeps sessions in one replica/);
    expect(faultsOf('compose', { replicas: [2] }, [])).toMatch(/--replicas: the balancer/);
    expect(faultsOf('compose', {}, ['session-redis', 'jwt-hs256', 'hybrid'])).toMatch(/two arms, not for/);
  });

  it('are passed to every generator unchanged', () => {
    const config = {
      experiments: ['latency', 'capacity'],
      profile: 'quick',
      seed: 7,
      replicas: [1, 2],
      budgetSeconds: 90,
      slo: 'p99<50ms',
    };
    const arms = all.filter(({ name }) => ['none', 'jwt-hs256'].includes(name));
    expect(benchArguments(config as unknown as RunConfig, arms, { unsafe: true })).toEqual([
      ...['--experiments', 'latency,capacity', '--arms', 'none,jwt-hs256', '--profile', 'quick', '--seed', '7'],
      ...['--replicas', '1,2', '--budget', '90s', '--slo', 'p99<50ms', '--unsafe'],
    ]);
  });
});
