import { expect, test } from 'vitest';
import { GATE_SCHEMA_VERSION, type GateResult } from '../../core/results/gate-schema.ts';
import { escapeHtml } from '../html.ts';
import { HOSTILE, sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { gateSection } from './gate.ts';

const outcome = (
  check: number,
  verdict: GateResult['arms'][number]['outcomes'][number]['verdict'],
  detail: string,
) => ({
  check,
  verdict,
  detail,
  durationMs: 1,
});

const RESULT: GateResult = {
  schemaVersion: GATE_SCHEMA_VERSION,
  startedAt: '2026-01-31T12:00:00.000Z',
  durationMs: 1000,
  quick: true,
  checks: [
    { id: 5, name: 'a tampered payload is refused', family: 'token', refs: ['ASVS 9.1.1'] },
    { id: 23, name: 'logout ends the credential', family: 'session', refs: [HOSTILE] },
    { id: 39, name: HOSTILE, family: 'browser', refs: [] },
  ],
  arms: [
    {
      arm: 'session-redis',
      title: 'Session',
      outcomes: [outcome(5, 'not-applicable', 'no token'), outcome(23, 'pass', 'gone'), outcome(39, 'fail', HOSTILE)],
    },
    {
      arm: 'jwt-hs256',
      title: 'JWT',
      outcomes: [outcome(5, 'pass', 'refused'), outcome(23, 'limit', 'lives on'), outcome(39, 'pass', 'no-store')],
    },
  ],
};

const render = (gate: GateResult | null) => gateSection.render(buildView(sampleRun(), gate), [])?.markup ?? null;

test('failed checks come first, each with its reason, and limits are distinct from passes', () => {
  const markup = render(RESULT) ?? '';
  const order = [...markup.matchAll(/<th scope="row" class="text">(\d+) /g)].map((match) => match[1]);
  expect(order).toEqual(['39', '5', '23']);
  expect(markup).toContain('1 check failed');
  expect(markup).toMatch(/<li><code>session-redis<\/code>, check 39/);
  expect(markup).toMatch(/<li><code>jwt-hs256<\/code>, check 23 \(logout ends the credential\): lives on<\/li>/);
  expect(markup.match(/<td>✓/g)).toHaveLength(3);
  expect(markup.match(/<td class="absent">n\/a</g)).toHaveLength(1);
});

test('no cell is empty: a check that the quick subset skips says so', () => {
  const [session, token] = RESULT.arms;
  if (session === undefined || token === undefined) throw new Error('two arms are needed');
  const arms = [session, { ...token, outcomes: token.outcomes.slice(0, 1) }];
  const quick = render({ ...RESULT, arms }) ?? '';
  expect(quick).not.toMatch(/<td[^>]*>\s*<\/td>/);
  expect(quick.match(/>not in quick</g)).toHaveLength(2);
  expect(render({ ...RESULT, quick: false, arms })?.match(/>not run</g)).toHaveLength(2);
});

test('text of a check is never markup', () => {
  const markup = render(RESULT) ?? '';
  expect(markup).not.toContain('<script');
  expect(markup.split(escapeHtml(HOSTILE)).length).toBeGreaterThan(4);
});

test('a result without failures says so, and a run without a gate has no such section', () => {
  const clean = { ...RESULT, arms: RESULT.arms.slice(1) };
  expect(render(clean)).toContain('Every arm passed');
  expect(render(null)).toBeNull();
});
