/** `npm run aa`: proves the measurement on itself, with identical servers and with a known slowdown. */
import { type AaResult, measureAa, type Rate } from '../aa/aa.ts';
import { describeArms } from '../arms.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../fleet/secrets.ts';
import { prepareGround } from '../run.ts';
import { type FlagTable, helpText, parseFlags } from './flags.ts';
import { setUp } from './helpers.ts';
import { ProgressLine, printFaults } from './terminal.ts';
import { type Faults, readInteger, readNames, readSeconds } from './values.ts';

const FLAGS = {
  comparisons: { value: 'N', help: 'how many of each kind (default: 20)' },
  seconds: { value: 'TIME', help: 'for one comparison, starts and all (default: 10s)' },
  slowdowns: { value: 'LIST', help: 'per cent of CPU to inject (default: 5)' },
  arm: { value: 'NAME', help: 'whose hot path (default: jwt-hs256)' },
  seed: { value: 'N', help: 'makes every random order repeatable (default: a fresh one)' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

const USERS = 10;

function readPercents(text: string, faults: Faults): number[] {
  const values = text.split(',').map((part) => Number(part.trim() === '' ? Number.NaN : part));
  if (values.some((value) => !(value > 0 && value <= 100))) {
    faults.push(`--slowdowns: ${JSON.stringify(text)} is not a list of per cents above 0, at most 100, such as 2,5`);
  }
  return [...new Set(values)];
}

function rateLine(name: string, { hits, trials, rate }: Rate): string {
  const pct = (share: number) => (100 * share).toFixed(1);
  return `  ${name.padEnd(22)}${hits} of ${trials}: ${pct(rate.value)} % [${pct(rate.low)}–${pct(rate.high)}]`;
}

function show(result: AaResult): string {
  return [
    `${result.comparisons} comparisons of ${result.arm}, ${result.secondsEach} s each, ${result.forksEach} starts a side; rule: ${result.rule}`,
    rateLine('false alarms', result.falseAlarms),
    ...result.detections.map((detection) => {
      const { value, low, high } = detection.measuredPct;
      const measured = `measured on average: ${value.toFixed(2)} % [${low.toFixed(2)}–${high.toFixed(2)}]`;
      return `${rateLine(`found of +${detection.slowdownPct} % CPU`, detection)}; ${measured}`;
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
  const { values } = parsed;
  const comparisons = readInteger('comparisons', values.comparisons ?? '20', 1, 1000, faults);
  const seconds = readSeconds('seconds', values.seconds ?? '10', faults);
  const slowdowns = readPercents(values.slowdowns ?? '5', faults);
  const names = arms.map(({ name }) => name);
  const [name] = readNames('arm', values.arm ?? 'jwt-hs256', names, faults);
  const seed =
    values.seed === undefined
      ? Math.floor(Math.random() * 2 ** 31)
      : readInteger('seed', values.seed, 0, 2 ** 31 - 1, faults);
  const arm = arms.find((candidate) => candidate.name === name);
  if (faults.length > 0 || comparisons === null || seconds === null || seed === null || !arm) {
    printFaults(faults, 'npm run aa -- --help lists every flag');
    return EXIT.usage;
  }
  await setUp({ redis: arm.usesRedis }, signal);
  const { janitor } = await prepareGround();
  const progress = new ProgressLine();
  try {
    const ground = {
      janitor,
      secrets: await makeSecrets(),
      users: await makeUsers(USERS, ARGON2_CHEAP),
      shares: null,
      redisUrl: null,
      runId: 'aa',
      onDeath: () => {},
    };
    const perTriple = (seconds * (2 + slowdowns.length)) / 2;
    progress.update('aa', 'learning what an iteration costs', undefined, perTriple * comparisons + seconds);
    const result = await measureAa({
      ground,
      arm,
      comparisons,
      seconds,
      slowdowns,
      seed,
      signal,
      onComparison: (done, found) => {
        const live = found
          .map(
            ({ side, ratio }) => `${side} ${ratio.value.toFixed(3)} [${ratio.low.toFixed(3)}–${ratio.high.toFixed(3)}]`,
          )
          .join(' · ');
        progress.update('aa', `comparison ${done} of ${comparisons}`, live, perTriple * (comparisons - done));
      },
    });
    progress.clear();
    process.stdout.write(parsed.switches.has('json') ? `${JSON.stringify({ seed, ...result })}\n` : show(result));
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    await janitor.finish();
  }
}
