import { expect, it } from 'vitest';
import { evidence, row } from '../../testing/evidence.ts';
import { lookupAtEveryHop } from './21-lookup-at-every-hop.ts';

type Bounds = number | readonly [low: number, high: number];

const slope = (arm: string, bounds: Bounds, checks = 'every-hop') =>
  row('chain', arm, 'chain_toll_per_hop_us', bounds, { checks });
const difference = (arm: string, against: string, bounds: Bounds, checks = 'every-hop') =>
  row('chain', arm, 'chain_difference_per_hop_us', bounds, { checks, against });
const judge = (...rows: readonly ReturnType<typeof slope>[]) => lookupAtEveryHop.judge(evidence(...rows));

const [SESSION, TOKEN] = ['session-redis', 'jwt-hs256'] as const;
/** Costs that vary with the machine, so that their own intervals overlap. */
const both = [slope(SESSION, [24, 36]), slope(TOKEN, [18, 26])] as const;

it('compares each further hop in the same rounds, and needs both arms', () => {
  expect(judge(...both, difference(SESSION, TOKEN, [6, 10]))?.verdict).toBe('holds');
  expect(judge(...both, difference(SESSION, TOKEN, [-1, 10]))?.verdict).toBe('inconclusive');
  expect(judge(...both, difference(SESSION, TOKEN, [-10, -6]))?.verdict).toBe('does not hold');
  expect(judge(slope(TOKEN, [18, 20]))).toBeNull();
  expect(judge(...both)).toBeNull();
});

it('reads a difference that was recorded from the token', () => {
  expect(judge(...both, difference(TOKEN, SESSION, [-10, -6]))?.verdict).toBe('holds');
  expect(judge(...both, difference(TOKEN, SESSION, [6, 10]))?.verdict).toBe('does not hold');
});

it('holds only if every service checks for itself, if an edge that looks up once costs less per hop', () => {
  const known = [...both, difference(SESSION, TOKEN, [6, 10]), slope(SESSION, [8, 20], 'edge')] as const;
  expect(judge(...known, difference(SESSION, TOKEN, [-14, -9], 'edge'))).toMatchObject({
    verdict: 'holds only if',
    condition: 'every service has to check the credential of the user itself',
  });
  // That no difference was found does not show that the edge costs less.
  expect(judge(...known, difference(SESSION, TOKEN, [-3, 2], 'edge'))?.verdict).toBe('holds');
  expect(judge(...known)?.verdict).toBe('holds');
});

it('is not judged by chains that are checked elsewhere', () => {
  expect(judge(slope(SESSION, 50, 'auth-service'), slope(TOKEN, 20, 'edge'))).toBeNull();
});
