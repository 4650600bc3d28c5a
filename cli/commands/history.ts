/** `npm run history`: figures over time, by class of machine, and what changed. */
import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EXIT, type ExitCode, runError, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import {
  type History,
  type HistoryOrder,
  headersOf,
  historyLine,
  readHistory,
  type Series,
  seriesOf,
} from '../../core/results/history/history.ts';
import { recentWorsening, trendOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { writeWhole } from '../../core/whole-file.ts';
import { COST_METRICS } from '../../regression/compare/costs.ts';
import { GUARDS } from '../../regression/guards/counts.ts';
import { detectionText } from '../../regression/history/calibration-table.ts';
import { entryOf } from '../../regression/history/entry.ts';
import { explain } from '../../regression/history/explain.ts';
import { branchStore, fileStore, type HistoryStore } from '../../regression/history/store.ts';
import type { Command, FlagTable, Invocation } from '../command.ts';
import { asideText, changeText, worseText } from '../history-text.ts';
import { JSON_OUTPUT, SEED } from '../options/shared.ts';
import { print, printJson, printNote } from '../output.ts';
import { readInteger, readName, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { LATEST } from '../root.ts';

const DEFAULT_FILE = '.tollgate/history.jsonl';
/** Metrics that `bisect` can look for. */
const BISECTABLE = [...COST_METRICS, ...GUARDS.map(({ metric }) => metric)];
const DEFAULT_PAGE = '.tollgate/history.html';
const VERBS = ['add', 'show', 'check', 'calibrate'] as const;
type Verb = (typeof VERBS)[number];
const ORDERS: readonly HistoryOrder[] = ['added', 'time'];

const FLAGS = {
  file: { value: 'FILE', help: `Keep the history in this file (default: ${DEFAULT_FILE}).` },
  branch: { value: 'NAME', help: 'Keep it on a git branch of its own instead.' },
  out: {
    value: 'FILE',
    help: `show: write an .html of what is watched and what changed, or an .svg of the first (default: ${DEFAULT_PAGE}).`,
  },
  recent: { value: 'N', help: 'check: call a change recent if it is within the last N runs (default: 10).' },
  last: { value: 'N', help: 'show and check: consider the last N runs of each class of machine (default: 200).' },
  order: {
    value: 'added|time',
    help: 'show and check: order runs as they were added, or by their own clocks (default: added).',
  },
  metric: { value: 'NAME', help: 'show and check: consider this metric only (default: all).' },
  series: { value: 'N', help: 'calibrate: simulate N series of each kind and length (default: 10).' },
  seed: SEED,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

export const history: Command = {
  flags: FLAGS,
  positionals: [
    {
      name: 'add|show|check|calibrate',
      help: 'add keeps a run; show draws the trends; check fails on a recent change for the worse; calibrate tries the detection on simulated series.',
    },
    { name: '[DIR]', help: `add: the folder of a run (default: ${LATEST}).` },
  ],
  examples: [
    { args: 'add results/full', does: 'keeps a run' },
    { args: 'check --metric cpu_us_per_request', does: 'fails if CPU time got worse' },
    { args: 'calibrate', does: 'shows how well known changes of simulated series are found' },
  ],
  notes: async () => ['Figures of different classes of machines are never compared.'],
  async run(invocation) {
    const options = readOptions(invocation);
    const { store } = options;
    if (options.verb === 'add') return add(options);
    if (options.verb === 'calibrate') return calibrate(options, invocation.signal);
    const kept = await readHistory(() => store.lines(), options.last, options.order);
    for (const { line, reason } of kept.damaged) printNote(`${store.name}: line ${line} is ignored: ${reason}`);
    if (kept.entries.length === 0) {
      throw usageError(`${store.name} holds no run yet`, `add one: npm run history -- add ${LATEST}`);
    }
    if (kept.outOfTime > 0 && options.order === 'added') {
      const says = `${countOf(kept.outOfTime)} of ${store.name} began later, by the clock, than a run added after`;
      printNote(`${says}: their order is that of adding; --order time goes by the clock`);
    }
    return options.verb === 'show' ? show(options, kept) : check(options, kept);
  },
};

interface HistoryOptions {
  readonly verb: Verb;
  readonly run: string;
  readonly store: HistoryStore;
  readonly out: string;
  readonly recent: number;
  readonly last: number;
  readonly order: HistoryOrder;
  readonly metric: string | null;
  readonly seriesEach: number;
  readonly seed: number;
  readonly json: boolean;
}

/** @throws UsageError with every fault */
function readOptions({ positionals, values, switches, faults, refuseFaults }: Invocation): HistoryOptions {
  const [word, run] = positionals;
  const verb = VERBS.find((known) => known === word);
  if (word === undefined) faults.push('subcommand missing: use add, show, check or calibrate');
  else if (verb === undefined)
    faults.push(`unknown subcommand ${JSON.stringify(word)}: use add, show, check or calibrate`);
  else if (run !== undefined && verb !== 'add') faults.push(`unexpected argument ${JSON.stringify(run)}`);
  if (values.file !== undefined && values.branch !== undefined) faults.push('--file and --branch cannot be combined');
  if (values.metric !== undefined) readName('metric', values.metric, Object.keys(METRICS), faults);
  if (values.out !== undefined && !/\.(html|svg)$/.test(values.out)) {
    faults.push(`--out: ${JSON.stringify(values.out)} must end in .html or .svg`);
  }
  const recent = readInteger('recent', values.recent ?? '10', 1, 10_000, faults) ?? 0;
  const last = readInteger('last', values.last ?? '200', 1, 100_000, faults) ?? 0;
  const seriesEach = readInteger('series', values.series ?? '10', 1, 1000, faults) ?? 0;
  const seed = readSeed(values.seed, faults);
  const order = ORDERS.find((known) => known === (values.order ?? 'added'));
  if (order === undefined) faults.push(`--order: ${JSON.stringify(values.order)} is neither added nor time`);
  refuseFaults();
  return {
    verb: verb ?? 'check',
    run: run ?? LATEST,
    store:
      values.branch === undefined ? fileStore(values.file ?? DEFAULT_FILE) : branchStore(process.cwd(), values.branch),
    out: values.out ?? DEFAULT_PAGE,
    recent,
    last,
    order: order ?? 'added',
    metric: values.metric ?? null,
    seriesEach,
    seed,
    json: switches.has('json'),
  };
}

async function add({ run: directory, store, json }: HistoryOptions): Promise<ExitCode> {
  const run = readRun(resolve(directory));
  const entry = entryOf(run);
  let known = false;
  let others = 0;
  for await (const { header } of headersOf(store.lines(), [])) {
    if (header.machineClass === entry.machineClass) others++;
    if (header.runId === run.runId && header.at === run.startedAt) known = true;
  }
  const open = unfinished(run);
  if (open.length > 0) printNote(`the run was broken off: ${open.join(', ')} did not finish, and what it has is kept`);
  if (!known) await store.append(historyLine(entry), `Add ${run.runId}`);
  const { machineClass, figures } = entry;
  const runs = others + (known ? 0 : 1);
  if (json) printJson({ added: !known, runId: run.runId, machineClass, runs });
  else {
    const did = known ? 'is in it already' : `was added with ${figures.length} figures`;
    print(`${run.runId} ${did}: ${store.name} now holds ${countOf(runs)} of ${machineClass}`);
  }
  return EXIT.done;
}

/** Experiments that were interrupted or failed. */
const unfinished = ({ experiments }: Run) =>
  experiments.flatMap(({ name, stoppedBy }) =>
    stoppedBy === null || stoppedBy === 'interrupted' || stoppedBy === 'failed' ? [name] : [],
  );

const countOf = (runs: number) => (runs === 1 ? '1 run' : `${runs} runs`);

function chosen({ metric }: HistoryOptions, { entries }: History): Series[] {
  return seriesOf(entries).filter((series) => metric === null || series.metric === metric);
}

/** @throws if it is interrupted */
async function calibrate({ seriesEach, seed, json }: HistoryOptions, signal: AbortSignal): Promise<ExitCode> {
  const { calibrateDetection } = await import('../../regression/history/calibrate.ts');
  const progress = new ProgressLine();
  try {
    const table = await calibrateDetection(seed, seriesEach, async (kind, secondsLeft) => {
      // Lets a signal be heard between two kinds.
      await setImmediate();
      signal.throwIfAborted();
      progress.update('calibrate', kind, undefined, secondsLeft);
    });
    progress.clear();
    if (json) printJson(table);
    else print(detectionText(table));
    return EXIT.done;
  } finally {
    progress.clear();
  }
}

async function show(options: HistoryOptions, history: History): Promise<ExitCode> {
  const series = chosen(options, history);
  if (series.length === 0) throw runError('the history has no figure to draw', 'choose another --metric');
  await draw(series, resolve(options.out));
  if (options.json) {
    const withChanges = series.map((one) => ({ ...one, ...trendOf(one) }));
    printJson({ file: options.out, runs: history.runs, series: withChanges });
  } else print(`Wrote ${options.out}`);
  return EXIT.done;
}

/** @throws TollgateError if the file cannot be written */
async function draw(series: readonly Series[], file: string): Promise<void> {
  const { historyPage, historySvg } = await import('../../reports/history/page.ts');
  const content = file.endsWith('.svg') ? await historySvg(series) : await historyPage(series);
  makeFolders(dirname(file));
  writeWhole(file, content);
}

function check(options: HistoryOptions, history: History): ExitCode {
  const all = chosen(options, history);
  const worse = all.flatMap((series) => {
    const change = recentWorsening(series, options.recent);
    if (!change) return [];
    const why = explain(series, change, history.entries, BISECTABLE);
    return [{ series, change, text: changeText(series, change), ...why }];
  });
  if (options.json) printJson({ runs: history.runs, worse });
  else {
    for (const { text, series } of worse) print(`worse: ${text} [${series.machineClass}]`);
    for (const line of worseText(worse)) print(line);
    for (const line of asideText(all)) printNote(line);
    if (worse.length === 0) print(`No recent change for the worse in ${countOf(history.runs)}.`);
  }
  return worse.length === 0 ? EXIT.done : EXIT.failed;
}
