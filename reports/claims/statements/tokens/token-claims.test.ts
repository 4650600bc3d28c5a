import { expect, it } from 'vitest';
import type { Figure } from '../../../../core/results/schema.ts';
import { armSummary } from '../../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../../evidence.ts';
import { attack, row } from '../../testing/evidence.ts';
import { webStorageXss } from '../12-web-storage-xss.ts';
import { dpopExpensive } from './22-dpop-expensive.ts';

const SESSION = 'session-redis';
const PLAIN = 'jwt-hs256';
const BOUND = 'jwt-dpop';

const arms = [
  armSummary(SESSION, { role: 'guarded', family: 'session', serverState: 'redis', tags: ['reference'] }),
  armSummary(PLAIN, { role: 'guarded', family: 'token', serverState: 'none', tags: ['reference'] }),
  armSummary(BOUND, { role: 'guarded', family: 'token', serverState: 'redis', stores: ['used-proof'] }),
];
type Bounds = readonly [low: number, high: number];
const over = (against: string, bounds: Bounds) =>
  row('toll', BOUND, 'total_cpu_ratio_to_arm', bounds, { in_flight: 10, against });
const cpu = (arm: string, us: number) => row('toll', arm, 'total_cpu_us_per_request', [us, us], { in_flight: 10 });
const judged = (...figures: readonly Figure[]) => dpopExpensive.judge(new Evidence(figures, arms));

it('is decided by the interval of the cost against a session, Redis included', () => {
  expect(judged(over(SESSION, [1.5, 1.99]))?.verdict).toBe('does not hold');
  expect(judged(over(SESSION, [1.9, 2]))?.verdict).toBe('inconclusive');
  expect(judged(over(SESSION, [2, 2.2]))?.verdict).toBe('inconclusive');
  expect(judged(over(SESSION, [2.01, 2.2]))?.verdict).toBe('holds');
});

it('states the amount of work of which the difference is a tenth', () => {
  const turns = judged(over(SESSION, [3, 3.2]), cpu(BOUND, 260), cpu(SESSION, 60))?.turns;
  // 200 µs are a tenth of 2 ms.
  expect(turns).toMatch(/ 2,000\sµs /);
  expect(judged(over(SESSION, [0.5, 0.6]), cpu(BOUND, 50), cpu(SESSION, 60))?.turns).not.toContain('tenth');
});

it('compares with the plain token, by time and bytes, if both were measured', () => {
  const bytes = (arm: string, value: number) => row('toll', arm, 'request_bytes', [value, value], { in_flight: 10 });
  const judgement = judged(over(SESSION, [3, 3.2]), over(PLAIN, [4, 4.2]), bytes(BOUND, 1_100), bytes(PLAIN, 500));
  expect(judgement?.because).toContain(PLAIN);
  expect(judgement?.because).toMatch(/ 600\sB /);
  expect(judgement?.figures).toHaveLength(2);
});

it('gives a result derived from two figures an interval, unless both were counted', () => {
  const bytes = (arm: string, bounds: Bounds) => row('toll', arm, 'request_bytes', bounds, { in_flight: 10 });
  const [bound, plain] = [bytes(BOUND, [1_097, 1_103]), bytes(PLAIN, [496, 504])];
  // 3 and 4 in quadrature.
  expect(judged(over(SESSION, [3, 3.2]), bound, plain)?.because).toMatch(/ 600\sB \[595–605\] longer/);
  const us = (arm: string, bounds: Bounds) => row('toll', arm, 'total_cpu_us_per_request', bounds, { in_flight: 10 });
  const turns = judged(over(SESSION, [3, 3.2]), us(BOUND, [230, 290]), us(SESSION, [20, 100]))?.turns;
  expect(turns).toMatch(/ 2,000\sµs \[1,500–2,500\] /);
  const unclear = judged(over(SESSION, [3, 3.2]), us(BOUND, [50, 90]), us(SESSION, [20, 100]))?.turns;
  expect(unclear).not.toContain('tenth');
});

it('is not judged without the time of Redis, or without a session to compare with', () => {
  expect(judged(row('toll', BOUND, 'cpu_ratio_to_arm', [3, 3.2], { in_flight: 10, against: SESSION }))).toBeNull();
  expect(judged(over(PLAIN, [3, 3.2]))).toBeNull();
});

it('leaves the claim about web storage to bearer tokens, and says what a key changes', () => {
  const place = { storage: 'local-storage', same_site: 'no-cookie', csrf: 'no-cookie', origin: 'same-origin' };
  const stolen = attack(PLAIN, 'script-reads-storage', true, place);
  const useless = attack(BOUND, 'script-reads-storage', false, place);
  const judgement = (...figures: readonly Figure[]) => webStorageXss.judge(new Evidence(figures, arms));
  expect(judgement(stolen, useless)?.verdict).toBe('holds');
  expect(judgement(stolen, useless)?.turns).toContain(BOUND);
  expect(judgement(stolen)?.turns).not.toContain('key');
  // A bound token that works elsewhere is no reason to recommend one.
  expect(judgement(stolen, attack(BOUND, 'script-reads-storage', true, place))?.turns).not.toContain('key');
  expect(judgement(useless)).toBeNull();
});
