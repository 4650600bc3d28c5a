import { expect, it } from 'vitest';
import { OUTCOMES, type Outcome } from '../../load/timeline/protocol.ts';
import { answersDuring, measuresOf, phaseOf, type Request, requestsOf, timelineOf } from './timeline.ts';

const FAULT = { fromMs: 1_000, toMs: 3_000 };

/** A request every 100 ms for five seconds, answered at once with the result of `outcomeAt`. */
function requests(outcomeAt: (dueMs: number) => Outcome | null, waitMs = 1): Request[] {
  return Array.from({ length: 50 }, (_, i) => ({ dueMs: i * 100, waitMs, outcome: outcomeAt(i * 100) }));
}

const during = (dueMs: number) => dueMs >= 1_000 && dueMs < 3_000;

it('reads records, and recognises a request without an outcome', () => {
  const outcome = [0, OUTCOMES.indexOf('timedOut'), -1];
  const record = { key: 'a', dueMs: [0, 10, 20], waitMs: [1, 2, 0], status: [200, 0, 0], outcome };
  expect(requestsOf(record).map(({ outcome }) => outcome)).toEqual(['accepted', 'timedOut', null]);
});

it('counts each request once in the bin in which it was due', () => {
  const all = requests((dueMs) => (during(dueMs) ? 'unavailable' : 'accepted'), 7);
  const timeline = timelineOf(all, FAULT);
  expect(timeline.accepted).toHaveLength(50);
  expect(timeline.accepted.slice(8, 12)).toEqual([1, 1, 0, 0]);
  expect(timeline.unavailable.slice(8, 12)).toEqual([0, 0, 1, 1]);
  const counted = ['accepted', 'refused', 'forbidden', 'unavailable', 'other', 'error', 'timedOut'] as const;
  expect(counted.reduce((sum, name) => sum + timeline[name].reduce((one, bin) => one + bin, 0), 0)).toBe(50);
  expect(timeline.p50Ms.every((ms) => ms === 7)).toBe(true);
});

it('distinguishes a permanent fault from one that ends', () => {
  expect([999, 1_000, 2_999, 3_000].map((at) => phaseOf(at, FAULT))).toEqual(['before', 'during', 'during', 'after']);
  expect(phaseOf(1e9, { fromMs: 1_000, toMs: null })).toBe('during');
  // Responses while Redis is being restored do not count as survival.
  const returning = { fromMs: 1_000, awayToMs: 2_900, toMs: 3_000 };
  expect([2_899, 2_900, 2_999, 3_000].map((dueMs) => phaseOf(dueMs, returning))).toEqual([
    'during',
    'returning',
    'returning',
    'after',
  ]);
});

it('finds the moments of failure and recovery', () => {
  const measures = measuresOf(
    requests((dueMs) => (dueMs >= 1_300 && dueMs < 3_400 ? 'unavailable' : 'accepted')),
    FAULT,
  );
  expect(measures).toMatchObject({
    before_all: 10,
    before_accepted: 10,
    during_all: 20,
    during_accepted: 3,
    after_all: 20,
    after_accepted: 16,
    fail_low_ms: 200,
    fail_ms: 300,
    recovery_low_ms: 300,
    recovery_ms: 401,
    lost: 21,
    end_refused: 0,
    hung: 0,
  });
});

it('treats the refusal of a lost session as a response, and counts it as lost', () => {
  const measures = measuresOf(
    requests((dueMs) => (during(dueMs) ? 'error' : dueMs >= 3_000 ? 'refused' : 'accepted')),
    FAULT,
  );
  expect(measures).toMatchObject({ recovery_low_ms: 0, recovery_ms: 1, lost: 40, end_all: 5, end_refused: 5 });
});

it('reports no failure if there was none, and no recovery that did not come', () => {
  const unharmed = measuresOf(
    requests(() => 'accepted'),
    FAULT,
  );
  expect(unharmed.fail_ms).toBeUndefined();
  // The wait of the first request after the return, as before the fault.
  expect(unharmed).toMatchObject({ recovery_low_ms: 0, recovery_ms: 1, held: 0, held_until_ms: 0 });
  const gone = measuresOf(
    requests((dueMs) => (dueMs >= 1_000 ? 'timedOut' : 'accepted')),
    FAULT,
  );
  expect(gone.recovery_ms).toBeUndefined();
  expect(gone.recovery_low_ms).toBe(1_900);
  expect(gone.timed_out).toBe(40);
  expect(
    measuresOf(
      requests(() => 'accepted'),
      { fromMs: 1_000, toMs: null },
    ).recovery_ms,
  ).toBeUndefined();
});

it('counts hung requests', () => {
  expect(
    measuresOf(
      requests((dueMs) => (dueMs === 2_000 ? null : 'accepted')),
      FAULT,
    ).hung,
  ).toBe(1);
});

it('judges survival by responses during the fault after caches had expired', () => {
  const cached = measuresOf(
    requests((dueMs) => (dueMs >= 2_000 && dueMs < 3_000 ? 'unavailable' : 'accepted')),
    FAULT,
  );
  expect(cached).toMatchObject({ settled_all: 8, settled_accepted: 0 });
  // Answered only after Redis had returned.
  const late = measuresOf(
    requests(() => 'accepted', 1_500),
    FAULT,
  );
  expect(late.settled_all).toBe(0);
});

it('counts nothing for or against an arm while the store is being restored', () => {
  const returning = { fromMs: 1_000, awayToMs: 2_500, toMs: 3_000 };
  expect([2_499, 2_500, 2_999, 3_000].map((at) => phaseOf(at, returning))).toEqual([
    'during',
    'returning',
    'returning',
    'after',
  ]);
  const measures = measuresOf(
    requests((dueMs) => (dueMs >= 1_000 && dueMs < 2_800 ? 'unavailable' : 'accepted')),
    returning,
  );
  expect(measures).toMatchObject({ during_all: 15, during_accepted: 0, settled_accepted: 0, lost: 18, recovery_ms: 1 });
});

/** Each request waits until its server has reconnected to Redis. */
const heldUntil = (moment: number, deadlineMs = 10_000): Request[] =>
  requests(() => 'accepted').map((request) => {
    const waitMs = request.dueMs < FAULT.fromMs ? 1 : Math.max(1, moment - request.dueMs);
    return waitMs < deadlineMs ? { ...request, waitMs } : { ...request, waitMs: deadlineMs, outcome: 'timedOut' };
  });

it('does not count a delayed request as served when it was due', () => {
  // A client with a queue answers everything, 1.45 s after the return; nothing fails.
  expect(measuresOf(heldUntil(4_450), FAULT)).toMatchObject({
    during_accepted: 20,
    after_accepted: 20,
    recovery_low_ms: 1_450,
    recovery_ms: 1_450,
    held: 20,
    held_lost: 0,
    held_until_ms: 1_450,
    lost: 0,
  });
});

it('counts requests that clients gave up during the wait', () => {
  // Those due by 2.8 s are given up after a second; those due later are answered at 3.8 s.
  expect(measuresOf(heldUntil(3_800, 1_000), FAULT)).toMatchObject({
    recovery_low_ms: 800,
    recovery_ms: 800,
    held: 9,
    held_lost: 8,
    held_until_ms: 800,
  });
});

it('dates the recovery of a server that fails at once between its last failure and the first success', () => {
  const failing = requests((dueMs) => (dueMs >= 1_000 && dueMs < 3_250 ? 'unavailable' : 'accepted'), 5);
  expect(measuresOf(failing, FAULT)).toMatchObject({ recovery_low_ms: 200, recovery_ms: 305, held: 0 });
});

it('lists the responses during a fault, the most frequent first', () => {
  const record = { dueMs: [0, 10, 20, 30, 40], status: [200, 500, 0, 500, 200] };
  expect(answersDuring(record, { fromMs: 5, toMs: 35 })).toBe(
    'responses during the fault: 500 (2 times), no answer (1 times)',
  );
});
