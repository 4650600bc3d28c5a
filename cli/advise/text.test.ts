import { expect, it } from 'vitest';
import { advise } from '../../core/advise/advise.ts';
import { confirmationOf } from '../../core/advise/confirmation.ts';
import { flipsOf } from '../../core/advise/flips.ts';
import { evidenceOf, factsOf } from '../../core/advise/from-run.ts';
import { DEFAULT_NEEDS, type Needs } from '../../core/advise/needs.ts';
import { type KnownArm, knownRun } from '../../core/advise/testing/known-run.ts';
import { bench } from '../commands/bench.ts';
import { parseArguments } from '../parse/arguments.ts';
import { adviceText } from './text.ts';

const API: Needs = {
  ...DEFAULT_NEEDS,
  clients: ['api'],
  keepFromScripts: false,
  revokeWithinMs: 300_000,
  criticalWithinMs: 300_000,
};
const ARMS: readonly KnownArm[] = ['none', 'session-redis', 'jwt-hs256', 'jwt-denylist', 'jwt-refresh'];

function textOf(needs: Needs, width = 80, run = evidenceOf(knownRun({ arms: ARMS, flags: ['one-fork'] }))) {
  const advice = advise(run, needs);
  return adviceText(
    { run, needs, advice, flips: flipsOf(run, needs, advice.first), carries: [] },
    { width, paint: (_, text) => text },
  );
}

it('gives the first arm, the reasons, why the others are out, what would change that, and the evidence', () => {
  const text = textOf(API).replace(/\s+/g, ' ');
  expect(text).toContain('jwt-refresh: of 2 arms that meet the requirements it takes the least CPU time.');
  expect(text).toContain(
    'it accepts a revoked credential for longer than required: jwt-hs256 (15 min declared) (declared revocation)',
  );
  expect(text).toContain('with revocation within 5 min, or less: jwt-denylist is first');
  expect(text).toContain('toll/cpu_us_per_request');
  expect(text).toContain('toll/total_cpu_ratio_to_arm');
  expect(text).toContain('validity flags: one-fork');
  expect(text).toContain(
    'how long a revoked credential lives: npm run bench -- --arms none,jwt-denylist,jwt-refresh --experiments revocation',
  );
});

it('lists the needs that exclude each other if no arm fits', () => {
  const text = textOf({
    ...API,
    clients: ['browser'],
    keepFromScripts: true,
    revokeWithinMs: 0,
    criticalWithinMs: 0,
    store: 'none',
  }).replace(/\s+/g, ' ');
  expect(text).toContain('No arm of this run meets the requirements.');
  expect(text).toContain('None can at the same time');
  expect(text).toContain('If it need not keep state only where allowed: session-redis');
});

it.each([60, 80, 110])('fits %i columns except for commands, which are not broken', (width) => {
  const run = evidenceOf(knownRun(), { known: knownRun().arms.map(factsOf) });
  for (const line of textOf(API, width, run).split('\n')) {
    if (line.length > width) expect(line.trim()).not.toMatch(/ /);
  }
});

it('contains commands that bench accepts', () => {
  const bare = evidenceOf(knownRun({ arms: ARMS, experiments: [] }), { known: knownRun().arms.map(factsOf) });
  const full = evidenceOf(knownRun({ arms: ARMS }));
  const advice = advise(full, API);
  const commands = [
    ...advise(bare, { ...API, p99Ms: 20, outage: 'answer' }).missing.map(({ command }) => command),
    ...advise(bare, { ...DEFAULT_NEEDS }).missing.map(({ command }) => command),
    confirmationOf(full, API, advice, 'jwt-refresh')?.command ?? '',
  ];
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) {
    expect(command).toMatch(/^npm run bench -- /);
    expect(parseArguments(command.replace('npm run bench -- ', '').split(' '), bench).faults, command).toEqual([]);
  }
});
