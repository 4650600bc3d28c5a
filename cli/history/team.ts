/** Team features of the history: a shared page, accepted changes, and a weekly digest. */
import { basename, dirname, resolve } from 'node:path';
import { writeAtomically } from '../../core/atomic-file.ts';
import { EXIT, type ExitCode, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { type Acceptance, acceptanceLine } from '../../core/results/history/acceptance.ts';
import type { History } from '../../core/results/history/history.ts';
import type { Series } from '../../core/results/history/series.ts';
import { type Change, isDrift, movesOf } from '../../core/results/history/trend.ts';
import { digest as digestOf } from '../../regression/history/digest.ts';
import { print, printJson } from '../output.ts';
import type { HistoryOptions } from './options.ts';
import { changeText } from './text.ts';

/** @throws TollgateError if the file or the branch cannot be written */
export async function page(options: HistoryOptions, history: History, series: readonly Series[]): Promise<ExitCode> {
  const { teamPage } = await import('../../reports/history/team-page.ts');
  const content = await teamPage(history, series);
  const file = options.out ?? '';
  makeFolders(dirname(resolve(file)));
  writeAtomically(resolve(file), content);
  if (options.publish) {
    const { publish, name } = options.store;
    if (publish === null) throw usageError(`the history is in ${name}, not on a branch`, 'name one with --branch');
    await publish('index.html', content, 'Draw the page');
  }
  const where = options.publish ? `${file}, and index.html on ${options.store.name}` : file;
  if (options.json) printJson({ file, published: options.publish, runs: history.runs });
  else print(`Wrote ${where}.`);
  return EXIT.done;
}

const isRun = (wanted: string, runId: string) => runId === wanted || basename(runId) === wanted;

/** The run that names a change; a drift, which no run began, is named by its last. */
const beganWith = (change: Change) => (isDrift(change) ? change.known.after : change.at);

/** @throws TollgateError (usage) if no change for the worse begins with the run */
export async function accept(options: HistoryOptions, series: readonly Series[]): Promise<ExitCode> {
  const { run, reason, owner, arm, metric, store, json } = options;
  const asked = series.filter((one) => arm === null || one.arm === arm);
  const worse = asked.flatMap((one) =>
    movesOf(one)
      .filter(({ better }) => better === 'worse')
      .map((change) => ({ series: one, change })),
  );
  const found = worse.filter(({ change }) => isRun(run, beganWith(change).runId));
  const [first] = found;
  if (first === undefined) {
    const others = [...new Set(worse.map(({ change }) => basename(beganWith(change).runId)))].slice(-5);
    throw usageError(
      `no change for the worse${arm === null ? '' : ` of ${arm}`}${metric === null ? '' : ` in ${metric}`} begins with run ${run}`,
      others.length === 0
        ? 'show the changes with npm run history -- check'
        : `such changes begin with ${others.join(', ')}`,
    );
  }
  const { runId, at: runAt } = beganWith(first.change);
  const common = { at: new Date().toISOString(), runId, runAt, reason, owner };
  // Only what is known now: another figure may show a change of the same run later, which nobody has seen.
  const each = Map.groupBy(found, (one) => `${one.series.arm} ${one.series.metric}`);
  const known = [...each.values()].flatMap((own) => own.slice(0, 1).map((one) => one.series));
  const accepted: Acceptance[] = options.all
    ? [{ ...common, arm, metric }]
    : known.map((one) => ({ ...common, arm: one.arm, metric: one.metric }));
  await store.append(accepted.map(acceptanceLine).join(''), `Accept ${basename(runId)}`);
  const changes = found.map((one) => changeText(one.series, one.change));
  if (json) printJson({ accepted, changes });
  else print([`Accepted by ${owner}: ${reason}`, ...changes.map((text) => `  ${text}`)].join('\n'));
  return EXIT.done;
}

/** @throws TollgateError if the file cannot be written */
export function digest(options: HistoryOptions, history: History, series: readonly Series[]): ExitCode {
  const { days, out, json } = options;
  const markdown = digestOf(history, series, { days, untilMs: Date.now(), all: options.metric !== null });
  if (out !== null) {
    makeFolders(dirname(resolve(out)));
    writeAtomically(resolve(out), markdown);
  }
  if (json) printJson({ markdown, file: out });
  else print(out === null ? markdown : `Wrote ${out}.`);
  return EXIT.done;
}
