/** `npm run bisect`: finds the commit that made an arm slower, with its confidence. */
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import { formatFixed } from '../../core/text/format.ts';
import { bisect as findChange } from '../../regression/compare/bisect.ts';
import { COST_METRICS } from '../../regression/compare/costs/costs.ts';
import { Workshop } from '../../regression/compare/workshop.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { commitOf, commitsBetween, describeCommit } from '../../regression/git.ts';
import { GUARDS } from '../../regression/guards/counts.ts';
import type { Command, FlagTable, Invocation } from '../command.ts';
import { install, needsOfArms } from '../install.ts';
import { ARM, DEFAULT_ARM, JSON_OUTPUT, SEED } from '../options/shared.ts';
import { readStoreServer, STORE_SERVER, storeOf } from '../options/store-server.ts';
import { print, printJson } from '../output.ts';
import { readName, readSeconds, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { ROOT } from '../root.ts';

const [CPU] = COST_METRICS;
const METRICS = [...COST_METRICS, ...GUARDS.map(({ metric }) => metric)];

const FLAGS = {
  good: { value: 'REF', help: 'Start at this commit, which is known to be fast (required).' },
  bad: { value: 'REF', help: 'End at this commit, which is known to be slow (default: HEAD).' },
  arm: ARM,
  metric: { value: 'NAME', help: `Compare one of ${METRICS.join(', ')} (default: ${CPU}).` },
  budget: { value: 'TIME', help: 'Spend at most this time on measuring, installation not counted (default: 10m).' },
  seed: SEED,
  ...STORE_SERVER,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

export const bisect: Command = {
  flags: FLAGS,
  examples: [
    { args: '--good v1.2 --arm session-redis', does: 'which commit since v1.2 made it slower' },
    { args: '--good HEAD~20 --metric redis_commands_per_request', does: 'which commit sends more Redis commands' },
  ],
  notes: async () => [
    'Changes in counts, such as Redis commands or bytes, are found exactly; changes in CPU time with the confidence that is printed.',
    'Each build first passes the quick part of the gate as far as the good one does; a commit that does not is skipped.',
    'The exit code is 1 if the bad commit is not worse than the good one, or verifies less.',
  ],
  stopsInOrder: true,
  run: runBisect,
};

async function runBisect({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  if (values.good === undefined) faults.push('--good is missing: name a commit before it got slower');
  const wanted = readName('metric', values.metric ?? CPU, METRICS, faults);
  const metric = METRICS.find((name) => name === wanted) ?? CPU;
  const budgetSeconds = readSeconds('budget', values.budget ?? '10m', faults) ?? 0;
  const seed = readSeed(values.seed, faults);
  readStoreServer({ values, faults });
  refuseFaults();
  const goodCommit = await commitOf(ROOT, values.good ?? '', '--good');
  const badCommit = await commitOf(ROOT, values.bad ?? 'HEAD', '--bad');
  const commits = await commitsBetween(ROOT, goodCommit, badCommit);
  const store = await storeOf({ values });
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
      progress.update('bisect', 'checking out good and bad', undefined, budgetSeconds);
      const good = await workshop.make('good', goodCommit);
      const bad = await workshop.make('bad', badCommit);
      const known = [...new Set([...good.arms, ...bad.arms].map(({ name }) => name))];
      const arm = readName('arm', values.arm ?? DEFAULT_ARM, known, faults);
      refuseFaults();
      await install(
        needsOfArms(
          [good, bad].flatMap(({ arms }) => arms.filter(({ name }) => name === arm)),
          store,
        ),
        signal,
      );
      const found = await findChange({
        environment: await makeEnvironment(janitor, store),
        good,
        bad,
        commits,
        makeBuild: (commit) => workshop.make('probe', commit),
        arm,
        known: await describeArms(),
        metric,
        budgetSeconds,
        seed,
        signal,
        onProgress: (step, live, left) => progress.update('bisect', step, live, left),
      });
      progress.clear();
      const described = await Promise.all(found.candidates.map((commit) => describeCommit(ROOT, commit)));
      const { base, head } = found.change;
      const confidencePct = 100 * found.confidence;
      if (switches.has('json')) printJson({ arm, metric, seed, commits: commits.length, described, ...found });
      else {
        const which = described.length === 1 ? 'The first bad commit is' : 'The first bad commit is one of';
        print(
          `${which} ${described.join('; ')}\n${metric} of ${arm} went from ${formatFixed(base, 2)} to ${formatFixed(head, 2)}; ${found.probes.length} of ${commits.length} commits were probed; confidence ${formatFixed(confidencePct, 1)} %`,
        );
      }
      return EXIT.done;
    },
    () => progress.clear(),
    () => workshop.close(),
    () => janitor.finish(),
  );
}
