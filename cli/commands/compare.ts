/** `npm run compare`: two builds side by side; red only if something really got slower. */
import { allowedCores } from '../../bench/processes/cores.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, usageError } from '../../core/errors.ts';
import type { TollgateConfig } from '../../core/thresholds/config.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import { type Build, isFolder, Workshop } from '../../regression/compare/build.ts';
import { type ArmComparison, compareBuilds, speedOf } from '../../regression/compare/compare.ts';
import { CONFIDENCE } from '../../regression/compare/contest.ts';
import { figuresOf } from '../../regression/compare/figures.ts';
import { areIdentical } from '../../regression/compare/identity.ts';
import { compareCases, junitXml } from '../../regression/compare/junit.ts';
import { regressionsOf } from '../../regression/compare/regressions.ts';
import {
  type BuildSummary,
  type CompareReport,
  compareMarkdown,
  compareText,
  faultsOf,
  securityFaults,
  warningsOf,
} from '../../regression/compare/report.ts';
import { findCounters } from '../../regression/counters/perf.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { mergeBase } from '../../regression/git.ts';
import { findValgrind } from '../../regression/instructions/callgrind.ts';
import { checkBuilds } from '../../regression/security/check.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Command, Invocation } from '../command.ts';
import { install } from '../install.ts';
import { COMPARE_FLAGS, COMPARE_NOTES, type CompareOptions, readCompareOptions } from '../options/compare.ts';
import { readCores, useCores } from '../options/cores.ts';
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
    { args: '--base-of origin/main', does: 'the working tree with the commit at which it left the main branch' },
    { args: '--base v1.2 --head v1.3 --arms session-redis --markdown compare.md', does: 'two releases, one arm' },
  ],
  notes: async () => COMPARE_NOTES,
  stopsInOrder: true,
  run: runCompare,
};

async function runCompare(invocation: Invocation): Promise<ExitCode> {
  const { values, faults, refuseFaults, signal } = invocation;
  const known = await describeArms();
  const config = readConfigOf(
    { file: values.config ?? null, strict: invocation.switches.has('strict'), command: 'compare' },
    known,
    faults,
  );
  const options = readCompareOptions(invocation, config);
  const cores = readCores(values.cores, allowedCores(), faults);
  checkWritable('markdown', options.markdown, faults);
  checkWritable('junit', options.junit, faults);
  refuseFaults();
  useCores(cores);
  const redisUrl = await redisUrlOf(process.env);
  if (options.instructionsMarginPct !== null) findValgrind();
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  try {
    const [base, head] = await makeBuilds(workshop, options, progress, signal);
    progress.clear();
    const arms = [...base.arms, ...head.arms];
    readNames('arms', options.arms.join(','), [...new Set(arms.map(({ name }) => name))], faults);
    refuseFaults();
    const isIdentical = !options.anyway && areIdentical(base, head);
    const comparing = { ...invocation, options, config, redisUrl, base, head, known, janitor, progress };
    if (isIdentical) {
      show(nothingToCompare(comparing), options);
      return EXIT.done;
    }
    await install({ redis: arms.some(({ name, usesRedis }) => usesRedis && options.arms.includes(name)) }, signal);
    const report = await measure(comparing);
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
  const { base: named, baseOf, head } = options;
  const make = async (which: 'base' | 'head', what: string | null) => {
    signal.throwIfAborted();
    progress.update('compare', `checking out and installing ${which}`, undefined, options.budgetSeconds);
    return workshop.make(which, what);
  };
  const commit = baseOf === null ? named : await mergeBaseOf(baseOf, head);
  if (head !== null && !isFolder(head)) return [await make('base', commit), await make('head', head)];
  // Its packages are there or refused, so nothing is installed for a comparison that cannot be.
  const folder = await make('head', head);
  return [await make('base', commit), folder];
}

/** The commit at which a branch was left; the working tree left it where its commit did. */
async function mergeBaseOf(branch: string, head: string | null): Promise<string> {
  if (head !== null && isFolder(head)) {
    throw usageError(`--base-of needs a commit to judge, and --head ${head} is a folder`, 'use --base with a folder');
  }
  return mergeBase(ROOT, branch, head ?? 'HEAD', '--base-of');
}

interface Comparing extends Pick<Invocation, 'args' | 'signal'> {
  readonly options: CompareOptions;
  readonly config: TollgateConfig;
  readonly redisUrl: string | null;
  readonly base: Build;
  readonly head: Build;
  /** The arms as this checkout describes them. */
  readonly known: readonly ArmInfo[];
  readonly janitor: Janitor;
  readonly progress: ProgressLine;
}

/** An interrupted comparison reports the arms that it had measured. */
async function measure(comparing: Comparing): Promise<CompareReport> {
  const { options, config, base, head, progress, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const counters = options.guardsOnly ? null : await findCounters();
  const noted = new Set<string>();
  const environment = await makeEnvironment(comparing.janitor, comparing.redisUrl);
  const { arms: asked, unsafe } = options;
  const security = await checkBuilds(base, head, {
    environment,
    arms: asked,
    known: comparing.known,
    signal,
    onProgress: (arm) => progress.update('compare', `${arm}: security checks`, undefined, options.budgetSeconds),
  });
  const isRefused = !unsafe && securityFaults(security).length > 0;
  const arms = isRefused
    ? []
    : await compareBuilds({
        environment,
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
    ...headerOf(comparing),
    startedAt,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal.aborted,
    security,
    arms,
    regressions: regressionsOf(arms),
    thresholds: isRefused ? [] : judgeThresholds(config.thresholds, figuresOf(arms)),
    notes: [...notesOf(arms, base, head), ...(counters === null ? [] : [counters.says])],
  };
}

/** The machine's own paths are of no use where the command is typed again; a seed is shown beside it. */
const OUTPUTS = ['--markdown', '--junit', '--seed'];

function withoutOutputs(args: readonly string[]): string[] {
  return args.filter((arg, i) => {
    const isValue = OUTPUTS.includes(args[i - 1] ?? '');
    return !isValue && arg !== '--json' && !OUTPUTS.includes(arg.replace(/=.*/s, ''));
  });
}

function headerOf({ args, options, base, head }: Comparing) {
  return {
    command: typedCommand('compare', withoutOutputs(args)),
    base: summaryOf(base),
    head: summaryOf(head),
    marginPct: options.marginPct,
    confidence: CONFIDENCE,
    seed: options.seed,
    identical: false,
    unsafe: options.unsafe,
  };
}

/** Of identical builds every difference would be one of the machine. */
function nothingToCompare(comparing: Comparing): CompareReport {
  return {
    ...headerOf(comparing),
    startedAt: new Date().toISOString(),
    seconds: 0,
    interrupted: false,
    identical: true,
    security: [],
    arms: [],
    regressions: [],
    thresholds: [],
    notes: [
      'Their servers, packages and Node are the same, so nothing was started; --anyway measures them all the same.',
    ],
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
  writeReportFile(junit, junitXml('tollgate compare', compareCases(report), report));
  annotate('error', faults);
  annotate('warning', warningsOf(report));
}
