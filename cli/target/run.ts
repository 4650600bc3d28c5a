/** Measures a service alongside our own arms in one run, and prints it like every run. */

import { needsOf, recordRun } from '../../bench/run/recorded-run.ts';
import type { ExitCode } from '../../core/errors.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import { brokenOf, type Threshold } from '../../core/thresholds/judge.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Service } from '../../target/config/service.ts';
import type { ServiceGateResult } from '../../target/gate/run.ts';
import { armsOf, checkWith } from '../../target/measure/arms.ts';
import { install } from '../install.ts';
import type { StoreChoice } from '../options/store-server.ts';
import type { Watching } from '../options/watching.ts';
import { printError, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { makeReport } from '../report/make-report.ts';
import { RESULTS } from '../root.ts';
import { journalPath, linkLatest } from '../run-folder.ts';
import { exitCodeOf, printRun } from '../run-output.ts';
import { judgeRun, noteLimits } from '../thresholds.ts';
import { typedCommand } from '../typed-command.ts';
import { watchRun } from '../watched-run.ts';

export interface TargetRun {
  readonly service: Service;
  readonly gate: ServiceGateResult;
  /** Our own arms, and the selected ones. */
  readonly ownArms: readonly ArmInfo[];
  readonly config: Omit<RunConfig, 'arms'> & { readonly arms: readonly string[] };
  readonly directory: string;
  readonly runId: string;
  /** The Redis of our own arms, and what is started for the service. */
  readonly store: StoreChoice;
  readonly watching: Watching;
  readonly unsafe: boolean;
  readonly thresholds: readonly Threshold[];
  readonly junit: string | null;
  readonly json: boolean;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

export async function measureService(options: TargetRun): Promise<ExitCode> {
  const { service, gate, ownArms, directory, runId, store, unsafe, json, args, signal } = options;
  const progress = new ProgressLine();
  const onNote = (text: string) => progress.interrupt(() => printNote(text));
  const { arms: foreignArms, foreign } = armsOf(service, gate.subject.arm, { signal, onNote });
  const arms = [...ownArms, ...foreignArms];
  const names = new Set(foreignArms.map(({ name }) => name));
  const config: RunConfig = { ...options.config, arms: [...options.config.arms, ...names] };
  // The service brings its own stores.
  const needs = needsOf({ ...config, arms: [...options.config.arms] }, ownArms);
  await install({ ...needs, redis: needs.redis && store.storeServer === null }, signal);
  const watched = await watchRun(options.watching, { runId, config, prior: [] }, arms);
  const recorded = await recordRun({
    config,
    directory,
    runId,
    prior: [],
    arms,
    foreign,
    check: checkWith(gate.result, names),
    ...store,
    journalPath: journalPath(directory),
    commandLine: typedCommand('target', [...args]),
    calibrations: RESULTS,
    unsafe,
    coresAreChosen: false,
    signal,
    onProgress: (topic, step, live, secondsLeft) => progress.update(topic, step, live, secondsLeft),
    onNote,
    onFailure: (error) => progress.interrupt(() => printError(error)),
    onLine: watched.add,
  }).finally(async () => {
    const undelivered = await watched.end();
    if (undelivered !== null) onNote(undelivered);
  });
  progress.clear();
  const result = await makeReport({ directory, command: 'target' });
  linkLatest(directory, result);
  const limits = judgeRun(options.thresholds, result.figures, options.junit);
  // A terminal shows them with the figures.
  if (json || !process.stdout.isTTY) noteLimits(limits);
  await printRun(result, directory, { ...recorded, limits }, json);
  return exitCodeOf(recorded, brokenOf(limits).length);
}
