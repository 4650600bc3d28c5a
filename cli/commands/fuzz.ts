/** `node cli/commands/fuzz.ts`: malformed requests against replicas of every arm, from a seed. */

import { parseArgs } from 'node:util';
import { startRedis } from '../../bench/fleet/redis/own.ts';
import { startReplica } from '../../bench/fleet/replica.ts';
import { makeSecrets, type User } from '../../bench/fleet/secrets.ts';
import { type FuzzResult, fuzz } from '../../bench/gate/fuzz/run.ts';
import { makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, messageOf, TollgateError, usageError } from '../../core/errors.ts';
import { formatFixed } from '../../core/text/format.ts';
import type { ArmInfo } from '../../servers/contract.ts';

const HELP = `Sends malformed and oversized requests to one replica of each arm, over loopback.

  node cli/commands/fuzz.ts [--cases N] [--seed S] [--arms LIST] [--json]

  --cases N    random cases for each arm, after those that are kept by name   (2000)
  --seed S     the same seed gives the same cases                             (from the clock)
  --arms LIST  names with commas between                                      (all)
  --json       the results as JSON on stdout

Exit code 1 where a request was answered with a 5xx, let in, left waiting, or ended the replica, or where memory grew
without bound. To keep a finding, add its request to bench/gate/fuzz/regressions.json.
`;

interface Options {
  readonly cases: number;
  readonly seed: number;
  readonly arms: readonly string[] | null;
  readonly json: boolean;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw usageError(`${name} must be a whole number, not ${JSON.stringify(text)}`, 'see --help');
}

/** @returns null where help was asked for */
function readOptions(args: readonly string[]): Options | null {
  const options = {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    arms: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw usageError(messageOf(error), 'see --help');
  }
  if (values.help) return null;
  return {
    cases: count('--cases', values.cases),
    seed: count('--seed', values.seed),
    arms: values.arms?.split(',') ?? null,
    json: values.json,
  };
}

/** @throws TollgateError (usage) for a name that no arm has */
function chosen(arms: readonly ArmInfo[], names: readonly string[] | null): readonly ArmInfo[] {
  const unknown = names?.filter((name) => !arms.some((arm) => arm.name === name)) ?? [];
  if (unknown.length > 0) {
    throw usageError(
      `there is no arm ${unknown.join(', ')}`,
      `--arms takes any of ${arms.map(({ name }) => name).join(',')}`,
    );
  }
  return names === null ? arms : arms.filter(({ name }) => names.includes(name));
}

/** Buffers and compiled code settle; what a leak of a few kB a request leaves is beyond this. */
const SETTLING_BYTES = 96 * 1024 * 1024;
const BYTES_PER_CASE = 4 * 1024;

const mayGrowBy = (cases: number): number => SETTLING_BYTES + cases * BYTES_PER_CASE;

function tell(result: FuzzResult): void {
  const { arm, sent, statuses, findings, grownBytes } = result;
  const counts = Object.entries(statuses).map(([status, n]) => `${n} × ${status === '0' ? 'closed' : status}`);
  const memory = grownBytes === null ? '' : `, memory ${formatFixed(grownBytes / 2 ** 20, 1)} MiB`;
  console.log(`${arm}: ${sent} cases, ${findings.length} findings (${counts.join(', ')}${memory})`);
  for (const { index, name, problem, request } of findings.slice(0, 20))
    console.log(`  ${index === null ? 'kept' : `case ${index}`}, ${name}: ${problem}\n    ${request}`);
}

interface FleetEnvironment {
  readonly janitor: Janitor;
  readonly secrets: Awaited<ReturnType<typeof makeSecrets>>;
  readonly users: readonly User[];
}

async function fuzzArm(
  arm: ArmInfo,
  { janitor, secrets, users }: FleetEnvironment,
  options: Options,
): Promise<FuzzResult> {
  const redis = arm.usesRedis ? await startRedis(janitor) : null;
  let death: string | null = null;
  const replica = await startReplica({
    start: {
      arm: arm.name,
      host: '127.0.0.1',
      port: 0,
      secrets,
      users: users.map(({ record }) => record),
      // Thousands of failed logins from one address are the point.
      settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
      ...(redis === null ? {} : { redis: { url: redis.url, keyPrefix: redis.keyPrefix } }),
    },
    janitor,
    onDeath: (error) => {
      death = error.message;
    },
  });
  try {
    const target = {
      arm,
      endpoint: { ...replica.address, certificate: null },
      users,
      death: () => death,
      rssBytes: async () => (await replica.telemetry()).rssBytes,
    };
    const result = await fuzz(target, options);
    const { grownBytes } = result;
    if (grownBytes === null || grownBytes <= mayGrowBy(options.cases)) return result;
    const problem = `memory grew by ${Math.round(grownBytes / 2 ** 20)} MiB`;
    const finding = { arm: arm.name, index: null, name: 'all of them', problem, request: '' };
    return { ...result, findings: [...result.findings, finding] };
  } finally {
    await replica.stop();
    await redis?.stop();
  }
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = readOptions(args);
  if (options === null) {
    console.log(HELP);
    return EXIT.done;
  }
  const arms = chosen(await describeArms(), options.arms);
  const janitor = await Janitor.start();
  try {
    const environment = { janitor, secrets: await makeSecrets(), users: await makeGateUsers() };
    const results: FuzzResult[] = [];
    if (!options.json) console.log(`seed ${options.seed}`);
    for (const arm of arms) {
      const result = await fuzzArm(arm, environment, options);
      results.push(result);
      if (!options.json) tell(result);
    }
    if (options.json) console.log(JSON.stringify({ seed: options.seed, cases: options.cases, results }));
    return results.some(({ findings }) => findings.length > 0) ? EXIT.failed : EXIT.done;
  } finally {
    await janitor.finish();
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof TollgateError)) throw error;
  console.error(`${error.message}: ${error.hint}`);
  return error.exitCode;
});
