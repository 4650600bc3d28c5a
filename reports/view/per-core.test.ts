import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { perCore, replicaShare, shareText } from './per-core.ts';

const rate = figure('jwt-hs256', 'throughput_rps', 3_000, {
  experiment: 'scale',
  factors: { replicas: 4 },
  spread: 0.1,
});
const noted = { notes: ['scale: each replica is limited to 0.15 of a core'] };

test('throughput is divided by the cores that the fleet was limited to', () => {
  expect(perCore(noted, { ...rate, arm: 'jwt-hs256' })).toMatchObject({
    value: 5_000,
    low: 4_500,
    high: 5_500,
    unit: 'req/s per core',
  });
  expect(shareText(noted)).toBe('each held to 0.15 of a core');
});

test('without shares it is unchanged', () => {
  expect(perCore({ notes: ['scale: something else'] }, { ...rate, arm: 'jwt-hs256' })).toMatchObject({
    value: 3_000,
    unit: 'req/s',
  });
  expect(shareText({ notes: [] })).toBe('');
});

test('runs of older versions record it in other words', () => {
  expect(replicaShare({ notes: ['scale: each replica is held to 0.2 of a core'] })).toBe(0.2);
});
