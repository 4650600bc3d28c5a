/** `npm run compare`: two builds side by side; red only if something really got slower. */
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import type { TollgateConfig } from '../../core/thresholds/config.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import { type Build, Workshop } from '../../regression/compare/build.ts';
import { type ArmComparison, compareBuilds, speedOf } from '../../regression/compare/compare.ts';
import { CONFIDENCE } from '../../regression/compare/contest.ts';
import { compareCases, junitXml } from '../../regression/compare/junit.ts';
import { regressionsOf } from '../../regression/compare/regressions.ts';
import {
  type BuildSummary,
  type CompareReport,
  compareMarkdown,
  compareText,
  faultsOf,
  figuresOf,
} from '../../regression/compare/report.ts';
import { findCounters } from '../../regression/counters/perf.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { findValgrind } from '../../regression/instructions/callgrind.ts';
import type { Command, Invocation } from '../command.ts';
import { install } from '../install.ts';
import { COMPARE_FLAGS, COMPARE_NOTES, type CompareOptions, readCompareOptions } from '../options/compare.ts';
import { print, printJson, printNote } from '../output.ts';
import { readNames } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { redisUrlOf } from '../redis-url.ts';
import { checkWritable, writeReportFile } from '../report-file.ts';
import { ROOT } from '../root.ts';
import { annotate, readConfigOf } from '../thresholds.ts';
import { typedCommand } from '../typed-command.ts';

export const compare: Command = {
  flags: COMPARE_FLAGS,
  examples: [
    { args: '--base origin/main', does: 'the working tree with the main branch' },
    { args: '--base v1.2 --head v1.3 --arms session-redis --markdown compare.md', does: 'two releases, one arm' },
  ],
  notes: async () => COMPARE_NOTES,
  stopsInOrder: true,
  run: runCompare,
};

async function runCompare(invocation: Invocation): Promise<ExitCode> {
  const { values, faults, refuseFaults, signal } = invocation;
  const config = readConfigOf(
    { file: values.config ?? null, strict: invocation.switches.has('strict'), command: 'compare' },
    await describeArms(),
    faults,
  );
  const options = readCompareOptions(invocation, config);
  checkWritable('markdown', options.markdown, faults);
  checkWritable('junit', options.junit, faults);
  refuseFaults();
  const redisUrl = await redisUrlOf(process.env);
  if (options.instructionsMarginPct !== null) findValgrind();
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  try {
    const [base, head] = await makeBuilds(workshop, options, progress, signal);
    progress.clear();
    const known = [...base.arms, ...head.arms].filter(({ name }) => options.arms.includes(name));
    readNames(
      'arms',
      options.arms.join(','),
      [...new Set([...base.arms, ...head.arms].map(({ name }) => name))],
      faults,
    );
    refuseFaults();
    await install({ redis: known.some(({ usesRedis }) => usesRedis) }, signal);
    const report = await measure({ ...invocation, options, config, redisUrl, base, head, janitor, progress });
    show(report, options);
    if (signal.aborted) return EXIT.interrupted;
    return faultsOf(report).length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    progress.clear();
    workshop.close();
    await janitor.finish();
  }
}

async function makeBuilds(
  workshop: Workshop,
  options: CompareOptions,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<[Build, Build]> {
  progress.update('compare', 'checking out and installing base', undefined, options.budgetSeconds);
  const base = await workshop.make('base', options.base);
  signal.throwIfAborted();
  progress.update('compare', 'checking out and installing head', undefined, options.budgetSeconds);
  return [base, await workshop.make('head', options.head)];
}

interface Comparing extends Pick<Invocation, 'args' | 'signal'> {
  readonly options: CompareOptions;
  readonly config: TollgateConfig;
  readonly redisUrl: string | null;
  readonly base: Build;
  readonly head: Build;
  readonly janitor: Janitor;
  readonly progress: ProgressLine;
}

/** An interrupted comparison reports the arms that it had measured. */
async function measure(comparing: Comparing): Promise<CompareReport> {
  const { args, options, config, base, head, progress, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const counters = options.guardsOnly ? null : await findCounters();
  const noted = new Set<string>();
  const arms = await compareBuilds({
    environment: await makeEnvironment(comparing.janitor, comparing.redisUrl),
    ...options,
    perf: counters?.perf ?? null,
    base,
    head,
    signal,
    onProgress: (step, live, left) => progress.update('compare', step, live, left),
    onArm: (arm) =>
      progress.interrupt(() => {
        for (const { text } of regressionsOf([arm])) {
          const line = `${arm.arm}: ${text}`;
          if (!noted.has(line)) printNote(line);
          noted.add(line);
        }
      }),
  });
  progress.clear();
  return {
    command: typedCommand('compare', args),
    startedAt,
    base: summaryOf(base),
    head: summaryOf(head),
    marginPct: options.marginPct,
    confidence: CONFIDENCE,
    seed: options.seed,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal.aborted,
    arms,
    regressions: regressionsOf(arms),
    thresholds: judgeThresholds(config.thresholds, figuresOf(arms)),
    notes: [...notesOf(arms, base, head), ...(counters === null ? [] : [counters.says])],
  };
}

/** What a reader should know about how it was measured. */
function notesOf(arms: readonly ArmComparison[], base: Build, head: Build): string[] {
  const costs = arms.flatMap((arm) => arm.costs);
  const notes: string[] = [];
  if (costs.length > 0 && speedOf([base, head]) === 'sooner') {
    notes.push('V8 was told to optimise sooner on both sides: do not compare the µs with those of npm run bench.');
  }
  if (arms.some(({ instructions }) => instructions !== null)) {
    notes.push(
      'Instructions were counted in interpreted code: they show added work, and not what the JIT makes of it.',
    );
  }
  if (costs.some(({ pinned }) => !pinned)) {
    notes.push('The servers shared their cores with the load (one core, or no taskset), so a verdict takes longer.');
  }
  if (costs.some(({ isWarm }) => !isWarm)) {
    notes.push('Some servers were still being optimised when they were measured, so a verdict takes longer.');
  }
  return notes;
}

function summaryOf({ label, commit, node }: Build): BuildSummary {
  return { label, commit, node };
}

function show(report: CompareReport, { json, markdown, junit }: CompareOptions): void {
  const faults = faultsOf(report);
  if (json) printJson({ ...report, faults });
  else print(compareText(report));
  writeReportFile(markdown, compareMarkdown(report));
  writeReportFile(junit, junitXml('tollgate compare', compareCases(report)));
  annotate('error', faults);
}
