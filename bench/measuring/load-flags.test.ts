import { expect, it } from 'vitest';
import type { Tally } from '../load/replies.ts';
import { saturationFlags } from './load-flags.ts';

const calm: Tally = {
  key: 'none',
  requests: 1000,
  unexpected: 0,
  failed: 0,
  statuses: { 200: 1000 },
  requestBytes: 0,
  responseBytes: 0,
  durationMs: 1000,
  replicaCpuNs: [0.5e9],
  redisCpuNs: null,
  generatorCpuNs: 0.5e9,
  generatorBusy: 0.5,
};

it('sets no flag for a generator with spare capacity', () => {
  expect(saturationFlags(calm, 2)).toEqual([]);
});

it('flags a generator with a saturated CPU or event loop', () => {
  expect(saturationFlags({ ...calm, generatorCpuNs: 0.96e9 }, 2)).toEqual(['generator-saturated']);
  expect(saturationFlags({ ...calm, generatorBusy: 0.96 }, 2)).toEqual(['generator-saturated']);
});

it('flags a balancer with a saturated process, and no other', () => {
  expect(saturationFlags({ ...calm, balancerCpuNs: [0.1e9, 0.96e9] }, 4)).toEqual(['balancer-saturated']);
  expect(saturationFlags({ ...calm, balancerCpuNs: [0.9e9, 0.9e9] }, 4)).toEqual([]);
  expect(saturationFlags({ ...calm, balancerCpuNs: [0.9e9, 0.9e9] }, 2)).toEqual(['oversubscribed']);
});

it('flags a machine with all cores busy, including Redis', () => {
  expect(saturationFlags({ ...calm, replicaCpuNs: [0.9e9], redisCpuNs: 0.6e9 }, 2)).toEqual(['oversubscribed']);
  expect(saturationFlags({ ...calm, replicaCpuNs: [0.9e9], redisCpuNs: 0.6e9 }, 4)).toEqual([]);
});
