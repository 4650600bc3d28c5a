/** `npm run gate`: the security checks over the arms, or over the mutants that they have to catch. */
import { join, resolve } from 'node:path';
import { checkRedisUrl } from '../../bench/fleet/redis/external.ts';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import type { Check } from '../../bench/gate/check.ts';
import { describeMutants } from '../../bench/gate/mutants/list.ts';
import { mutantStage, runMutants } from '../../bench/gate/mutants/run.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runGate } from '../../bench/gate/run-gate.ts';
import { createStage, type GateEnvironment, makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { type FlagTable, helpText, type ParsedFlags, parseFlags } from '../flags.ts';
import { freshFolder, makeFolder, runIdAt, shownFolder } from '../folder.ts';
import { gateTable, killTable } from '../gate-table.ts';
import { setUp } from '../helpers.ts';
import { ProgressLine, printFaults, printNote } from '../terminal.ts';
import { type Faults, readNames } from '../values.ts';

const FLAGS = {
  arms: { value: 'LIST', help: 'arms to check (default: all)' },
  checks: { value: 'LIST', help: 'numbers of checks to run, such as 1,5,19-31 (default: all)' },
  out: { value: 'DIR', help: 'where gate.json goes (default: results/gate- and the time of day)' },
  quick: { help: 'only the checks that stand before every timed run' },
  mutants: { help: 'run the checks over broken servers: each must be caught by its check' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

const ARMS_AT_ONCE = 3;
const MUTANTS_AT_ONCE = 2;
/** Roughly, for the clock that runs while it works. */
const SECONDS_PER_ARM = { quick: 2, whole: 12, mutant: 12 } as const;

function help(): string {
  const checks = CHECKS.map(({ id, name, quick }) => `  ${String(id).padStart(2)}${quick ? ' *' : '  '} ${name}`);
  const purpose =
    'Checks from outside what every arm promises: tokens, sessions, cookies, refreshing, login, failure. A failed arm is not timed.';
  return helpText('npm run gate -- [flags]', purpose, FLAGS, [
    'Checks (* stands before every timed run too):',
    ...checks,
    '',
    'Exit codes: 0 nothing failed, 1 an arm failed or a mutant survived, 2 wrong usage, 3 something is missing here, 130 interrupted.',
  ]);
}

/** `1,5,19-31` → checks, in the order of their numbers. */
export function readChecks(text: string | undefined, checks: readonly Check[], faults: Faults): readonly Check[] {
  if (text === undefined) return checks;
  const wanted = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part) ?? [];
    const ids = checks.map(({ id }) => id).filter((id) => first !== '' && id >= Number(first) && id <= Number(last));
    if (ids.length === 0) faults.push(`--checks: there is no check ${JSON.stringify(part.trim())}`);
    for (const id of ids) wanted.add(id);
  }
  return checks.filter(({ id }) => wanted.has(id));
}

interface Asked {
  readonly arms: readonly ArmInfo[];
  readonly checks: readonly Check[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly out: string | null;
}

/** @returns the exit code */
export async function gateCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    process.stdout.write(help());
    return EXIT.done;
  }
  const arms = await describeArms();
  const faults: Faults = [...parsed.faults, ...parsed.positionals.map((word) => `${JSON.stringify(word)} is no flag`)];
  const asked = read(parsed, arms, faults);
  if (parsed.switches.has('mutants')) {
    for (const flag of ['arms', 'out'] as const)
      if (parsed.values[flag] !== undefined) faults.push(`--${flag} does not go with --mutants: leave it out`);
    if (asked.quick) faults.push('--quick does not go with --mutants: choose checks by --checks');
  }
  if (faults.length > 0) {
    printFaults(faults, 'npm run gate -- --help lists every flag');
    return EXIT.usage;
  }
  const redisUrl = process.env.REDIS_URL || null;
  if (redisUrl !== null) checkRedisUrl(redisUrl);
  await setUp({ redis: asked.arms.some(({ usesRedis }) => usesRedis) }, signal);
  const janitor = await Janitor.start();
  try {
    const [secrets, users] = await Promise.all([makeSecrets(), makeGateUsers()]);
    const environment = { janitor, secrets, users, redisUrl, runId: `gate-${runIdAt(new Date())}` };
    return await (parsed.switches.has('mutants') ? checkMutants : checkArms)(asked, environment, signal);
  } finally {
    await janitor.finish();
  }
}

function read(parsed: ParsedFlags, arms: readonly ArmInfo[], faults: Faults): Asked {
  const { values, switches } = parsed;
  const names = arms.map(({ name }) => name);
  const wanted =
    values.arms === undefined || values.arms === 'all' ? names : readNames('arms', values.arms, names, faults);
  return {
    arms: arms.filter(({ name }) => wanted.includes(name)),
    checks: readChecks(values.checks, CHECKS, faults),
    quick: switches.has('quick'),
    json: switches.has('json'),
    out: values.out ?? null,
  };
}

async function checkArms(asked: Asked, environment: GateEnvironment, signal: AbortSignal): Promise<ExitCode> {
  const directory = asked.out === null ? freshFolder(environment.runId) : resolve(asked.out);
  makeFolder(directory);
  const progress = new ProgressLine();
  const { length } = asked.arms;
  const secondsInAll = length * SECONDS_PER_ARM[asked.quick ? 'quick' : 'whole'];
  let done = 0;
  const result = await runGate({
    arms: asked.arms,
    checks: asked.checks,
    stage: createStage(environment),
    quick: asked.quick,
    armsAtOnce: ARMS_AT_ONCE,
    signal,
    onProgress: (at) => {
      done += 1 / at.total;
      progress.update('gate', `${at.arm}: check ${at.outcome.check}`, undefined, secondsInAll * (1 - done / length));
    },
  });
  progress.clear();
  if (signal.aborted) return EXIT.interrupted;
  writeGate(directory, result);
  const failed = failedArms(result);
  if (asked.json) process.stdout.write(`${JSON.stringify({ directory: shownFolder(directory), failed, ...result })}\n`);
  else {
    process.stdout.write(`${gateTable(result).join('\n')}\n`);
    printNote(`Written to ${join(shownFolder(directory), 'gate.json')}`);
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

async function checkMutants(asked: Asked, environment: GateEnvironment, signal: AbortSignal): Promise<ExitCode> {
  const ids = new Set(asked.checks.map(({ id }) => id));
  const mutants = (await describeMutants()).filter(({ check }) => ids.has(check));
  const progress = new ProgressLine();
  const matrix = await runMutants({
    mutants,
    checks: asked.checks,
    stage: mutantStage(environment),
    atOnce: MUTANTS_AT_ONCE,
    signal,
    onProgress: ({ mutant, killed }, done, total) => {
      const step = `${mutant} ${killed ? 'caught' : 'NOT caught'}, ${done} of ${total}`;
      progress.update('mutants', step, undefined, ((total - done) * SECONDS_PER_ARM.mutant) / MUTANTS_AT_ONCE);
    },
  });
  progress.clear();
  if (signal.aborted) return EXIT.interrupted;
  process.stdout.write(asked.json ? `${JSON.stringify(matrix)}\n` : `${killTable(matrix).join('\n')}\n`);
  return matrix.faults.length === 0 ? EXIT.done : EXIT.failed;
}
