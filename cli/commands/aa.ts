/** `npm run aa`: tests the comparison itself, with identical servers and with a known slowdown. */
import { accessSync, appendFileSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { unwritable } from '../../core/atomic-file.ts';
import { EXIT, type ExitCode, messageOf, thenEnding } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { formatDuration, formatFixed } from '../../core/text/format.ts';
import { type AaOptions, type AaResult, measureAa, summarise } from '../../regression/aa/aa.ts';
import { knownRatesOf, RATES_FILE, refuseDamagedRates, saveRates } from '../../regression/aa/known.ts';
import { AaFork, meets, type Rate, type Rule, secondsFor, type Unrated } from '../../regression/aa/rates.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { machineClassHere } from '../../regression/machine-class.ts';
import { refuseUnsafe } from '../../regression/security/own.ts';
import type { Command, Faults, FlagTable, Invocation } from '../command.ts';
import { install, needsOfArms } from '../install.ts';
import { ARM, DEFAULT_ARM, JSON_OUTPUT, SEED } from '../options/shared.ts';
import { readStoreServer, STORE_SERVER, storeOf } from '../options/store-server.ts';
import { print, printJson, writeText } from '../output.ts';
import { readInteger, readName, readPercentages, readSeconds, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { checkWritable } from '../report-file.ts';
import { ROOT } from '../root.ts';
import { inFolder, writableFolder } from '../run-folder.ts';
import { versionHere } from '../version.ts';

const FLAGS = {
  comparisons: { value: 'N', help: 'Make this many comparisons of each kind (default: 20).' },
  seconds: { value: 'TIME', help: 'Spend this time on each comparison, starts included (default: 10s).' },
  slowdowns: { value: 'LIST', help: 'Inject slowdowns of these percentages of CPU time (default: 5).' },
  compare: {
    help: 'Use the margins and times of npm run compare: +5 % in 60 s, +2 % in 3 minutes. Twenty of each take over two hours.',
  },
  arm: ARM,
  rates: {
    value: 'FILE',
    help: `With --compare: save the rates for this class of machine, which compare then reports (default: ${RATES_FILE}).`,
  },
  keep: { value: 'FILE', help: 'Append each fresh start to this file, and reuse those already in it.' },
  seed: SEED,
  ...STORE_SERVER,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

const AA_NOTES = [
  'All kinds of comparison use the same fresh starts, each of all servers: the reference, an identical one, and one for each',
  'slowdown. The command first prints about how long it will take. Ctrl-C ends it early, and prints the rates so far;',
  'with --keep, the same command continues later.',
];

export const aa: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: 'twenty comparisons of identical servers, twenty with 5 % more CPU time' },
    { args: '--compare --keep aa.jsonl', does: 'the error rates of npm run compare; can be interrupted and continued' },
  ],
  notes: async () => AA_NOTES,
  stopsInOrder: true,
  run: runAa,
};

const MOST_FALSE_ALARMS = 0.02;
const TARGETS: Readonly<Record<number, number>> = { 5: 0.95, 2: 0.8 };

/** The rules of `compare`, each with the time that it is promised in. */
const COMPARE_RULES: readonly Rule[] = [
  { slowdownPct: 0, seconds: 60, marginPct: 2, target: MOST_FALSE_ALARMS },
  { slowdownPct: 5, seconds: 60, marginPct: 2, target: TARGETS[5] ?? null },
  { slowdownPct: 2, seconds: 180, marginPct: 1, target: TARGETS[2] ?? null },
];

const checkFork = checker(AaFork);

/** What this process measures, and with what. */
interface Here {
  readonly arm: string | undefined;
  readonly machineClass: string;
  readonly version: string;
}

/** Why the rates of this process must not rest on a fork; null if they may. */
function otherThan({ arm, machineClass, version }: Here, fork: AaFork): string | null {
  if (fork.arm !== arm) return `is of another arm, ${fork.arm}`;
  if (fork.machineClass !== machineClass) return `was measured on another class of machine: ${fork.machineClass}`;
  if (fork.version !== version) return `was measured with another version: ${fork.version}, and this is ${version}`;
  return null;
}

/**
 * Lines that are damaged or were measured otherwise are faults: a rate must not rest on a part chosen by chance. Only
 * the first is named, because the others mostly have the same.
 */
function readKept(path: string | undefined, here: Here, faults: Faults): AaFork[] {
  if (path === undefined) return [];
  const before = faults.length;
  checkWritable('keep', path, faults);
  if (faults.length > before || !existsSync(path)) return [];
  let text: string;
  try {
    if (!statSync(path).isFile()) throw new Error('it is not a plain file');
    accessSync(path, constants.W_OK);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    faults.push(`--keep: ${path} cannot be read and extended: ${messageOf(error)}`);
    return [];
  }
  const wrong: string[] = [];
  const forks = text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      const checked = checkFork(JSON.parse(line));
      const reason = checked.ok ? otherThan(here, checked.value) : checked.reason;
      if (checked.ok && reason === null) return [checked.value];
      wrong.push(`line ${i + 1} ${reason}`);
    } catch (error) {
      wrong.push(`line ${i + 1}: ${messageOf(error)}`);
    }
    return [];
  });
  const [first, ...more] = wrong;
  const others = more.length === 0 ? '' : ` (and ${more.length} more lines)`;
  if (first !== undefined) faults.push(`--keep: ${path} ${first}${others}: remove such lines, or name another file`);
  return forks;
}

function ruleText({ seconds, marginPct }: Rule): string {
  return marginPct === null
    ? `the 99 % interval of the CPU ratio excludes 1, ${seconds} s each`
    : `compare --margin ${marginPct}, at most ${seconds} s each`;
}

function rateLine(name: string, rate: Rate): string {
  const pct = (share: number) => formatFixed(100 * share, 1);
  const { hits, trials, target, slowdownPct, forksEach, forksUsed } = rate;
  const met = meets(rate);
  const wanted = `; target ${slowdownPct === 0 ? 'at most' : 'at least'} ${100 * (target ?? 0)} %: ${met ? 'met' : 'MISSED'}`;
  return [
    `  ${name.padEnd(20)}${hits} of ${trials}: ${pct(rate.rate.value)} % [${pct(rate.rate.low)}–${pct(rate.rate.high)}]`,
    met === null ? '' : wanted,
    `; used ${formatFixed(forksUsed, 1)} of ${forksEach} fresh starts; ${ruleText(rate)}`,
  ].join('');
}

function show(result: AaResult): string {
  return [
    `${result.forks} fresh starts of ${result.arm} (${formatFixed(result.referenceCpuUs, 1)} µs per request), ${formatFixed(result.secondsPerPair, 1)} s for each pair`,
    ...(result.falseAlarms === null ? [] : [rateLine('false alarms', result.falseAlarms)]),
    ...result.detections.map((detection) => {
      const { value, low, high } = detection.measuredPct;
      const measured = `; mean of the measured slowdowns: ${formatFixed(value, 2)} % [${formatFixed(low, 2)}–${formatFixed(high, 2)}]`;
      return `${rateLine(`+${detection.slowdownPct} % detected`, detection)}${measured}`;
    }),
    ...result.unrated.map(unratedLine),
    '',
  ].join('\n');
}

function unratedLine(unrated: Unrated): string {
  const { slowdownPct, forks, needed } = unrated;
  const name = slowdownPct === 0 ? 'false alarms' : `+${slowdownPct} % detected`;
  return `  ${name.padEnd(20)}unknown: the first comparison needs ${needed} fresh starts, and there are ${forks}; ${ruleText(unrated)}`;
}

async function runAa(invocation: Invocation): Promise<ExitCode> {
  const { values, switches, faults, refuseFaults } = invocation;
  const arms = await describeArms();
  const comparisons = readInteger('comparisons', values.comparisons ?? '20', 1, 1000, faults) ?? 0;
  const seconds = readSeconds('seconds', values.seconds ?? '10s', faults) ?? 0;
  const slowdowns = readPercentages('slowdowns', values.slowdowns ?? '5', faults);
  if (switches.has('compare') && (values.seconds ?? values.slowdowns) !== undefined) {
    faults.push('--compare has its own times and slowdowns: omit --seconds and --slowdowns');
  }
  if (values.rates !== undefined && !switches.has('compare')) faults.push('--rates needs --compare');
  const known = arms.map(({ name }) => name);
  const name = readName('arm', values.arm ?? DEFAULT_ARM, known, faults);
  const arm = arms.find((candidate) => candidate.name === name);
  const seed = readSeed(values.seed, faults);
  const version = `${versionHere()} on Node ${process.version}`;
  const prior = readKept(values.keep, { arm: name, machineClass: machineClassHere(), version }, faults);
  readStoreServer({ values, faults });
  refuseFaults();
  if (arm === undefined) return EXIT.usage;
  const rules = switches.has('compare') ? COMPARE_RULES : rulesFor(slowdowns, seconds);
  const ratesFile = switches.has('compare') ? (values.rates ?? join(ROOT, RATES_FILE)) : null;
  const plan = { arm, comparisons, rules, version, prior, seed };
  if (ratesFile === null) return measure(plan, null, invocation);
  refuseDamagedRates(ratesFile);
  return inFolder(writableFolder(dirname(resolve(ratesFile))), () => measure(plan, ratesFile, invocation));
}

/** What the user should know before waiting that long. */
function planText(seconds: number, prior: number, file: string | undefined): string {
  if (seconds === 0) return `The ${prior} fresh starts in ${file} suffice.`;
  const after =
    file === undefined
      ? 'Ctrl-C prints the rates so far; --keep FILE lets you continue later.'
      : 'Ctrl-C prints the rates so far; the same command then continues.';
  return `This takes about ${formatDuration(1000 * seconds)}, and a short test of what an iteration costs. ${after}`;
}

type Plan = Pick<AaOptions, 'arm' | 'comparisons' | 'rules' | 'version' | 'prior' | 'seed'>;

async function measure(
  plan: Plan,
  ratesFile: string | null,
  { values, switches, signal }: Invocation,
): Promise<ExitCode> {
  const { arm, rules, prior } = plan;
  const sides = new Set(rules.map(({ slowdownPct }) => slowdownPct)).size;
  const planned = secondsFor(plan.comparisons, rules, sides, prior);
  writeText(process.stderr, `${planText(planned, prior.length, values.keep)}\n`);
  const result =
    planned === 0 ? summarise(arm.name, rules, prior) : await measureMore(plan, planned, { values, signal });
  if (ratesFile !== null && !signal.aborted) {
    const rates = knownRatesOf(result, machineClassHere());
    if (rates !== null) saveRates(ratesFile, rates);
  }
  if (switches.has('json')) printJson({ seed: plan.seed, ...result });
  else print(show(result));
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

/** @param planned seconds */
async function measureMore(
  plan: Plan,
  planned: number,
  { values, signal }: Pick<Invocation, 'values' | 'signal'>,
): Promise<AaResult> {
  const { arm } = plan;
  const store = await storeOf({ values });
  await install(needsOfArms([arm], store), signal);
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
      const environment = await makeEnvironment(janitor, store);
      progress.update('aa', 'security checks', undefined, planned);
      await refuseUnsafe(environment, arm, signal);
      progress.update('aa', 'measuring what an iteration costs', undefined, planned);
      return await measureAa({
        ...plan,
        environment,
        signal,
        onFork: (fork, done, needed) => {
          if (values.keep !== undefined) keep(values.keep, fork);
          const live = Object.entries(fork.logRatios)
            .map(([pct, log]) => `+${pct} %: ${formatFixed(Math.exp(log), 3)}`)
            .join(' · ');
          progress.update('aa', `fresh start ${done} of ${needed}`, live, fork.seconds * (needed - done));
        },
      });
    },
    () => progress.clear(),
    () => janitor.finish(),
  );
}

function rulesFor(slowdowns: readonly number[], seconds: number): Rule[] {
  return [0, ...slowdowns].map((slowdownPct) => ({
    slowdownPct,
    seconds,
    marginPct: null,
    target: slowdownPct === 0 ? MOST_FALSE_ALARMS : (TARGETS[slowdownPct] ?? null),
  }));
}

/** @throws TollgateError if the file cannot be written */
function keep(path: string, fork: AaFork): void {
  try {
    appendFileSync(path, `${JSON.stringify(fork)}\n`);
  } catch (error) {
    throw unwritable(path, error);
  }
}
