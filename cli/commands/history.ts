/** `npm run history`: figures over time, by class of machine, and what changed. */

import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeAtomically } from '../../core/atomic-file.ts';
import { EXIT, type ExitCode, runError, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { acceptedBy } from '../../core/results/history/accepted-by.ts';
import { historyLine } from '../../core/results/history/entry.ts';
import {
  type DamagedLine,
  type History,
  headersOf,
  type ReadHistory,
  readHistory,
} from '../../core/results/history/history.ts';
import { jointWorsenings } from '../../core/results/history/jointly.ts';
import { liveSeries } from '../../core/results/history/live.ts';
import type { Series } from '../../core/results/history/series.ts';
import { trendOf } from '../../core/results/history/trend.ts';
import { isJudged } from '../../core/results/history/watched.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { counted } from '../../core/text/format.ts';
import { COST_METRICS } from '../../regression/compare/costs/costs.ts';
import { GUARDS } from '../../regression/guards/counts.ts';
import { detectionText } from '../../regression/history/calibration-table.ts';
import { entryOf } from '../../regression/history/entry.ts';
import { explain } from '../../regression/history/explain.ts';
import { linksFrom } from '../../regression/history/links.ts';
import type { HistoryStore } from '../../regression/history/store.ts';
import type { Command } from '../command.ts';
import { HISTORY_FLAGS, type HistoryOptions, readHistoryOptions } from '../history/options.ts';
import { accept, digest, page } from '../history/team.ts';
import { asideText, changeText, mixedText, staleText, uncertainText, worseText } from '../history/text.ts';
import { print, printJson, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { keepHeapSmall } from '../report/small-heap.ts';
import { LATEST } from '../root.ts';

/** Metrics that `bisect` can look for. */
const BISECTABLE = [...COST_METRICS, ...GUARDS.map(({ metric }) => metric)];

export const history: Command = {
  flags: HISTORY_FLAGS,
  positionals: [
    {
      name: 'add|show|check|page|accept|digest|calibrate',
      help: 'add records a run; show draws the trends; check fails on a recent regression; page draws each arm’s toll for a team; accept records why a regression is accepted; digest summarises a week; calibrate tests the detection on simulated series.',
    },
    {
      name: '[DIR|RUN]',
      help: `add: the folder of a run (default: ${LATEST}). accept: the first run of the change.`,
    },
  ],
  examples: [
    { args: 'add results/full', does: 'keeps a run' },
    { args: 'check --metric cpu_us_per_request', does: 'fails if CPU time got worse' },
    {
      args: 'page --branch tollgate-history --publish',
      does: 'draws a page for the team, which can be served from a branch',
    },
    {
      args: 'accept 2026-11-28 --owner ada --reason security',
      does: 'makes check pass that change from now on',
    },
    { args: 'calibrate', does: 'shows how well known changes in simulated series are detected' },
  ],
  notes: async () => ['Figures from different machine classes are never compared.'],
  async run(invocation) {
    const options = readHistoryOptions(invocation);
    const { store } = options;
    if (options.verb === 'add') return add(options);
    if (options.verb === 'calibrate') return calibrate(options, invocation.signal);
    if (options.verb === 'check') keepHeapSmall();
    const kept = await readHistory((from) => store.lines(from), options.last, options.order);
    tellDamaged(store, kept.damaged);
    if (kept.entries.length === 0 && kept.damaged.length > 0) {
      throw usageError(
        `${store.name} contains no run that can be read`,
        'use the version of Tollgate that wrote it, or restore the file',
      );
    }
    if (kept.entries.length === 0) {
      throw usageError(
        `${store.name} contains no run yet`,
        `add one: npm run history -- add ${LATEST}${options.place}`,
      );
    }
    if (kept.outOfTime > 0 && options.order === 'added') {
      const says = `${counted(kept.outOfTime, 'run')} of ${store.name} started later, by the clock, than a run that was added afterwards`;
      printNote(`${says}: they are ordered as they were added; use --order time to order by timestamp`);
    }
    const series = chosen(options, kept);
    if (options.verb === 'show') return show(options, kept, series);
    if (options.verb === 'page') return page(options, kept, series);
    if (options.verb === 'accept') return accept(options, series);
    return options.verb === 'digest' ? digest(options, kept, series) : check(options, kept, series);
  },
};

function tellDamaged({ name }: HistoryStore, damaged: readonly DamagedLine[]): void {
  for (const { line, reason } of damaged) printNote(`${name}: line ${line} is ignored: ${reason}`);
}

async function add({ run: directory, store, json }: HistoryOptions): Promise<ExitCode> {
  const run = readRun(resolve(directory));
  const entry = entryOf(run, linksFrom(process.env, run.environment.gitCommit));
  let known = false;
  let others = 0;
  const damaged: DamagedLine[] = [];
  for await (const { header } of headersOf(store.lines(), damaged)) {
    if (header.machineClass === entry.machineClass) others++;
    if (header.runId === run.runId && header.at === run.startedAt) known = true;
  }
  tellDamaged(store, damaged);
  const open = unfinished(run);
  if (open.length > 0) printNote(`the run was broken off: ${open.join(', ')} did not finish; its results are kept`);
  if (!known) await store.append(historyLine(entry), `Add ${run.runId}`);
  const { machineClass, figures } = entry;
  const runs = others + (known ? 0 : 1);
  if (json) printJson({ added: !known, runId: run.runId, machineClass, runs });
  else {
    const did = known ? 'is already in it' : `was added with ${figures.length} figures`;
    print(`${run.runId} ${did}: ${store.name} now contains ${counted(runs, 'run')} of ${machineClass}`);
  }
  return EXIT.done;
}

/** Experiments that were interrupted or failed. */
const unfinished = ({ experiments }: Run) =>
  experiments.flatMap(({ name, stoppedBy }) =>
    stoppedBy === null || stoppedBy === 'interrupted' || stoppedBy === 'failed' ? [name] : [],
  );

function chosen({ metric }: HistoryOptions, { series }: ReadHistory): Series[] {
  return series.filter((one) => metric === null || one.metric === metric);
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

async function show(options: HistoryOptions, history: History, series: readonly Series[]): Promise<ExitCode> {
  if (series.length === 0) throw runError('the history has no figure to draw', 'choose another --metric');
  await draw(series, resolve(options.out ?? ''));
  if (options.json) {
    const withChanges = series.map((one) => ({ ...one, ...trendOf(one) }));
    printJson({ file: options.out, runs: history.runs, series: withChanges });
  } else print(`Wrote ${options.out}.`);
  return EXIT.done;
}

/** @throws TollgateError if the file cannot be written */
async function draw(series: readonly Series[], file: string): Promise<void> {
  const { historyPage, historySvg } = await import('../../reports/history/page.ts');
  const content = file.endsWith('.svg') ? await historySvg(series) : await historyPage(series);
  makeFolders(dirname(file));
  writeAtomically(file, content);
}

function check(options: HistoryOptions, history: History, all: readonly Series[]): ExitCode {
  const asked = options.metric === null ? all.filter(isJudged) : all;
  const { live, stale } = liveSeries(asked, history.entries, options.recent);
  const joint = jointWorsenings(live, options.recent);
  const uncertain = joint.filter(({ isCertain }) => !isCertain).map(({ series, change }) => ({ series, change }));
  const found = joint.flatMap(({ series, change, isCertain }) => {
    if (!isCertain) return [];
    const why = explain(series, change, history.entries, BISECTABLE);
    const accepted = acceptedBy(series, change, history.acceptances);
    return [{ series, change, text: changeText(series, change), ...why, accepted }];
  });
  const worse = found.filter(({ accepted }) => accepted === null);
  const accepted = found.filter((one) => one.accepted !== null);
  if (options.json) printJson({ runs: history.runs, worse, accepted, uncertain, notJudged: stale });
  else {
    for (const { text, series } of worse) print(`worse: ${text} [${series.machineClass}]`);
    for (const line of worseText(worse)) print(line);
    for (const { text, accepted: by } of accepted) printNote(`accepted by ${by?.owner}: ${text}: ${by?.reason}`);
    for (const line of [
      ...asideText(live),
      ...mixedText(live, history.entries),
      ...stale.map(staleText),
      ...uncertainText(uncertain, live.length),
    ])
      printNote(line);
    if (worse.length === 0) print(`No recent regression in ${counted(history.runs, 'run')}.`);
  }
  return worse.length === 0 ? EXIT.done : EXIT.failed;
}
