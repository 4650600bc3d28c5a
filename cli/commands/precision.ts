/** `npm run precision`: the width and accuracy of the toll, build against build, with the targets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { representativeArms } from '../../bench/measuring/arms.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { Semaphore } from '../../bench/processes/semaphore.ts';
import { readUsableCores } from '../../bench/processes/usable-cores.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { createRandom } from '../../core/stats/random.ts';
import { formatSeconds } from '../../core/text/format.ts';
import type { Build } from '../../regression/compare/build.ts';
import { Workshop } from '../../regression/compare/workshop.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { git } from '../../regression/git.ts';
import { environmentWith } from '../../regression/precision/command.ts';
import { estimateSeconds, type MeasureOptions, measurePrecision } from '../../regression/precision/measure.ts';
import { type Finding, rowsOf, stepsOf } from '../../regression/precision/rows.ts';
import { type PrecisionReport, precisionText } from '../../regression/precision/table.ts';
import type { Command, Invocation } from '../command.ts';
import { install } from '../install.ts';
import { FIRST_BASE, PRECISION_FLAGS, type PrecisionOptions, readPrecisionOptions } from '../options/precision.ts';
import { storeServerOf } from '../options/store-server.ts';
import { noteWritten, print, printJson, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { codeOf } from '../report-times/base.ts';
import { ROOT } from '../root.ts';
import { runIdAt } from '../run-folder.ts';

const SCHEMA_VERSION = 1;
const MAIN_BRANCHES = ['origin/main', 'main'];

export const precision: Command = {
  flags: PRECISION_FLAGS,
  examples: [
    { args: '', does: 'the default rows, against the build before the targets, in about twenty minutes' },
    { args: '--rows start,wrk', does: 'only the start times, and the closed loop against wrk' },
    { args: '--long --aa-runs 40', does: 'everything, over several hours' },
  ],
  notes: async () => [
    'Each build runs its own command line, in random order. Leave the machine idle otherwise: the table shows how busy it was.',
    'It exits with 1 if a row that was measured misses its target.',
  ],
  stopsInOrder: true,
  run: runPrecision,
};

/** @returns the commit to compare with, and its name @throws TollgateError (usage) if there is no such commit */
async function baseOf(named: string | null): Promise<string> {
  if (named !== null) return named;
  const isKnown = await git(ROOT, ['merge-base', '--is-ancestor', FIRST_BASE, 'HEAD']).then(
    () => true,
    () => false,
  );
  if (isKnown) return FIRST_BASE;
  for (const branch of MAIN_BRANCHES) {
    const commit = await git(ROOT, ['merge-base', 'HEAD', branch]).catch(() => null);
    if (commit !== null) return commit;
  }
  return FIRST_BASE;
}

async function runPrecision(invocation: Invocation): Promise<ExitCode> {
  const options = readPrecisionOptions(invocation);
  invocation.refuseFaults();
  const storeServer = await storeServerOf(invocation);
  makeFolders(resolve(options.out));
  const { signal } = invocation;
  const all = await describeArms();
  const representative = representativeArms(all);
  const arms = all.filter(({ name }) => representative.includes(name));
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-precision-'));
  janitor.watchDirectory(directory);
  const progress = new ProgressLine();
  const findings: Finding[] = [];
  return thenEnding(
    async () => {
      progress.update('precision', 'making the builds', undefined, 0);
      const builds = await makeBuilds(workshop, options);
      await install({ redis: storeServer === null, ownRedis: true }, signal);
      const random = createRandom(options.seed);
      const measure: MeasureOptions = {
        ...options,
        builds,
        steps: stepsOf(options.rows),
        arms,
        environment: {
          ...(await makeEnvironment(janitor, { redisUrl: null, storeServer })),
          starts: new Semaphore(Math.max(1, Math.round(2 * readUsableCores().usable))),
        },
        janitor,
        random,
        directory,
        env: storeServer === null ? {} : environmentWith(storeServer, directory),
        signal,
        onFinding: (finding) => findings.push(finding),
        onStep: (step, detail) => progress.update(step, detail, undefined, secondsLeft()),
      };
      const until = performance.now() / 1000 + estimateSeconds(measure);
      const secondsLeft = () => until - performance.now() / 1000;
      progress.interrupt(() => printNote(`This takes about ${formatSeconds(estimateSeconds(measure))}.`));
      const failure = await measurePrecision(measure).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      progress.clear();
      // Results from before a failure are still shown and kept.
      if (failure !== null && !signal.aborted && findings.length === 0) throw failure.error;
      const report = {
        at: new Date().toISOString(),
        base: builds.base?.build.label ?? 'not measured',
        head: builds.head?.build.label ?? 'not measured',
        rows: rowsOf(findings, options.rows),
      };
      const exit = show(report, options, failure !== null);
      if (failure !== null && !signal.aborted) throw failure.error;
      return exit;
    },
    () => progress.clear(),
    () => workshop.close(),
    () => rmSync(directory, { recursive: true, force: true }),
    () => janitor.finish(),
  );
}

async function makeBuilds(workshop: Workshop, { base, only }: PrecisionOptions): Promise<MeasureOptions['builds']> {
  const old = (build: Build) => ({
    build,
    checkout: {
      ...codeOf(build),
      // Its temporary paths would otherwise stay in the usual folder permanently.
      compiled: join(build.directory, '.compiled'),
    },
  });
  const own = (build: Build) => ({
    build,
    checkout: { label: build.label, directory: ROOT, execPath: process.execPath },
  });
  return {
    ...(only === 'head' ? {} : { base: old(await workshop.make('base', await baseOf(base))) }),
    ...(only === 'base' ? {} : { head: own(await workshop.make('head', null)) }),
  };
}

function show(report: PrecisionReport, options: PrecisionOptions, stopped: boolean): ExitCode {
  const result = { schemaVersion: SCHEMA_VERSION, seed: options.seed, complete: !stopped, ...report };
  const path = join(resolve(options.out), `precision-${runIdAt(new Date(report.at))}.json`);
  writeAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
  if (options.json) printJson(result);
  else print(precisionText(report));
  noteWritten(path);
  if (stopped) return EXIT.interrupted;
  return report.rows.some(({ met }) => met === false) ? EXIT.failed : EXIT.done;
}
