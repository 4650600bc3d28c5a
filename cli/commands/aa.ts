/** `npm run aa`: proves the comparison on itself, with identical servers and with a known slowdown. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, messageOf, usageError } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { formatFixed } from '../../core/text/format.ts';
import { type AaResult, measureAa } from '../../regression/aa/aa.ts';
import { AaFork, meets, type Rate, type Rule } from '../../regression/aa/rates.ts';
import { type FlagTable, helpText, parseFlags } from '../flags.ts';
import { setUp } from '../helpers.ts';
import { ProgressLine, printFaults } from '../terminal.ts';
import { type Faults, readInteger, readNames, readSeconds } from '../values.ts';
import { makeEnvironment } from './compare.ts';

const FLAGS = {
  comparisons: { value: 'N', help: 'how many of each kind (default: 20)' },
  seconds: { value: 'TIME', help: 'for one comparison, starts and all (default: 10s)' },
  slowdowns: { value: 'LIST', help: 'per cent of CPU to inject (default: 5)' },
  compare: { help: 'judge as npm run compare does, with its margins and times: +5 % in 60 s, +2 % in 3 minutes' },
  arm: { value: 'NAME', help: 'whose hot path (default: jwt-hs256)' },
  keep: { value: 'FILE', help: 'keep every fork in it as it ends, and begin with those that it holds' },
  seed: { value: 'N', help: 'makes every random order repeatable (default: a fresh one)' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

const MOST_FALSE_ALARMS = 0.02;
const TARGETS: Readonly<Record<number, number>> = { 5: 0.95, 2: 0.8 };

/** The rules of `compare`, each with the time that it is promised in. */
const COMPARE_RULES: readonly Rule[] = [
  { slowdownPct: 0, seconds: 60, marginPct: 2, target: MOST_FALSE_ALARMS },
  { slowdownPct: 5, seconds: 60, marginPct: 2, target: TARGETS[5] ?? null },
  { slowdownPct: 2, seconds: 180, marginPct: 1, target: TARGETS[2] ?? null },
];

function readPercents(text: string, faults: Faults): number[] {
  const values = text.split(',').map((part) => Number(part.trim() === '' ? Number.NaN : part));
  if (values.some((value) => !(value > 0 && value <= 100))) {
    faults.push(`--slowdowns: ${JSON.stringify(text)} is not a list of per cents above 0, at most 100, such as 2,5`);
  }
  return [...new Set(values)];
}

const checkFork = checker(AaFork);

/** Lines that are damaged or of another arm are faults: a rate must not rest on a part that was chosen by chance. */
function readKept(path: string | undefined, arm: string | undefined, faults: Faults): AaFork[] {
  if (path === undefined || !existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      try {
        const checked = checkFork(JSON.parse(line));
        if (checked.ok && checked.value.arm === arm) return [checked.value];
        faults.push(`--keep: ${path} line ${i + 1} ${checked.ok ? 'is of another arm' : checked.reason}`);
      } catch (error) {
        faults.push(`--keep: ${path} line ${i + 1}: ${messageOf(error)}`);
      }
      return [];
    });
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
    `; ${formatFixed(forksUsed, 1)} of ${forksEach} forks used; ${ruleText(rate)}`,
  ].join('');
}

function show(result: AaResult): string {
  return [
    `${result.forks} forks of ${result.arm} (${formatFixed(result.referenceCpuUs, 1)} µs a request), ${formatFixed(result.secondsPerPair, 1)} s a fork of two sides`,
    result.falseAlarms
      ? rateLine('false alarms', result.falseAlarms)
      : '  false alarms: too few forks for one comparison',
    ...result.detections.map((detection) => {
      const { value, low, high } = detection.measuredPct;
      const measured = `; measured on average: ${formatFixed(value, 2)} % [${formatFixed(low, 2)}–${formatFixed(high, 2)}]`;
      return `${rateLine(`found of +${detection.slowdownPct} %`, detection)}${measured}`;
    }),
    '',
  ].join('\n');
}

/** @returns the exit code */
export async function aaCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    const purpose = 'Compares identical servers, and servers with a known slowdown: how often is each called slower?';
    process.stdout.write(helpText('npm run aa -- [flags]', purpose, FLAGS, []));
    return EXIT.done;
  }
  const arms = await describeArms();
  const faults: Faults = [...parsed.faults, ...parsed.positionals.map((word) => `${JSON.stringify(word)} is no flag`)];
  const { values, switches } = parsed;
  const comparisons = readInteger('comparisons', values.comparisons ?? '20', 1, 1000, faults);
  const seconds = readSeconds('seconds', values.seconds ?? '10', faults);
  const slowdowns = readPercents(values.slowdowns ?? '5', faults);
  if (switches.has('compare') && (values.seconds ?? values.slowdowns) !== undefined) {
    faults.push('--compare has times and slowdowns of its own: leave --seconds and --slowdowns out');
  }
  const [name] = readNames(
    'arm',
    values.arm ?? 'jwt-hs256',
    arms.map((arm) => arm.name),
    faults,
  );
  const seed =
    values.seed === undefined
      ? Math.floor(Math.random() * 2 ** 31)
      : readInteger('seed', values.seed, 0, 2 ** 31 - 1, faults);
  const arm = arms.find((candidate) => candidate.name === name);
  const prior = readKept(values.keep, name, faults);
  if (faults.length > 0 || comparisons === null || seconds === null || seed === null || !arm) {
    printFaults(faults, 'npm run aa -- --help lists every flag');
    return EXIT.usage;
  }
  const rules: readonly Rule[] = switches.has('compare')
    ? COMPARE_RULES
    : [0, ...slowdowns].map((slowdownPct) => ({
        slowdownPct,
        seconds,
        marginPct: null,
        target: slowdownPct === 0 ? MOST_FALSE_ALARMS : (TARGETS[slowdownPct] ?? null),
      }));
  await setUp({ redis: arm.usesRedis }, signal);
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  try {
    progress.update('aa', 'learning what an iteration costs', undefined, seconds);
    const result = await measureAa({
      environment: await makeEnvironment(janitor),
      arm,
      comparisons,
      rules,
      prior,
      seed,
      signal,
      onFork: (fork, done, needed) => {
        if (values.keep !== undefined) keep(values.keep, fork);
        const live = Object.entries(fork.logRatios)
          .map(([pct, log]) => `+${pct} %: ${formatFixed(Math.exp(log), 3)}`)
          .join(' · ');
        progress.update('aa', `fork ${done} of ${needed}`, live, fork.seconds * (needed - done));
      },
    });
    progress.clear();
    process.stdout.write(switches.has('json') ? `${JSON.stringify({ seed, ...result })}\n` : show(result));
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    progress.clear();
    await janitor.finish();
  }
}

/** @throws TollgateError (usage) when the file cannot be written */
function keep(path: string, fork: AaFork): void {
  try {
    appendFileSync(path, `${JSON.stringify(fork)}\n`);
  } catch (error) {
    throw usageError(`--keep: ${path} cannot be written (${messageOf(error)})`, 'name a file that may be written');
  }
}
