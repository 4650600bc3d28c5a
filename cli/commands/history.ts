/** `npm run history -- add|show|check`: figures over time, by class of machine, and what changed. */

import { basename, resolve } from 'node:path';
import { EXIT, type ExitCode, usageError } from '../../core/errors.ts';
import { type History, historyLine, readHistory, type Series, seriesOf } from '../../core/results/history.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { RunFileError, readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { type Change, changesOf, recentWorsening } from '../../core/results/trend.ts';
import { formatChange, formatSignificant } from '../../core/text/format.ts';
import { entryOf } from '../../regression/history/entry.ts';
import { branchStore, fileStore, type HistoryStore } from '../../regression/history/store.ts';
import { type FlagTable, helpText, nearest, type ParsedFlags, parseFlags } from '../flags.ts';
import { buildHistory } from '../helpers.ts';
import { printFaults, printNote } from '../terminal.ts';
import { type Faults, readInteger } from '../values.ts';

const FLAGS = {
  file: { value: 'FILE', help: 'where it is kept (default: .tollgate/history.jsonl)' },
  branch: { value: 'NAME', help: 'keep it on a git branch of its own instead' },
  out: {
    value: 'FILE',
    help: 'show: an .html with every chart, or an .svg of the first (default: .tollgate/history.html)',
  },
  recent: { value: 'N', help: 'check: a change is recent within so many runs (default: 10)' },
  metric: { value: 'NAME', help: 'show and check: this metric only' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

const VERBS = ['add', 'show', 'check'] as const;
type Verb = (typeof VERBS)[number];

interface Asked {
  readonly verb: Verb;
  readonly run: string;
  readonly store: HistoryStore;
  readonly out: string;
  readonly recent: number;
  readonly metric: string | null;
  readonly json: boolean;
}

function readAsked({ positionals, values, switches, faults: given }: ParsedFlags): Asked | readonly string[] {
  const faults: Faults = [...given];
  const [word = '', run, ...rest] = positionals;
  const verb = VERBS.find((known) => known === word);
  if (verb === undefined)
    faults.push(
      `${word === '' ? 'a word is missing' : `${JSON.stringify(word)} is none of its words`}: add, show or check`,
    );
  for (const more of rest) faults.push(`${JSON.stringify(more)} is one word too many`);
  if (run !== undefined && verb !== 'add') faults.push(`${JSON.stringify(run)}: only add takes a run`);
  if (values.file !== undefined && values.branch !== undefined) faults.push('--file and --branch: give one of them');
  const metrics = Object.keys(METRICS);
  if (values.metric !== undefined && !metrics.includes(values.metric)) {
    faults.push(`--metric: there is no ${JSON.stringify(values.metric)}; ${nearest(values.metric, metrics)}`);
  }
  if (values.out !== undefined && !/\.(html|svg)$/.test(values.out))
    faults.push(`--out: ${values.out} is no .html or .svg`);
  const recent = readInteger('recent', values.recent ?? '10', 1, 10_000, faults) ?? 10;
  if (verb === undefined || faults.length > 0) return faults;
  return {
    verb,
    run: run ?? 'results/latest',
    store:
      values.branch === undefined
        ? fileStore(values.file ?? '.tollgate/history.jsonl')
        : branchStore(process.cwd(), values.branch),
    out: values.out ?? '.tollgate/history.html',
    recent,
    metric: values.metric ?? null,
    json: switches.has('json'),
  };
}

/** @returns the exit code */
export async function historyCommand(args: readonly string[]): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    process.stdout.write(
      helpText(
        'npm run history -- add [RUN_DIR] | show | check [flags]',
        'Keeps the figures of runs and says when a level changed. Machines of different classes are never mixed.',
        FLAGS,
        [
          'add keeps a run (default: results/latest); show draws the trends; check exits 1 on a recent change for the worse.',
        ],
      ),
    );
    return EXIT.done;
  }
  const asked = readAsked(parsed);
  if (!('verb' in asked)) {
    printFaults(asked, 'npm run history -- --help lists every flag');
    return EXIT.usage;
  }
  if (asked.verb === 'add') return add(asked);
  const history = readHistory(await asked.store.read());
  for (const { line, reason } of history.damaged) printNote(`${asked.store.name}: line ${line} is left out: ${reason}`);
  if (history.entries.length === 0) {
    throw usageError(`${asked.store.name} holds no run yet`, 'add one: npm run history -- add results/latest');
  }
  return asked.verb === 'show' ? show(asked, history) : check(asked, history);
}

function readRunOf(directory: string): Run {
  try {
    return readRun(resolve(directory));
  } catch (error) {
    if (!(error instanceof RunFileError)) throw error;
    throw usageError(error.message, 'name the folder of a run, such as results/latest');
  }
}

async function add({ run: directory, store, json }: Asked): Promise<ExitCode> {
  const run = readRunOf(directory);
  const { entries } = readHistory(await store.read());
  const known = entries.some(({ runId, at }) => runId === run.runId && at === run.startedAt);
  const entry = entryOf(run);
  if (!known) await store.append(historyLine(entry), `Add ${run.runId}`);
  const { machineClass, figures } = entry;
  const runs = entries.filter((other) => other.machineClass === machineClass).length + (known ? 0 : 1);
  if (json) {
    process.stdout.write(`${JSON.stringify({ added: !known, runId: run.runId, machineClass, runs })}\n`);
  } else {
    const did = known ? 'is there already' : `added with ${figures.length} figures`;
    process.stdout.write(`${run.runId} ${did}: ${store.name} holds ${runs} runs of ${machineClass}\n`);
  }
  return EXIT.done;
}

function chosen({ metric }: Asked, { entries }: History): Series[] {
  return seriesOf(entries).filter((series) => metric === null || series.metric === metric);
}

async function show(asked: Asked, history: History): Promise<ExitCode> {
  const said = await buildHistory(await asked.store.read(), resolve(asked.out), asked.metric);
  if (asked.json) {
    const series = chosen(asked, history).map((one) => ({ ...one, changes: changesOf(one) }));
    process.stdout.write(`${JSON.stringify({ file: asked.out, runs: history.entries.length, series })}\n`);
  } else process.stdout.write(`${said}\n`);
  return EXIT.done;
}

function nameOf({ experiment, arm, factors, metric }: Series): string {
  const pairs = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return [experiment, arm, ...pairs, metric].filter((part) => part !== null).join(' ');
}

function changeText(series: Series, { at, before, after, ratio }: Change): string {
  const digits = (value: number) => formatSignificant(value, 4);
  const pct = Number.isFinite(ratio) ? ` (${formatChange(ratio)})` : '';
  const since = at.commit === null ? basename(at.runId) : at.commit.slice(0, 12);
  return `${nameOf(series)}: ${digits(before)} → ${digits(after)} ${METRICS[series.metric].unit}${pct} since ${since}, ${at.at}`;
}

function check(asked: Asked, history: History): ExitCode {
  const worse = chosen(asked, history).flatMap((series) => {
    const change = recentWorsening(series, asked.recent);
    return change ? [{ series, change, text: changeText(series, change) }] : [];
  });
  if (asked.json) {
    process.stdout.write(`${JSON.stringify({ runs: history.entries.length, worse })}\n`);
  } else {
    for (const { text, series } of worse) process.stdout.write(`worse: ${text} [${series.machineClass}]\n`);
    if (worse.length === 0) {
      process.stdout.write(`No recent change for the worse in ${history.entries.length} runs.\n`);
    }
  }
  return worse.length === 0 ? EXIT.done : EXIT.failed;
}
