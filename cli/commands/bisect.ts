/** `npm run bisect`: finds the commit that made an arm slower, with its confidence. */

import { fileURLToPath } from 'node:url';
import { Janitor } from '../../bench/processes/janitor.ts';
import { EXIT, type ExitCode, usageError } from '../../core/errors.ts';
import { formatFixed } from '../../core/text/format.ts';
import { bisect } from '../../regression/compare/bisect.ts';
import { type Build, Workshop } from '../../regression/compare/build.ts';
import { COST_METRICS } from '../../regression/compare/contest.ts';
import { commitOf, commitsBetween, describeCommit, isAncestor } from '../../regression/git.ts';
import { GUARDS } from '../../regression/guards/counts.ts';
import { type FlagTable, helpText, parseFlags } from '../flags.ts';
import { setUp } from '../helpers.ts';
import { ProgressLine, printFaults } from '../terminal.ts';
import { type Faults, readInteger, readNames, readSeconds } from '../values.ts';
import { makeEnvironment } from './compare.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const [CPU] = COST_METRICS;
const METRICS = [...COST_METRICS, ...GUARDS.map(({ metric }) => metric)];

const FLAGS = {
  good: { value: 'REF', help: 'a commit before it got slower' },
  bad: { value: 'REF', help: 'a commit after (default: HEAD)' },
  arm: { value: 'NAME', help: 'which arm (default: jwt-hs256)' },
  metric: { value: 'NAME', help: `one of ${METRICS.join(', ')} (default: ${CPU})` },
  budget: { value: 'TIME', help: 'for all of it, installation aside (default: 10m)' },
  seed: { value: 'N', help: 'makes every random order repeatable (default: a fresh one)' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

/** @returns the exit code */
export async function bisectCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    const purpose = 'Finds the commit between good and bad that made an arm slower, by the same comparison as compare.';
    process.stdout.write(
      helpText('npm run bisect -- --good REF [flags]', purpose, FLAGS, [
        'What can be counted (Redis commands, bytes, …) is found exactly; CPU time with a confidence that is told.',
        'Exit codes: 0 found, 1 bad is not worse than good, 2 wrong usage, 3 a version cannot be installed, 130 interrupted.',
      ]),
    );
    return EXIT.done;
  }
  const { values, switches } = parsed;
  const faults: Faults = [...parsed.faults, ...parsed.positionals.map((word) => `${JSON.stringify(word)} is no flag`)];
  if (values.good === undefined) faults.push('--good is missing: name a commit before it got slower');
  const [metric] = readNames('metric', values.metric ?? CPU, METRICS, faults);
  const budgetSeconds = readSeconds('budget', values.budget ?? '10m', faults);
  const seed =
    values.seed === undefined
      ? Math.floor(Math.random() * 2 ** 31)
      : readInteger('seed', values.seed, 0, 2 ** 31 - 1, faults);
  if (faults.length > 0 || budgetSeconds === null || seed === null || values.good === undefined) {
    printFaults(faults, 'npm run bisect -- --help lists every flag');
    return EXIT.usage;
  }
  const goodCommit = await commitOf(ROOT, values.good, '--good');
  const badCommit = await commitOf(ROOT, values.bad ?? 'HEAD', '--bad');
  const commits = (await isAncestor(ROOT, goodCommit, badCommit))
    ? await commitsBetween(ROOT, goodCommit, badCommit)
    : [];
  if (commits.length === 0) {
    throw usageError('--good is not an ancestor of --bad', 'name an older commit as good and a newer one as bad');
  }
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  try {
    progress.update('bisect', 'checking out good and bad', undefined, budgetSeconds);
    const good = await workshop.make('good', goodCommit);
    const bad = await workshop.make('bad', badCommit);
    const known = [...new Set([...good.arms, ...bad.arms].map(({ name }) => name))];
    const [arm] = readNames('arm', values.arm ?? 'jwt-hs256', known, faults);
    if (arm === undefined || faults.length > 0) {
      printFaults(faults, 'npm run bisect -- --help lists every flag');
      return EXIT.usage;
    }
    await setUp({ redis: usesRedis(bad, arm) || usesRedis(good, arm) }, signal);
    const found = await bisect({
      environment: await makeEnvironment(janitor),
      good,
      bad,
      commits,
      makeBuild: (commit) => workshop.make('probe', commit),
      arm,
      metric: METRICS.find((name) => name === metric) ?? CPU,
      budgetSeconds,
      seed,
      signal,
      onProgress: (step, live, left) => progress.update('bisect', step, live, left),
    });
    progress.clear();
    const described = await Promise.all(found.candidates.map((commit) => describeCommit(ROOT, commit)));
    const { base, head } = found.change;
    const confidencePct = 100 * found.confidence;
    if (switches.has('json')) {
      process.stdout.write(`${JSON.stringify({ arm, metric, seed, commits: commits.length, described, ...found })}\n`);
    } else {
      const which = described.length === 1 ? 'The first bad commit is' : 'The first bad commit is one of';
      process.stdout.write(
        `${which} ${described.join('; ')}\n${metric} of ${arm} went from ${formatFixed(base, 2)} to ${formatFixed(head, 2)}; ${found.probes.length} of ${commits.length} commits were probed; confidence ${formatFixed(confidencePct, 1)} %\n`,
      );
    }
    return EXIT.done;
  } finally {
    progress.clear();
    workshop.close();
    await janitor.finish();
  }
}

function usesRedis(build: Build, arm: string): boolean {
  return build.arms.some(({ name, usesRedis }) => name === arm && usesRedis);
}
