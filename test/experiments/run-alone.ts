/** Runs one measurement of an experiment as a complete run with real servers, for tests of its records. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Experiment, ExperimentContext } from '../../bench/measuring/experiment.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { run } from '../../bench/run/run.ts';
import { testHeader } from '../../bench/testing/slices.ts';
import { JournalWriter, readJournal } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import { SCHEMA_VERSION, type Slice, type StoppedBy } from '../../core/results/schema.ts';

export interface Alone {
  readonly janitor: Janitor;
  /** Temporary folder for the journal and for files of the measurement. */
  readonly directory: string;
  readonly arms: readonly string[];
  /** Changes to the configuration of the full profile of `hot-path`. */
  readonly config: Partial<RunConfig>;
  measure(context: ExperimentContext): Promise<StoppedBy>;
}

/** @returns all slices; the run has ended without a failure, and its journal is complete */
export async function runAlone({ janitor, directory, arms: names, config: changes, measure }: Alone) {
  const arms = (await describeArms()).filter(({ name }) => names.includes(name));
  const config: RunConfig = { ...testHeader.config, profile: 'full', experiments: ['hot-path'], ...changes };
  const experiment: Experiment = {
    name: 'hot-path',
    question: 'Where do the microseconds go?',
    inQuick: true,
    usesRedis: false,
    seconds: { quick: 1, full: 1 },
    leastSeconds: { once: 0, perArm: 0 },
    defaultArms: (all) => all.map(({ name }) => name),
    run: measure,
    analyse: () => [],
  };
  const path = join(directory, 'journal.jsonl');
  const journal = JournalWriter.open(path);
  journal.append({ ...testHeader, schemaVersion: SCHEMA_VERSION, config });
  const outcome = await run({
    ...{ config, experiments: [experiment], arms, runId: 'test', directory, redisUrl: null, cores: 2, journal },
    ...{ prior: [], janitor, shares: null, signal: new AbortController().signal },
    onProgress: () => {},
    onFailure: (_name, error) => {
      throw error;
    },
    onSkipped: (text) => {
      throw new Error(text);
    },
  });
  journal.close();
  expect(outcome).toEqual({ interrupted: false, failed: [] });
  const { lines, damaged } = readJournal(readFileSync(path, 'utf8'));
  expect(damaged).toEqual([]);
  return lines.filter((line): line is Slice => line.kind === 'slice');
}
