/** The flags of `npm run history`, and the resulting options. */
import type { HistoryOrder } from '../../core/results/history/history.ts';
import { METRIC_NAMES, METRICS_PAGE, type Metric } from '../../core/results/metrics.ts';
import { shellWord } from '../../core/text/shell.ts';
import { branchStore, fileStore, type HistoryStore } from '../../regression/history/store.ts';
import type { Faults, FlagTable, Invocation } from '../command.ts';
import { JSON_OUTPUT, SEED } from '../options/shared.ts';
import { readInteger, readName, readSeed } from '../parse/values.ts';
import { LATEST } from '../root.ts';

const DEFAULT_FILE = '.tollgate/history.jsonl';
const DEFAULT_PAGE = '.tollgate/history.html';
const DEFAULT_TEAM_PAGE = '.tollgate/toll.html';
const DEFAULT_DAYS = 7;
const VERBS = ['add', 'show', 'check', 'page', 'accept', 'digest', 'calibrate'] as const;
export type Verb = (typeof VERBS)[number];
const ORDERS: readonly HistoryOrder[] = ['added', 'time'];

export const HISTORY_FLAGS = {
  file: { value: 'FILE', help: `Keep the history in this file (default: ${DEFAULT_FILE}).` },
  branch: { value: 'NAME', help: 'Keep it on a separate git branch instead.' },
  out: {
    value: 'FILE',
    help: `show: write an .html of the watched series and the changes, or an .svg of the first series (default: ${DEFAULT_PAGE}). page: write an .html (default: ${DEFAULT_TEAM_PAGE}). digest: write Markdown (default: print it).`,
  },
  publish: {
    help: 'page: also put it on the branch of the history, as index.html for static hosting (needs --branch).',
  },
  reason: { value: 'TEXT', help: 'accept: the reason for accepting the change (required).' },
  owner: { value: 'NAME', help: 'accept: the person who accepts it (required).' },
  arm: { value: 'NAME', help: 'accept: accept the change of this arm only (default: of all arms).' },
  all: {
    help: 'accept: also accept what later runs show to have changed with that run (default: what is known now).',
  },
  days: { value: 'N', help: `digest: cover this many days up to now (default: ${DEFAULT_DAYS}).` },
  recent: { value: 'N', help: 'check: call a change recent if it is within the last N runs (default: 10).' },
  last: {
    value: 'N',
    help: 'All but add and calibrate: consider the last N runs of each class of machine (default: 200).',
  },
  order: {
    value: 'added|time',
    help: 'All but add and calibrate: order runs as they were added, or by their timestamps (default: added).',
  },
  metric: { value: 'NAME', help: 'All but add and calibrate: consider this metric only (default: all).' },
  series: { value: 'N', help: 'calibrate: simulate N series of each kind and length (default: 10).' },
  seed: SEED,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

const READING: readonly Verb[] = ['show', 'check', 'page', 'accept', 'digest'];
/** The subcommands that use a flag; one of another would be ignored, and its result misread. */
const USED_BY: Readonly<Partial<Record<keyof typeof HISTORY_FLAGS, readonly Verb[]>>> = {
  file: ['add', ...READING],
  branch: ['add', ...READING],
  out: ['show', 'page', 'digest'],
  reason: ['accept'],
  owner: ['accept'],
  arm: ['accept'],
  days: ['digest'],
  recent: ['check'],
  last: READING,
  order: READING,
  metric: READING,
  series: ['calibrate'],
  seed: ['calibrate'],
};

export interface HistoryOptions {
  readonly verb: Verb;
  readonly run: string;
  readonly store: HistoryStore;
  /** The flag that names it, as it follows a command; empty for the default. */
  readonly place: string;
  /** Null prints it. */
  readonly out: string | null;
  readonly recent: number;
  readonly last: number;
  readonly order: HistoryOrder;
  readonly metric: Metric | null;
  readonly publish: boolean;
  /** Empty if it is not needed. */
  readonly reason: string;
  readonly owner: string;
  readonly arm: string | null;
  /** Whether figures whose change is not known yet are accepted, too. */
  readonly all: boolean;
  readonly days: number;
  readonly seriesEach: number;
  readonly seed: number;
  readonly json: boolean;
}

/** @throws UsageError with every fault */
export function readHistoryOptions({
  positionals,
  values,
  switches,
  faults,
  refuseFaults,
}: Invocation): HistoryOptions {
  const [word, run] = positionals;
  const verb = VERBS.find((one) => one === word);
  const known = VERBS.join(', ');
  if (word === undefined) faults.push(`subcommand missing: use one of ${known}`);
  else if (verb === undefined) faults.push(`unknown subcommand ${JSON.stringify(word)}: use one of ${known}`);
  else if (run !== undefined && verb !== 'add' && verb !== 'accept')
    faults.push(`unexpected argument ${JSON.stringify(run)}`);
  for (const [flag, verbs] of Object.entries(USED_BY)) {
    if (verb === undefined || values[flag] === undefined || verbs.includes(verb)) continue;
    faults.push(`--${flag} has no effect on ${verb}: use it with ${verbs.join(', ')}`);
  }
  if (values.file !== undefined && values.branch !== undefined) faults.push('--file and --branch cannot be combined');
  if (values.metric !== undefined) readName('metric', values.metric, METRIC_NAMES, faults, METRICS_PAGE);
  const endings = verb === 'digest' ? ['.md'] : verb === 'page' ? ['.html'] : ['.html', '.svg'];
  if (values.out !== undefined && !endings.some((ending) => values.out?.endsWith(ending))) {
    faults.push(`--out: ${JSON.stringify(values.out)} must end in ${endings.join(' or ')}`);
  }
  if (switches.has('publish') && verb !== 'page') faults.push('--publish is for page alone');
  if (switches.has('all') && verb !== 'accept') faults.push('--all is for accept alone');
  if (switches.has('publish') && values.branch === undefined) faults.push('--publish needs --branch');
  if (verb === 'accept') refuseHalfAcceptance(run, values, faults);
  const days = readInteger('days', values.days ?? String(DEFAULT_DAYS), 1, 3650, faults) ?? DEFAULT_DAYS;
  const recent = readInteger('recent', values.recent ?? '10', 1, 10_000, faults) ?? 0;
  const last = readInteger('last', values.last ?? '200', 1, 100_000, faults) ?? 0;
  const seriesEach = readInteger('series', values.series ?? '10', 1, 1000, faults) ?? 0;
  const seed = readSeed(values.seed, faults);
  const order = ORDERS.find((one) => one === (values.order ?? 'added'));
  if (order === undefined) faults.push(`--order: ${JSON.stringify(values.order)} is neither added nor time`);
  refuseFaults();
  return {
    verb: verb ?? 'check',
    run: run ?? LATEST,
    store:
      values.branch === undefined ? fileStore(values.file ?? DEFAULT_FILE) : branchStore(process.cwd(), values.branch),
    place: placeFlag(values.file, values.branch),
    out: values.out ?? (verb === 'page' ? DEFAULT_TEAM_PAGE : verb === 'digest' ? null : DEFAULT_PAGE),
    publish: switches.has('publish'),
    reason: values.reason?.trim() ?? '',
    owner: values.owner?.trim() ?? '',
    arm: values.arm ?? null,
    all: switches.has('all'),
    days,
    recent,
    last,
    order: order ?? 'added',
    metric: METRIC_NAMES.find((name) => name === values.metric) ?? null,
    seriesEach,
    seed,
    json: switches.has('json'),
  };
}

function placeFlag(file: string | undefined, branch: string | undefined): string {
  if (branch !== undefined) return ` --branch ${shellWord(branch)}`;
  return file === undefined ? '' : ` --file ${shellWord(file)}`;
}

/** An acceptance must say who accepts what, and why: later readers have no other information. */
function refuseHalfAcceptance(run: string | undefined, values: Readonly<Record<string, string>>, faults: Faults): void {
  if (run === undefined) faults.push('accept: give the first run of the change, as history check prints it');
  for (const [flag, most] of [
    ['reason', 500],
    ['owner', 100],
  ] as const) {
    const text = values[flag]?.trim() ?? '';
    if (text === '') faults.push(`accept: --${flag} is missing`);
    else if (text.length > most)
      faults.push(`--${flag}: it has ${text.length} characters, and ${most} at most are kept`);
  }
}
