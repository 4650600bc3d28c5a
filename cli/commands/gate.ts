/** `npm run gate`: the security checks on the arms, or on the mutants that they must catch. */
import { join } from 'node:path';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import type { Check } from '../../bench/gate/check.ts';
import { describeMutants } from '../../bench/gate/mutants/list.ts';
import { mutantStage, runMutants } from '../../bench/gate/mutants/run.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runGate } from '../../bench/gate/run-gate.ts';
import { createStage, type GateEnvironment, makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Command, Faults, FlagTable, Invocation } from '../command.ts';
import { gateTable, killTable } from '../gate-table.ts';
import { install, needsOfArms } from '../install.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { readStoreServer, STORE_SERVER, storeOf } from '../options/store-server.ts';
import { noteWritten, print, printJson } from '../output.ts';
import { readArms } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { inFolder, newFolder, runIdAt, shownFolder } from '../run-folder.ts';

const FLAGS = {
  arms: { value: 'LIST', help: 'Check these arms (default: all).' },
  checks: { value: 'LIST', help: 'Run these checks only, such as 1,5,19-31 (default: all).' },
  out: { value: 'DIR', help: 'Write gate.json here (default: results/gate-<UTC timestamp>).' },
  quick: { help: 'Run only the checks that also precede every benchmark.' },
  mutants: { help: 'Run the checks against servers with known faults: each fault must be caught by its check.' },
  ...STORE_SERVER,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

const ARMS_AT_ONCE = 3;
const MUTANTS_AT_ONCE = 2;
/** Estimates for the remaining time in the progress line. */
const SECONDS_PER_ARM = { quick: 2, whole: 12, mutant: 12 } as const;

export const gate: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: 'every check against every arm' },
    { args: '--arms session-redis --checks 19-31', does: 'some checks against one arm' },
    { args: '--mutants', does: 'shows that each check can fail' },
  ],
  notes: async () => [
    'Environment: REDIS_URL uses that Redis; TOLLGATE_ALLOW_REMOTE=1 permits one on another machine.',
    '',
    'Checks (* marks those that also precede every benchmark; an arm that fails one is not timed):',
    ...CHECKS.map(({ id, name, quick }) => `  ${String(id).padStart(2)}${quick ? ' *' : '  '} ${name}`),
  ],
  stopsInOrder: true,
  run: runGateCommand,
};

/** `1,5,19-31` → checks, in the order of their numbers. */
export function readChecks(text: string | undefined, checks: readonly Check[], faults: Faults): readonly Check[] {
  if (text === undefined) return checks;
  const wanted = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part) ?? [];
    const ids = checks.map(({ id }) => id).filter((id) => first !== '' && id >= Number(first) && id <= Number(last));
    if (ids.length === 0)
      faults.push(`--checks: ${JSON.stringify(part.trim())} is not a check: choose from 1 to ${checks.length}`);
    for (const id of ids) wanted.add(id);
  }
  return checks.filter(({ id }) => wanted.has(id));
}

interface GateOptions {
  readonly arms: readonly ArmInfo[];
  readonly checks: readonly Check[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly out: string | null;
}

function readOptions({ values, switches, faults }: Invocation, arms: readonly ArmInfo[]): GateOptions {
  const names = arms.map(({ name }) => name);
  const wanted = readArms(values.arms ?? 'all', names, faults);
  if (switches.has('mutants')) {
    for (const flag of ['arms', 'out', 'quick']) {
      if (values[flag] === undefined && !switches.has(flag)) continue;
      faults.push(`--${flag} cannot be combined with --mutants: leave it out, or choose checks with --checks`);
    }
  }
  return {
    arms: arms.filter(({ name }) => wanted.includes(name)),
    checks: readChecks(values.checks, CHECKS, faults),
    quick: switches.has('quick'),
    json: switches.has('json'),
    out: values.out ?? null,
  };
}

async function runGateCommand(invocation: Invocation): Promise<ExitCode> {
  const { values, switches, refuseFaults, signal } = invocation;
  readStoreServer(invocation);
  const options = readOptions(invocation, await describeArms());
  refuseFaults();
  const store = await storeOf({ values });
  await install(needsOfArms(options.arms, store), signal);
  const janitor = await Janitor.start();
  return thenEnding(
    async () => {
      const [secrets, users] = await Promise.all([makeSecrets(), makeGateUsers()]);
      const environment = { janitor, secrets, users, ...store, runId: `gate-${runIdAt(new Date())}` };
      return await (switches.has('mutants') ? checkMutants : checkArms)(options, environment, signal);
    },
    () => janitor.finish(),
  );
}

function checkArms(options: GateOptions, environment: GateEnvironment, signal: AbortSignal): Promise<ExitCode> {
  const folder = newFolder(options.out, environment.runId);
  return inFolder(folder, () => checkInto(folder.directory, options, environment, signal));
}

async function checkInto(
  directory: string,
  options: GateOptions,
  environment: GateEnvironment,
  signal: AbortSignal,
): Promise<ExitCode> {
  const progress = new ProgressLine();
  const { length } = options.arms;
  const secondsInAll = length * SECONDS_PER_ARM[options.quick ? 'quick' : 'whole'];
  let done = 0;
  const result = await runGate({
    arms: options.arms,
    checks: options.checks,
    stage: createStage(environment),
    quick: options.quick,
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
  if (options.json) printJson({ directory: shownFolder(directory), failed, ...result });
  else {
    print(gateTable(result).join('\n'));
    noteWritten(join(shownFolder(directory), 'gate.json'));
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

async function checkMutants(
  options: GateOptions,
  environment: GateEnvironment,
  signal: AbortSignal,
): Promise<ExitCode> {
  const ids = new Set(options.checks.map(({ id }) => id));
  const mutants = (await describeMutants()).filter(({ check }) => ids.has(check));
  const progress = new ProgressLine();
  const matrix = await runMutants({
    mutants,
    checks: options.checks,
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
  if (options.json) printJson(matrix);
  else print(killTable(matrix).join('\n'));
  return matrix.faults.length === 0 ? EXIT.done : EXIT.failed;
}
