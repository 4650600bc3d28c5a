/** `npm run reference`: makes a full run the reference, which reports show if the reader's own run lacks a figure. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXPERIMENTS } from '../../../bench/experiments/registry.ts';
import { EXIT } from '../../../core/errors.ts';
import { makeFolders } from '../../../core/folders.ts';
import { readGate } from '../../../core/results/gate-file.ts';
import { REFERENCE_FILE } from '../../../core/results/reference/file.ts';
import {
  REFERENCE_SCHEMA_VERSION,
  type Reference,
  reducedRun,
  referenceOrigin,
  writeReference,
} from '../../../core/results/reference/reference.ts';
import { readRun } from '../../../core/results/run-file.ts';
import type { Run } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { ledgerOf } from '../../../reports/claims/ledger.ts';
import type { Command } from '../../command.ts';
import { print } from '../../output.ts';
import { shownFolder } from '../../run-folder.ts';

const PACKAGE = new URL('../../../package.json', import.meta.url);

export const reference: Command = {
  flags: {},
  positionals: [{ name: 'DIR', help: 'The folder of a finished run of the full profile, made from a clean commit.' }],
  examples: [{ args: 'results/full', does: 'replaces reports/reference with that run' }],
  notes: async () => [
    'For a useful reference, use a quiet machine and npm run bench -- --profile full --out results/full',
  ],
  async run({ positionals: [given], faults, refuseFaults }) {
    if (given === undefined) faults.push('DIR missing: name the folder of a full run');
    refuseFaults();
    const source = resolve(given ?? '');
    const run = readRun(source);
    for (const fault of referenceFaults(run)) faults.push(`${given}: ${fault}`);
    refuseFaults();
    const claims = ledgerOf(run, readGate(source)).map(
      ({ claim: { number, id, statement }, verdict, condition, because, turns, contrary }) => {
        return { number, id, statement, verdict, condition, because, turns, contrary };
      },
    );
    const made: Reference = {
      schemaVersion: REFERENCE_SCHEMA_VERSION,
      version: packageVersion(),
      run: reducedRun(run),
      claims,
    };
    makeFolders(dirname(REFERENCE_FILE));
    const bytes = writeReference(made);
    print(
      `reports/reference now holds ${shownFolder(source)}, ${Math.ceil(bytes / 1000)} kB: ${referenceOrigin(made)}`,
    );
    return EXIT.done;
  },
};

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  return version;
}

/** Why a run cannot represent this version: a few words each, with a hint. */
export function referenceFaults(run: Run): string[] {
  const { profile, experiments } = run.config;
  const faults: string[] = [];
  if (profile !== 'full') faults.push('it is not a run of the full profile: repeat it with --profile full');
  const missing = EXPERIMENTS.filter(({ name }) => !experiments.includes(name)).map(({ name }) => name);
  if (profile === 'full' && missing.length > 0)
    faults.push(`it leaves out ${list(missing)}: repeat it without --experiments`);
  if (!run.complete) faults.push('it did not finish: continue it with npm run bench -- --resume');
  if (run.environment.gitCommit === null) faults.push('its commit is unknown: run it in a git clone');
  else if (run.environment.gitDirty !== false)
    faults.push('it was measured with uncommitted changes: commit them, and repeat it');
  if (run.damagedLines.length > 0) faults.push('its journal is damaged: repeat it');
  if (run.flags.includes('gate-failed'))
    faults.push('it timed arms that fail a security check: repeat it without --unsafe');
  return faults;
}
