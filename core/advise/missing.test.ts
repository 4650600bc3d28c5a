import { expect, it } from 'vitest';
import { advise } from './advise.ts';
import { evidenceOf, factsOf } from './from-run.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import { answerTexts } from './sentences.ts';
import { type KnownArm, knownRun } from './testing/known-run.ts';

const API: Needs = {
  ...DEFAULT_NEEDS,
  clients: ['api'],
  keepFromScripts: false,
  revokeWithinMs: 300_000,
  criticalWithinMs: 300_000,
};
const ARMS: readonly KnownArm[] = ['none', 'jwt-denylist', 'jwt-refresh'];

const commands = (run: Parameters<typeof advise>[0], needs = API) =>
  advise(run, needs).missing.map(({ command }) => command);

it('asks for a comparison if nothing was compared, and names the arms that fit', () => {
  const run = evidenceOf(knownRun({ arms: ARMS, experiments: ['store'] }));
  expect(commands(run)).toContain(
    'npm run bench -- --arms none,jwt-denylist,jwt-refresh --experiments toll --budget 4m',
  );
  expect(answerTexts(advise(run, API), API, run)).toEqual([
    'jwt-denylist and jwt-refresh meet the requirements. This run does not show which takes the least CPU time.',
  ]);
});

it('asks for more time if one sample or wide intervals decide nothing', () => {
  const longer = 'npm run bench -- --arms none,jwt-denylist,jwt-refresh --experiments toll --budget 10m';
  const wide = evidenceOf(knownRun({ arms: ARMS, spread: 0.7, flags: ['interval-wide'] }));
  expect(commands(wide)).toContain(longer);
  expect(advise(wide, API).flags).toContain('interval-wide');
  const once = evidenceOf(knownRun({ arms: ARMS, oneSample: true }));
  expect(commands(once)[0]).toMatch(/--experiments toll --budget 4m$/);
  expect(commands(evidenceOf(knownRun({ arms: ARMS })))).not.toContain(longer);
});

it('asks for the figures that a need would be judged by', () => {
  const bare = evidenceOf(knownRun({ arms: ARMS, experiments: ['toll'] }));
  const asked = commands(bare, { ...API, p99Ms: 20 }).join('\n');
  for (const experiment of ['revocation', 'store', 'latency']) expect(asked).toContain(`--experiments ${experiment}`);
  expect(commands(bare, { ...API, revokeWithinMs: null, criticalWithinMs: null }).join()).not.toContain('revocation');
});

it('names arms that were not measured and that would fit as declared', () => {
  const known = knownRun().arms.map(factsOf);
  const run = evidenceOf(knownRun({ arms: ['none', 'session-redis'] }), { known });
  const advice = advise(run, { ...API, revokeWithinMs: 0, criticalWithinMs: 0 });
  expect(advice.certainty).toBe('none');
  expect(advice.missing).toContainEqual({
    what: 'the cost of jwt-denylist, which fits as declared',
    command: 'npm run bench -- --arms none,jwt-denylist --experiments toll --budget 4m',
  });
});

it('says nothing of arms whose promises the run does not record', () => {
  const run = knownRun({ arms: ARMS });
  const arms = run.arms.map(({ declares: _, ...arm }) => arm);
  const evidence = evidenceOf({ ...run, arms });
  const advice = advise(evidence, API);
  expect(advice.open.map(({ name }) => name)).toEqual(['jwt-denylist', 'jwt-refresh']);
  expect(advice).toMatchObject({ certainty: 'none', first: [], ranked: [], ruledOut: [], conflicts: [] });
  expect(answerTexts(advice, API, evidence)).toEqual([
    'This run does not record what its arms promise, so they cannot be judged.',
  ]);
});

it('does not order arms by ratios of the server processes alone if one of them loads Redis', () => {
  const run = knownRun({ arms: ARMS });
  const figures = run.figures.map((figure) =>
    figure.metric === 'total_cpu_ratio_to_arm' ? { ...figure, metric: 'cpu_ratio_to_arm' as const } : figure,
  );
  expect(advise(evidenceOf({ ...run, figures }), API).certainty).toBe('unranked');
});

it('asks for an arm that always asks Redis, if the cost of a critical operation is otherwise unknown', () => {
  const needs: Needs = { ...API, revokeWithinMs: 900_000, criticalWithinMs: 0 };
  const without = advise(evidenceOf(knownRun({ arms: ['none', 'hybrid', 'jwt-hs256'] })), needs);
  expect(without.missing[0]?.what).toContain('what a critical operation costs');
  expect(without.ranked.map(({ name, sizing }) => [name, sizing])).toEqual([['hybrid', null]]);
  const withOne = advise(evidenceOf(knownRun({ arms: ['none', 'hybrid', 'jwt-denylist'] })), needs);
  expect(withOne.missing.map(({ what }) => what).join()).not.toContain('critical operation');
  expect(withOne.first).toEqual(['hybrid']);
});

it('asks for a run of this version if an arm’s promises have changed', () => {
  const measured = knownRun({ arms: ARMS });
  const known = measured.arms.map(factsOf);
  const old = measured.arms.map((arm) =>
    arm.name === 'jwt-refresh' && arm.declares
      ? { ...arm, declares: { ...arm.declares, revokedWithinMs: 60_000 } }
      : arm,
  );
  const advice = advise(evidenceOf({ ...measured, arms: old }, { known }), {
    ...API,
    revokeWithinMs: 60_000,
    criticalWithinMs: 60_000,
  });
  // Judged by the promises it made then.
  expect(advice.ranked.map(({ name }) => name)).toContain('jwt-refresh');
  expect(advice.missing).toContainEqual({
    what: 'a run of this version with jwt-refresh, which promises other things today',
    command: 'npm run bench -- --arms none,jwt-refresh --experiments toll,revocation',
  });
  expect(
    advise(evidenceOf(measured, { known }), API)
      .missing.map(({ what }) => what)
      .join(),
  ).not.toContain('today');
});
