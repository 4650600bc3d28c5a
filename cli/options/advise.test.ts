import { expect, it } from 'vitest';
import { DEFAULT_NEEDS } from '../../core/advise/needs.ts';
import { readNeeds } from './advise.ts';

function read(values: Record<string, string>) {
  const faults: string[] = [];
  return { needs: readNeeds(values, faults), faults };
}

it('reads every need', () => {
  const { needs, faults } = read({
    users: '2e6',
    rps: '40000',
    clients: 'browser,api',
    'cross-origin': 'no',
    'revoke-within': '15m',
    'critical-within': '0',
    'critical-share': '12.5%',
    outage: 'answer',
    store: 'process',
    rtt: '300ms',
    p99: '0.5s',
    'verified-elsewhere': 'yes',
    'keep-from-scripts': 'no',
    'hand-tuned': 'yes',
    sticky: 'yes',
    utilisation: '50',
    prices: '30, 200,0.05',
    budget: '2000',
  });
  expect(faults).toEqual([]);
  expect(needs).toEqual({
    users: 2_000_000,
    requestsPerSecond: 40_000,
    clients: ['browser', 'api'],
    crossOrigin: false,
    revokeWithinMs: 900_000,
    criticalWithinMs: 0,
    criticalShare: 0.125,
    outage: 'answer',
    store: 'process',
    rttMs: 300,
    p99Ms: 500,
    verifiedElsewhere: true,
    keepFromScripts: false,
    handTuned: true,
    sticky: true,
    utilisation: 0.5,
    prices: { replica: 30, redisNode: 200, gigabyte: 0.05 },
    budget: 2000,
  });
});

it('uses defaults for omitted needs; critical operations have the deadline of all', () => {
  expect(read({}).needs).toEqual(DEFAULT_NEEDS);
  expect(read({ 'revoke-within': '5s' }).needs).toMatchObject({ revokeWithinMs: 5000, criticalWithinMs: 5000 });
  expect(read({ 'revoke-within': 'never' }).needs).toMatchObject({ revokeWithinMs: null, criticalWithinMs: null });
});

it('keeps a browser’s credential from scripts, except for pages that must hold it themselves', () => {
  expect(read({ clients: 'api' }).needs.keepFromScripts).toBe(false);
  expect(read({ clients: 'mobile,browser' }).needs.keepFromScripts).toBe(true);
  expect(read({ 'cross-origin': 'yes' }).needs.keepFromScripts).toBe(false);
  expect(read({ 'cross-origin': 'yes', 'keep-from-scripts': 'yes' }).needs.keepFromScripts).toBe(true);
});

it('reports every fault at once, each with its flag and the permitted values', () => {
  const { faults } = read({
    users: '-1',
    rps: '4,000',
    clients: 'browser,fridge',
    'revoke-within': '5',
    'critical-share': '120',
    outage: 'maybe',
    store: 'disk',
    rtt: '1h',
    utilisation: '0',
    prices: '30,200',
    budget: 'a lot',
  });
  for (const flag of [
    'users',
    'rps',
    'clients',
    'revoke-within',
    'critical-share',
    'outage',
    'store',
    'rtt',
    'utilisation',
    'prices',
    'budget',
  ])
    expect(
      faults.filter((fault) => fault.startsWith(`--${flag}: `)),
      flag,
    ).toHaveLength(1);
  expect(faults).toHaveLength(11);
});

it('refuses contradictory needs, and a budget without prices', () => {
  expect(read({ 'revoke-within': '1s', 'critical-within': '2s' }).faults).toEqual([
    'the requirements contradict each other: the limit for critical operations cannot be longer than for all requests',
  ]);
  expect(read({ 'revoke-within': '1s', 'critical-within': 'never' }).faults).toHaveLength(1);
  expect(read({ budget: '100' }).faults).toEqual([expect.stringMatching(/^--budget needs --prices/)]);
});
