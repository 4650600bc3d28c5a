/** `npm run compare`: two builds side by side; fails only on a real regression. */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { allowedCores } from '../../bench/processes/cores.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, thenEnding, usageError } from '../../core/errors.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import type { Build } from '../../regression/compare/build.ts';
import { figuresOf } from '../../regression/compare/figures.ts';
import { areIdentical } from '../../regression/compare/identity.ts';
import { regressionsOf } from '../../regression/compare/regressions.ts';
import type { CompareReport } from '../../regression/compare/report.ts';
import { isFolder, Workshop } from '../../regression/compare/workshop.ts';
import { type First, readFirst, refuseOtherCode } from '../../regression/confirm/first.ts';
import { redOf } from '../../regression/confirm/red.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { mergeBase } from '../../regression/git.ts';
import { valgrindPath } from '../../regression/instructions/callgrind.ts';
import type { NpmOptions } from '../../regression/packages/npm.ts';
import type { Command, Invocation } from '../command.ts';
import type { Comparing } from '../compare/comparing.ts';
import { confirm } from '../compare/confirm.ts';
import { headerOf, notCompared, nothingToCompare } from '../compare/header.ts';
import { measure, notesOf } from '../compare/measure.ts';
import { makePair, refuseMissing } from '../compare/packages.ts';
import { measurePairs } from '../compare/pairs.ts';
import { show } from '../compare/show.ts';
import { install, needsOfArms } from '../install.ts';
import { COMPARE_FLAGS, COMPARE_NOTES, type CompareOptions, readCompareOptions } from '../options/compare.ts';
import { readCores, useCores } from '../options/cores.ts';
import { readStoreServer, storeOf } from '../options/store-server.ts';
import { print } from '../output.ts';
import { checkoutFor } from '../package/needs-checkout.ts';
import { readArms } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { checkWritable } from '../report-file.ts';
import { ROOT } from '../root.ts';
import { readConfigOf } from '../thresholds.ts';

export const compare: Command = {
  flags: COMPARE_FLAGS,
  examples: [
    { args: '--base-of origin/main', does: 'the working tree against its merge base with the main branch' },
    {
      args: '--package fast-jwt@6.3.5 fast-jwt@6.3.6 --arms jwt-hs256',
      does: 'two versions of one dependency on the same servers',
    },
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
  const typed = readCompareOptions(invocation, config, process.env);
  const cores = readCores(values.cores, allowedCores(), faults);
  checkWritable('markdown', typed.markdown, faults);
  checkWritable('junit', typed.junit, faults);
  checkWritable('flame', typed.flame, faults);
  if (typed.flame !== null && !typed.flame.endsWith('.svg')) faults.push(`--flame: ${typed.flame} must end in .svg`);
  readStoreServer({ values, faults });
  refuseFaults();
  checkoutFor('compare');
  const first = typed.confirmOf === null ? null : readFirst(typed.confirmOf);
  if (first?.red.length === 0) {
    print('Nothing failed, so there is nothing to confirm.');
    return EXIT.done;
  }
  const options = first === null ? typed : optionsOf(first, typed);
  useCores(cores);
  const store = await storeOf({ values });
  if (options.instructionsMarginPct !== null) valgrindPath();
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
      const made = await makeAll(workshop, options, progress, { janitor, signal });
      progress.clear();
      for (const [base, head] of made) if (first !== null) refuseOtherCode(first, base, head);
      const arms = made.flatMap(([base, head]) => [...base.arms, ...head.arms]);
      const names = readArms(options.arms.join(','), [...new Set(arms.map(({ name }) => name))], faults);
      refuseFaults();
      const shared = { ...invocation, config, workshop, known, janitor, progress };
      const { secondsPerArm } = options;
      const inAll = secondsPerArm === null || first !== null ? options.budgetSeconds : secondsPerArm * names.length;
      const share = { ...options, arms: names, budgetSeconds: inAll / made.length };
      const comparings = made.map(([base, head]) => ({ ...shared, options: share, base, head }));
      const isIdentical = ({ base, head }: Comparing) => !options.anyway && areIdentical(base, head);
      if (!comparings.every(isIdentical))
        await install(
          needsOfArms(
            arms.filter(({ name }) => names.includes(name)),
            store,
          ),
          signal,
        );
      const measureOne = async (comparing: Comparing) => {
        if (isIdentical(comparing)) return nothingToCompare(comparing);
        const environment = await makeEnvironment(janitor, store);
        return first === null ? measureAll(comparing, environment) : confirmFirst(comparing, environment, first);
      };
      const { reports, exitCode } = await measurePairs(comparings, measureOne, notCompared, signal);
      await show(reports, options);
      return exitCode;
    },
    () => progress.clear(),
    () => workshop.close(),
    () => janitor.finish(),
  );
}

/** Makes all builds before the first is started, so that a fault in any is reported before load. */
async function makeAll(
  workshop: Workshop,
  options: CompareOptions,
  progress: ProgressLine,
  npm: Omit<NpmOptions, 'cwd'>,
): Promise<[Build, Build][]> {
  const { packages, head, budgetSeconds } = options;
  if (packages.length === 0) return [await makeBuilds(workshop, options, progress, npm.signal)];
  progress.update('compare', 'asking npm for the versions', undefined, budgetSeconds);
  await refuseMissing(packages, head, npm);
  const made: [Build, Build][] = [];
  for (const pair of packages) {
    npm.signal.throwIfAborted();
    progress.update('compare', `installing ${pair.name} ${pair.base} and ${pair.head}`, undefined, budgetSeconds);
    made.push(await makePair(pair, head, workshop));
  }
  return made;
}

/** Measures, and repeats failing results if requested; but not those of security checks, since then nothing was measured. */
async function measureAll(comparing: Comparing, environment: FleetEnvironment): Promise<CompareReport> {
  const report = await measure(comparing, environment);
  const { arms, thresholds, interrupted, seed, asked, confidence, machineClass } = report;
  const red = redOf(arms, thresholds);
  if (!comparing.options.confirm || interrupted || red.every(({ arm }) => arm === null)) return report;
  const first = { red, seed, asked, confidence, machineClass, fromFile: false };
  const confirmation = await confirm(comparing, environment, first);
  return { ...report, interrupted: confirmation.interrupted, confirmation };
}

/** Reports a second measurement alone: its arms are those that it measured. */
async function confirmFirst(comparing: Comparing, environment: FleetEnvironment, first: First): Promise<CompareReport> {
  const confirmation = await confirm(comparing, environment, { ...first, fromFile: true });
  const { startedAt, seconds, interrupted, arms, seed } = confirmation;
  return {
    ...headerOf(comparing),
    ...{ startedAt, seconds, interrupted, arms, seed, confirmation, confidence: first.confidence },
    security: [],
    regressions: regressionsOf(arms),
    thresholds: judgeThresholds(comparing.config.thresholds, figuresOf(arms)),
    notes: notesOf(arms, comparing.base, comparing.head, comparing.options.metrics),
  };
}

/** The options of the first measurement, for the failing arms, each with its share of the time. */
function optionsOf(first: First, typed: CompareOptions): CompareOptions {
  const { asked, red, marginPct, seed, unsafe, base, head } = first;
  if (typed.base === '' && base.commit === null) {
    throw usageError(
      `--base is missing: the first measurement was of ${base.label}, which is not a commit`,
      'pass it with --base',
    );
  }
  return {
    ...typed,
    ...{ marginPct, seed, unsafe, metrics: asked.metrics, instructionsMarginPct: asked.instructionsMarginPct },
    base: typed.base === '' ? (base.commit ?? '') : typed.base,
    head: typed.head ?? head.commit,
    anyway: true,
    arms: [...new Set(red.flatMap(({ arm }) => arm ?? []))],
    budgetSeconds: secondsOf(typed, asked),
  };
}

/** The time of the whole first measurement, of which each failing arm has its share. */
function secondsOf({ secondsPerArm, isBudgetGiven, budgetSeconds }: CompareOptions, asked: First['asked']): number {
  if (secondsPerArm !== null) return secondsPerArm * asked.arms.length;
  return isBudgetGiven ? budgetSeconds : asked.budgetSeconds;
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
  // Its packages exist or have been refused, so nothing is installed in vain.
  const folder = await make('head', head);
  return [await make('base', commit), folder];
}

/** The merge base with a branch; for the working tree, that of its commit. */
async function mergeBaseOf(branch: string, head: string | null): Promise<string> {
  if (head !== null && isFolder(head)) {
    throw usageError(`--base-of needs a commit to judge, and --head ${head} is a folder`, 'use --base with a folder');
  }
  return mergeBase(ROOT, branch, head ?? 'HEAD', '--base-of');
}
