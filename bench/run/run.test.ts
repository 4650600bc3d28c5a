import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environmentError, runError } from '../../core/errors.ts';
import { JournalWriter, readJournal } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { Experiment } from '../measuring/experiment.ts';
import { Janitor } from '../processes/janitor.ts';
import { testHeader } from '../testing/slices.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';

const directory = mkdtempSync(join(tmpdir(), 'tollgate-run-test-'));
const janitor = await Janitor.start();
afterAll(async () => {
  await janitor.finish();
  rmSync(directory, { recursive: true, force: true });
});

const experiment = (name: string, outcome: () => void): Experiment => ({
  name,
  question: '?',
  inQuick: true,
  usesRedis: false,
  failsAlone: true,
  seconds: { quick: 1, full: 1 },
  leastSeconds: { once: 0, perArm: 0 },
  defaultArms: () => [],
  run: async () => {
    outcome();
    return 'plan';
  },
  analyse: () => [],
});

/** A run of `browser`, which ends as given, and of `toll` after it. */
async function runWith(config: Partial<RunConfig>, error: Error) {
  const path = join(directory, `${Math.random()}.jsonl`);
  const journal = JournalWriter.open(path);
  const whole = { ...testHeader, config: { ...testHeader.config, experiments: ['toll', 'browser'], ...config } };
  journal.append(whole);
  const said: string[] = [];
  const broken = experiment('browser', () => {
    throw error;
  });
  const outcome = await run({
    config: whole.config,
    experiments: [broken, experiment('toll', () => {})],
    ...{ arms: [], runId: 'test', directory, redisUrl: null, cores: 2, journal, prior: [], janitor, shares: null },
    signal: new AbortController().signal,
    onProgress: () => {},
    onFailure: () => {},
    onSkipped: (text) => said.push(text),
  });
  journal.append({ kind: 'run-ended', at: testHeader.startedAt, interrupted: false, seconds: 1, peakRssBytes: 1 });
  journal.close();
  const { complete, experiments } = replay(readJournal(readFileSync(path, 'utf8')));
  return { failed: outcome.failed.map(({ experiment: name }) => name), said, complete, experiments };
}

const missing = environmentError('Chromium not found', 'install it');

describe('an experiment with a missing program', () => {
  it('is left out with one sentence if it was not requested by name, and the run is complete', async () => {
    const { failed, said, complete, experiments } = await runWith({ byDefault: true }, missing);
    expect(failed).toEqual([]);
    expect(said).toEqual(['browser is excluded: Chromium not found (install it)']);
    expect(complete).toBe(true);
    expect(experiments.map(({ stoppedBy, error }) => [stoppedBy, error])).toEqual([
      ['plan', null],
      ['skipped', null],
    ]);
  });

  it('fails if it was requested by name, and the others are measured', async () => {
    const { failed, said, complete, experiments } = await runWith({}, missing);
    expect([failed, said, complete]).toEqual([['browser'], [], false]);
    expect(experiments.map(({ stoppedBy }) => stoppedBy)).toEqual(['plan', 'failed']);
  });

  it('fails if everything was requested', async () => {
    expect((await runWith({ byDefault: true, profile: 'full' }, missing)).failed).toEqual(['browser']);
  });

  it('is not left out for any other failure', async () => {
    const { failed, said } = await runWith({ byDefault: true }, runError('the page could not log in', 'repeat'));
    expect([failed, said]).toEqual([['browser'], []]);
  });
});

it('an experiment requested by name has more time than as a part of the quick profile, and a budget overrides both', async () => {
  const timed = async (config: Partial<RunConfig>) => {
    const found: number[] = [];
    const probe = { ...experiment('toll', () => {}), seconds: { quick: 5, full: 50 }, namedSeconds: 20 };
    const journal = JournalWriter.open(join(directory, `${Math.random()}.jsonl`));
    await run({
      config: { ...testHeader.config, ...config },
      experiments: [
        {
          ...probe,
          run: async ({ secondsLeft }) => {
            found.push(Math.round(secondsLeft()));
            return 'plan';
          },
        },
      ],
      ...{ arms: [], runId: 'test', directory, redisUrl: null, cores: 2, journal, prior: [], janitor, shares: null },
      signal: new AbortController().signal,
      onProgress: () => {},
      onFailure: () => {},
      onSkipped: () => {},
    });
    journal.close();
    return found[0];
  };
  const config = { budgetSeconds: null };
  expect(await timed({ ...config, byDefault: true })).toBe(5);
  expect(await timed({ ...config, byDefault: false })).toBe(20);
  expect(await timed({ ...config, profile: 'full', byDefault: false })).toBe(50);
  expect(await timed({ byDefault: true, budgetSeconds: 9 })).toBe(9);
});
