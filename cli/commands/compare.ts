/** `npm run compare`: two builds side by side; red only when something really got slower. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, messageOf, usageError } from '../../core/errors.ts';
import { readConfig, type TollgateConfig } from '../../core/thresholds/config.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import { annotation } from '../../regression/compare/annotations.ts';
import { type Build, Workshop } from '../../regression/compare/build.ts';
import { type ArmComparison, compareBuilds, regressionsOf, speedOf } from '../../regression/compare/compare.ts';
import { CONFIDENCE } from '../../regression/compare/contest.ts';
import { compareCases, junitXml } from '../../regression/compare/junit.ts';
import {
  type BuildSummary,
  type CompareReport,
  compareMarkdown,
  compareText,
  faultsOf,
  figuresOf,
} from '../../regression/compare/report.ts';
import { GUARD_USERS } from '../../regression/guards/count.ts';
import { commandLine } from '../command-line.ts';
import { COMPARE_FLAGS, type CompareAsked, compareHelp, readCompareFlags } from '../compare-flags.ts';
import { nearest, parseFlags } from '../flags.ts';
import { setUp } from '../helpers.ts';
import { ProgressLine, printFaults, printNote } from '../terminal.ts';

/** The checkout that this command is part of: its packages serve builds with an equal lock file. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HELP = 'npm run compare -- --help lists every flag';

export async function makeEnvironment(janitor: Janitor): Promise<FleetEnvironment> {
  return {
    janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(GUARD_USERS, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'compare',
    onDeath: () => {},
  };
}

/** @throws TollgateError (usage) where a report could not be written at the end */
export function checkWritable(flag: string, path: string | null): void {
  if (path !== null && !existsSync(dirname(resolve(path)))) {
    throw usageError(`--${flag}: there is no folder ${dirname(resolve(path))}`, 'make it first, or name another file');
  }
}

/** @returns the exit code */
export async function compareCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, COMPARE_FLAGS);
  if (parsed.switches.has('help')) {
    process.stdout.write(compareHelp());
    return EXIT.done;
  }
  const own = (await describeArms()).map(({ name }) => name);
  const config = readConfig(parsed.values.config ?? null, { arms: own, near: nearest });
  const seed = Math.floor(Math.random() * 2 ** 31);
  const first = readCompareFlags(parsed, config, null, seed);
  if (first.faults.length > 0) {
    printFaults(first.faults, HELP);
    return EXIT.usage;
  }
  checkWritable('markdown', first.markdown);
  checkWritable('junit', first.junit);
  const janitor = await Janitor.start();
  const workshop = new Workshop(ROOT, janitor, signal);
  const progress = new ProgressLine();
  try {
    const [base, head] = await makeBuilds(workshop, first, progress, signal);
    const known = [...new Set([...base.arms, ...head.arms].map(({ name }) => name))];
    const asked = readCompareFlags(parsed, config, known, seed);
    if (asked.faults.length > 0) {
      progress.clear();
      printFaults(asked.faults, HELP);
      return EXIT.usage;
    }
    const usesRedis = [...base.arms, ...head.arms].some((arm) => arm.usesRedis && asked.arms.includes(arm.name));
    await setUp({ redis: usesRedis }, signal);
    return await compare({ args, asked, config, base, head, janitor, progress, signal });
  } finally {
    progress.clear();
    workshop.close();
    await janitor.finish();
  }
}

async function makeBuilds(
  workshop: Workshop,
  asked: CompareAsked,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<[Build, Build]> {
  progress.update('compare', 'checking out and installing base', undefined, asked.budgetSeconds);
  const base = await workshop.make('base', asked.base);
  signal.throwIfAborted();
  progress.update('compare', 'checking out and installing head', undefined, asked.budgetSeconds);
  return [base, await workshop.make('head', asked.head)];
}

interface Comparing {
  readonly args: readonly string[];
  readonly asked: CompareAsked;
  readonly config: TollgateConfig;
  readonly base: Build;
  readonly head: Build;
  readonly janitor: Janitor;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

async function compare(comparing: Comparing): Promise<ExitCode> {
  const { args, asked, config, base, head, progress, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const arms: ArmComparison[] = [];
  try {
    await compareBuilds({
      environment: await makeEnvironment(comparing.janitor),
      ...asked,
      base,
      head,
      signal,
      onProgress: (step, live, left) => progress.update('compare', step, live, left),
      onArm: (arm) => {
        arms.push(arm);
        progress.clear();
        for (const { text } of regressionsOf([arm])) printNote(`${arm.arm}: ${text}`);
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  progress.clear();
  const report: CompareReport = {
    command: commandLine('compare', args),
    startedAt,
    base: summaryOf(base),
    head: summaryOf(head),
    marginPct: asked.marginPct,
    confidence: CONFIDENCE,
    seed: asked.seed,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal.aborted,
    arms,
    regressions: regressionsOf(arms),
    thresholds: judgeThresholds(config.thresholds, figuresOf(arms)).filter(({ outcome }) => outcome !== 'not-measured'),
    notes: notesOf(arms, base, head),
  };
  show(report, asked);
  if (signal.aborted) return EXIT.interrupted;
  return faultsOf(report).length === 0 ? EXIT.done : EXIT.failed;
}

/** What a reader should know of how it was measured. */
function notesOf(arms: readonly ArmComparison[], base: Build, head: Build): string[] {
  const costs = arms.flatMap((arm) => arm.costs);
  const notes: string[] = [];
  if (costs.length > 0 && speedOf([base, head]) === 'sooner') {
    notes.push(
      'V8 was asked to optimise sooner on both sides: compare the ratios, not the µs with those of npm run bench.',
    );
  }
  if (costs.some(({ pinned }) => !pinned)) {
    notes.push('The servers had no core of their own (one core, or no taskset): it takes longer to know.');
  }
  return notes;
}

function summaryOf({ label, commit, node }: Build): BuildSummary {
  return { label, commit, node };
}

function show(report: CompareReport, { json, markdown, junit }: CompareAsked): void {
  process.stdout.write(json ? `${JSON.stringify({ ...report, faults: faultsOf(report) })}\n` : compareText(report));
  write('markdown', markdown, compareMarkdown(report));
  write('junit', junit, junitXml('tollgate compare', compareCases(report)));
  if (process.env.GITHUB_ACTIONS === 'true') {
    for (const fault of faultsOf(report)) process.stderr.write(`${annotation('error', 'Tollgate', fault)}\n`);
  }
}

/** @throws TollgateError (usage) when the file cannot be written */
export function write(flag: string, path: string | null, text: string): void {
  if (path === null) return;
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw usageError(`--${flag}: ${path} cannot be written (${messageOf(error)})`, 'name a file that may be written');
  }
}
