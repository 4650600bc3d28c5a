import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { roundedCount } from '../size.ts';
import { evidence, row } from '../testing/evidence.ts';
import { stateExpensive } from './04-state-expensive.ts';
import { sharedStorage } from './05-shared-storage.ts';
import { noStorage } from './06-no-storage.ts';
import { scaleBetter } from './07-scale-better.ts';
import { rolesInBytes } from './08-roles-in-bytes.ts';
import { identifierBytes } from './16-identifier-bytes.ts';
import { layersOnBoth } from './17-layers.ts';
import { sessionSize } from './18-session-size.ts';

type Bounds = number | readonly [low: number, high: number];

describe('claim 4: many users make session state expensive', () => {
  const bytes = (bounds: Bounds) =>
    row('store', 'session-redis', 'bytes_per_session', bounds, { kind: 'session', sessions: 1_000_000 });

  it('states how many sessions fill a node of 16 GB', () => {
    expect(stateExpensive.judge(evidence(bytes(400)))?.condition).toContain('more than 40 million');
  });

  it('is decided by the interval if a million sessions just fill it', () => {
    expect(stateExpensive.judge(evidence(bytes([15_000, 16_000])))?.verdict).toBe('holds only if');
    expect(stateExpensive.judge(evidence(bytes([15_000, 16_001])))?.verdict).toBe('inconclusive');
    expect(stateExpensive.judge(evidence(bytes([16_001, 17_000])))?.verdict).toBe('holds');
  });

  it('holds if lookups clearly cost more with the number of sessions', () => {
    const cost = (sessions: number, bounds: Bounds) =>
      row('store', 'session-redis', 'redis_cpu_us_per_command', bounds, { kind: 'session', sessions });
    const verdict = (most: Bounds) =>
      stateExpensive.judge(evidence(bytes(400), cost(1_000, [2, 4]), cost(1_000_000, most)))?.verdict;
    expect(verdict([6, 7])).toBe('holds only if');
    expect(verdict([6.1, 7])).toBe('holds');
  });

  it('is not judged by other costs', () => {
    const token = row('store', 'jwt-denylist', 'bytes_per_session', 120, { kind: 'denylist', sessions: 1_000 });
    expect(stateExpensive.judge(evidence(token))).toBeNull();
  });
});

describe('claim 5: several servers need shared storage', () => {
  const refused = (bounds: Bounds, factors = {}) =>
    row('scale', 'session-memory', 'refused_pct', bounds, { replicas: 4, ...factors });

  it('holds only without sticky routing, if that was shown to help', () => {
    const judgement = sharedStorage.judge(evidence(refused([70, 80]), refused(0, { spreading: 'sticky' })));
    expect(judgement?.condition).toBe('there is no sticky routing');
  });

  it('is decided by the interval of refused requests', () => {
    expect(sharedStorage.judge(evidence(refused([0.2, 80])))?.verdict).toBe('holds');
    expect(sharedStorage.judge(evidence(refused([0.1, 80])))?.verdict).toBe('inconclusive');
    expect(sharedStorage.judge(evidence(refused([0, 0.1])))?.verdict).toBe('does not hold');
  });

  it('is not judged on one replica', () => {
    expect(sharedStorage.judge(evidence(refused(0, { replicas: 1 })))).toBeNull();
  });
});

describe('claim 6: tokens need no storage', () => {
  const commands = (arm: string, bounds: Bounds) => row('toll', arm, 'redis_commands_per_request', bounds);

  it('holds, except for revocable tokens', () => {
    expect(noStorage.judge(evidence(commands('jwt-hs256', 0)))?.verdict).toBe('holds');
    const both = evidence(commands('jwt-hs256', 0), commands('jwt-denylist', 1));
    expect(noStorage.judge(both)?.verdict).toBe('holds only if');
  });

  it('distinguishes lookups at every request from occasional ones, and promises no revocation', () => {
    const contrary = (...rows: Figure[]) => noStorage.judge(evidence(commands('jwt-hs256', 0), ...rows))?.contrary;
    expect(contrary(commands('jwt-denylist', 1))).toBe('jwt-denylist asks Redis at every request, as a session does.');
    expect(contrary(commands('jwt-denylist', 1), commands('jwt-refresh', [0.0022, 0.0024]))).toBe(
      'jwt-denylist asks Redis at every request, as a session does; jwt-refresh asks Redis less than once per request.',
    );
    expect(contrary(commands('jwt-denylist', 1), commands('jwt-refresh', 2))).toBe(
      'jwt-denylist and jwt-refresh ask Redis at every request, as a session does.',
    );
  });

  it('does not hold if a plain token used a store', () => {
    expect(noStorage.judge(evidence(commands('jwt-hs256', [0.1, 0.2])))?.verdict).toBe('does not hold');
  });
});

describe('claim 7: tokens scale better', () => {
  const efficiency = (arm: string, bounds: Bounds, replicas = 4) =>
    row('scale', arm, 'scaling_efficiency', bounds, { replicas });
  const overSession = (bounds: Bounds) =>
    row('toll', 'jwt-rs256', 'total_cpu_ratio_to_arm', bounds, { against: 'session-redis-lean' });

  const rates = (bounds: Bounds, replicas: number) =>
    row('scale', 'jwt-hs256', 'throughput_ratio_to_arm', bounds, { replicas, against: 'session-redis' });
  const both = (replicas: number, token: Bounds, session: Bounds) => [
    efficiency('jwt-hs256', token, replicas),
    efficiency('session-redis', session, replicas),
  ];

  it('is decided by the ratio of both in the same blocks, from the smallest fleet to the largest', () => {
    const scaled = [...both(1, 1, 1), ...both(4, [0.9, 1], [0.9, 1])];
    const verdict = (bounds: Bounds) =>
      scaleBetter.judge(evidence(...scaled, rates([1.19, 1.21], 1), rates(bounds, 4)))?.verdict;
    expect(verdict([1.3, 1.4])).toBe('holds');
    expect(verdict([1.15, 1.28])).toBe('inconclusive');
    expect(verdict([1, 1.1])).toBe('does not hold');
  });

  it('adds the errors of both fleets', () => {
    const scaled = [...both(1, 1, 1), ...both(4, [0.9, 1], [0.9, 1])];
    const verdict = (few: Bounds) =>
      scaleBetter.judge(evidence(...scaled, rates(few, 1), rates([1.3, 1.4], 4)))?.verdict;
    expect(verdict([1.19, 1.21])).toBe('holds');
    expect(verdict([0.9, 1.6])).toBe('inconclusive');
  });

  it('gives no order without a paired comparison, however far apart the arms are', () => {
    const scaled = [...both(1, 1, 1), ...both(4, [0.95, 1], [0.5, 0.6])];
    expect(scaleBetter.judge(evidence(...scaled))?.verdict).toBe('inconclusive');
    expect(scaleBetter.judge(evidence(...scaled, rates([1.3, 1.4], 4)))?.verdict).toBe('inconclusive');
  });

  it('names the load of one Redis if no difference was found before it', () => {
    const figures = [efficiency('jwt-hs256', [0.9, 1]), efficiency('session-redis', [0.9, 1])];
    const cpu = (bounds: Bounds) => row('toll', 'session-redis', 'redis_cpu_us_per_request', bounds);
    // 0.7 s of CPU time a second over 5 to 10 µs; the figure lies between them.
    expect(scaleBetter.judge(evidence(...figures, cpu([5, 10])))?.condition).toMatch(
      /^one Redis has to serve more than about [\d,]+ \[70,000–140,000\] requests per second, which keep its core 70 % busy$/,
    );
    const idle = row('toll', 'session-redis', 'redis_commands_per_request', 0);
    expect(scaleBetter.judge(evidence(...figures, cpu([5, 10]), idle))?.verdict).toBe('inconclusive');
    expect(scaleBetter.judge(evidence(...figures))?.verdict).toBe('inconclusive');
  });

  it('compares at the largest common number of replicas', () => {
    const judgement = scaleBetter.judge(
      evidence(
        efficiency('jwt-hs256', 1, 2),
        efficiency('jwt-hs256', [0.95, 1], 8),
        efficiency('session-redis', 1, 2),
        efficiency('session-redis', [0.5, 0.6], 8),
        rates([0.99, 1.01], 2),
        rates([1.5, 1.6], 8),
      ),
    );
    expect(judgement).toMatchObject({ verdict: 'holds' });
    expect(judgement?.because).toContain('On 8 replicas');
  });

  it('says that a token costs more than a session if that is certain', () => {
    const scaled = [efficiency('jwt-hs256', [0.9, 1]), efficiency('session-redis', [0.9, 1])];
    const contrary = (ratio: Bounds) => scaleBetter.judge(evidence(...scaled, overSession(ratio)))?.contrary;
    expect(contrary([1.01, 1.4])).toContain('A token can cost more than a session: jwt-rs256 takes 1.2×');
    expect(contrary([0.99, 1.4])).toBeNull();
  });
});

describe('claim 8: claims at a price in bytes', () => {
  const slope = (arm: string, bounds: Bounds) => row('payload', arm, 'request_bytes_per_role', bounds);

  it('holds if a role makes the token’s request longer but not the session’s', () => {
    expect(rolesInBytes.judge(evidence(slope('jwt-hs256', [12, 13]), slope('session-redis', 0)))?.verdict).toBe(
      'holds',
    );
  });

  it('does not hold if it makes neither longer, and is inconclusive in between', () => {
    expect(rolesInBytes.judge(evidence(slope('jwt-hs256', 0), slope('session-redis', 0)))?.verdict).toBe(
      'does not hold',
    );
    const between = evidence(slope('jwt-hs256', [0.1, 13]), slope('session-redis', [0, 0.1]));
    expect(rolesInBytes.judge(between)?.verdict).toBe('inconclusive');
  });

  it('falls back on the bytes of a request, and says what was not measured', () => {
    const bytes = (arm: string, count: number) => row('toll', arm, 'request_bytes', count);
    const judgement = rolesInBytes.judge(evidence(bytes('jwt-hs256', 402), bytes('session-redis', 161)));
    expect(judgement?.verdict).toBe('holds');
    expect(judgement?.because).toContain('not measured in this run');
  });
});

describe('claim 16: both send an identifier', () => {
  const bytes = (arm: string, count: number) => row('toll', arm, 'request_bytes', count);

  it('holds if every arm’s request is longer than the unguarded one, and says by how much', () => {
    const judgement = identifierBytes.judge(
      evidence(bytes('none', 62), bytes('session-redis', 161), bytes('jwt-hs256', 402)),
    );
    expect(judgement?.verdict).toBe('holds');
    expect(judgement?.because).toMatch(/between 99.B \(session-redis\) and 340.B \(jwt-hs256\)/);
  });

  it('does not hold if one is not', () => {
    const verdict = identifierBytes.judge(evidence(bytes('none', 62), bytes('session-redis', 62)))?.verdict;
    expect(verdict).toBe('does not hold');
  });
});

describe('claim 17: layers go on top of both', () => {
  const toll = (arm: string, bounds: Bounds) => row('layers', arm, 'layer_toll_us', bounds, { layers: 'tls' });
  const session = toll('session-redis', [10, 12]);

  it('holds, and gives the cost of each layer on both, without an order that no pair shows', () => {
    const judged = layersOnBoth.judge(evidence(session, toll('jwt-hs256', [12.1, 14])));
    expect(judged?.verdict).toBe('holds');
    expect(judged?.because).toMatch(/TLS 11.µs \[10–12\] with session-redis and 13.1.µs \[12.1–14.0\] with jwt-hs256/);
    expect(judged?.because).not.toMatch(/expensive|overlap/);
  });

  it('says whether the choice of scheme still matters with every layer', () => {
    const ratio = (bounds: Bounds) =>
      row('layers', 'session-redis', 'scheme_ratio', bounds, { layers: 'all', than: 'jwt-hs256' });
    const turns = (bounds: Bounds) =>
      layersOnBoth.judge(evidence(session, toll('jwt-hs256', 11), ratio(bounds)))?.turns;
    expect(turns([1.01, 1.3])).toContain('still matters');
    expect(turns([1, 1.3])).toContain('inconclusive');
  });

  it('does not accept a single block as evidence: it has no width, and would separate equal arms', () => {
    const one = (arm: string, value: number) => ({ ...toll(arm, value), blocks: 1, forks: 1 });
    expect(layersOnBoth.judge(evidence(one('session-redis', 10), one('jwt-hs256', 11)))).toBeNull();
  });

  it('does not hold if requests failed under a layer', () => {
    const broken = { ...toll('jwt-hs256', 11), flags: ['unexpected-responses' as const] };
    expect(layersOnBoth.judge(evidence(session, broken))?.verdict).toBe('does not hold');
    const cost = row('layers', 'jwt-hs256', 'cpu_us_per_request', 40, { layers: 'tls' });
    const bad = { ...cost, flags: ['unexpected-responses' as const] };
    expect(layersOnBoth.judge(evidence(session, broken, bad))?.verdict).toBe('does not hold');
    // Here it was the bare server that answered otherwise.
    expect(layersOnBoth.judge(evidence(session, broken, cost))?.verdict).toBe('inconclusive');
  });

  it('is not judged if a layer was measured on only one of them', () => {
    expect(layersOnBoth.judge(evidence(session))).toBeNull();
  });
});

describe('claim 18: sessions suit small and medium user bases', () => {
  const cpu = (bounds: Bounds) => row('toll', 'session-redis', 'redis_cpu_us_per_request', bounds);

  it('gives the size limit, by load or by memory, whichever is lower', () => {
    // 0.7 s of CPU over 7 µs are 100,000 requests a second, of a million users each 10 s.
    expect(sessionSize.judge(evidence(cpu([6, 7])))?.condition).toContain('about 1 million users per Redis are active');
    const bytes = row('store', 'session-redis', 'bytes_per_session', 160_000, { sessions: 1_000 });
    expect(sessionSize.judge(evidence(cpu([6, 7]), bytes))?.condition).toContain(
      'about 100,000 users per Redis are active',
    );
  });

  it('does not hold if one Redis cannot serve even ten thousand users', () => {
    expect(sessionSize.judge(evidence(cpu(700)))?.verdict).toBe('holds only if');
    expect(sessionSize.judge(evidence(cpu(701)))?.verdict).toBe('does not hold');
  });

  it('is not judged without the load on Redis', () => {
    expect(sessionSize.judge(evidence(cpu([0, 1])))).toBeNull();
  });
});

it('rounds limits down to two digits', () => {
  expect([47_999, 1_250_000, 40_000_000, 7, 0].map(roundedCount)).toEqual([
    '47,000',
    '1.2 million',
    '40 million',
    '7',
    '0',
  ]);
});
