/** The flags of `npm run precision`, and the resulting options. Pure. */
import { PLANTED_PCT, ROWS } from '../../regression/precision/rows.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { readInteger, readNames, readSeconds, readSeed } from '../parse/values.ts';
import { RESULTS } from '../root.ts';
import { JSON_OUTPUT, SEED } from './shared.ts';
import { readStoreServer, STORE_SERVER } from './store-server.ts';

/** The last build before these targets were set. */
export const FIRST_BASE = '9d9e10f';

const NAMES = ROWS.map(({ name }) => name);
const LONG = 'long';
const AA = 'aa';
const PLANTED = ROWS.flatMap(({ name, step }) => (step === 'planted' ? [name] : []));
const USUAL = NAMES.filter((name) => name !== LONG && name !== AA && !PLANTED.includes(name));

export const PRECISION_FLAGS = {
  base: {
    value: 'REF',
    help: `Compare with this branch, tag or commit (default: ${FIRST_BASE}, or else where HEAD left the main branch).`,
  },
  rows: { value: 'LIST', help: `Measure only these rows (default: ${USUAL.join(',')}).` },
  only: { value: 'SIDE', help: 'Measure only the base or only the head (default: both, alternating).' },
  runs: { value: 'N', help: 'Measure every row this many times with each build, and use the median (default: 1).' },
  long: { help: 'Also measure the toll for ten minutes.' },
  planted: { help: `Slow down a second baseline by ${PLANTED_PCT} %, and check that a quick run detects it.` },
  'aa-runs': { value: 'N', help: 'Run this many comparisons of identical servers with each build (default: 0).' },
  budget: { value: 'TIME', help: 'Use this time for the quick run and the toll each, instead of two minutes.' },
  seed: SEED,
  ...STORE_SERVER,
  out: { value: 'DIR', help: `Write precision-<UTC timestamp>.json here (default: ${RESULTS}).` },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

export interface PrecisionOptions {
  readonly base: string | null;
  readonly rows: readonly string[];
  readonly only: string | null;
  readonly runs: number;
  readonly aaRuns: number;
  readonly budgetSeconds: number | null;
  readonly seed: number;
  readonly out: string;
  readonly json: boolean;
}

export function readPrecisionOptions({
  values,
  switches,
  faults,
}: Pick<Invocation, 'values' | 'switches' | 'faults'>): PrecisionOptions {
  const aaRuns = readInteger('aa-runs', values['aa-runs'] ?? '0', 0, 1000, faults) ?? 0;
  const named = values.rows === undefined ? USUAL : readNames('rows', values.rows, NAMES, faults);
  const rows = [
    ...named,
    ...(switches.has('long') ? [LONG] : []),
    ...(aaRuns > 0 ? [AA] : []),
    ...(switches.has('planted') ? PLANTED : []),
  ];
  if (rows.includes(AA) && aaRuns === 0) faults.push(`--rows ${AA} needs --aa-runs: say how many`);
  readStoreServer({ values, faults });
  const only = values.only ?? null;
  if (only !== null && only !== 'base' && only !== 'head') faults.push('--only must be base or head');
  return {
    base: values.base ?? null,
    rows: [...new Set(rows)],
    only,
    runs: readInteger('runs', values.runs ?? '1', 1, 99, faults) ?? 1,
    aaRuns,
    budgetSeconds: values.budget === undefined ? null : readSeconds('budget', values.budget, faults),
    seed: readSeed(values.seed, faults),
    out: values.out ?? RESULTS,
    json: switches.has('json'),
  };
}
