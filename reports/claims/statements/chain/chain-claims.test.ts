import { expect, it } from 'vitest';
import { evidence, row } from '../../testing/evidence.ts';
import { lookupAtEveryHop } from './21-lookup-at-every-hop.ts';

type Bounds = number | readonly [low: number, high: number];

const slope = (arm: string, bounds: Bounds, checks = 'every-hop') =>
  row('chain', arm, 'chain_toll_per_hop_us', bounds, { checks });
const judge = (...rows: readonly ReturnType<typeof slope>[]) => lookupAtEveryHop.judge(evidence(...rows));

it('compares the cost of each further hop, and needs both', () => {
  const token = slope('jwt-hs256', [18, 20]);
  expect(judge(slope('session-redis', [20.1, 40]), token)?.verdict).toBe('holds');
  expect(judge(slope('session-redis', [20, 40]), token)?.verdict).toBe('inconclusive');
  expect(judge(slope('session-redis', [10, 17.9]), token)?.verdict).toBe('does not hold');
  expect(judge(slope('session-redis', [10, 18]), token)?.verdict).toBe('inconclusive');
  expect(judge(token)).toBeNull();
});

it('holds only if every service checks for itself, if an edge that looks up once saves as much', () => {
  const both = [slope('session-redis', [50, 60]), slope('jwt-hs256', [18, 20])] as const;
  expect(judge(...both, slope('session-redis', [20, 22], 'edge'))).toMatchObject({
    verdict: 'holds only if',
    condition: 'every service has to check the credential of the user itself',
  });
  expect(judge(...both, slope('session-redis', [20.1, 22], 'edge'))?.verdict).toBe('holds');
});

it('is not judged by chains that are checked elsewhere', () => {
  expect(judge(slope('session-redis', 50, 'auth-service'), slope('jwt-hs256', 20, 'edge'))).toBeNull();
});
