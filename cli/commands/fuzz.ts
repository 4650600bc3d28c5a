/** `npm run fuzz`: malformed requests against a replica of every arm, from a seed. */
import { companionsMessage, startCompanions } from '../../bench/fleet/companions/start.ts';
import { provideRedis, type RedisSource } from '../../bench/fleet/redis/provide.ts';
import { startReplica } from '../../bench/fleet/replica.ts';
import { makeSecrets, type User } from '../../bench/fleet/secrets.ts';
import { type FuzzOptions, type FuzzResult, fuzz } from '../../bench/gate/fuzz/run.ts';
import { makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { formatFixed } from '../../core/text/format.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Command, FlagTable, Invocation } from '../command.ts';
import { install, needsOfArms } from '../install.ts';
import { JSON_OUTPUT, SEED } from '../options/shared.ts';
import { readStoreServer, STORE_SERVER, storeOf } from '../options/store-server.ts';
import { print, printJson } from '../output.ts';
import { readArms, readInteger, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { runIdAt } from '../run-folder.ts';

const FLAGS = {
  cases: {
    value: 'N',
    help: 'Send this many random cases to each arm, after the known regressions (default: 2000).',
  },
  arms: { value: 'LIST', help: 'Send them to these arms (default: all).' },
  seed: { ...SEED, help: 'Generate the same cases again (default: a new seed, which is printed).' },
  ...STORE_SERVER,
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

const MOST_CASES = 10_000_000;

export const fuzzArms: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: '2000 cases against every arm' },
    { args: '--arms jwt-hs256 --cases 20000 --seed 5', does: 'more cases, against one arm, repeatable' },
  ],
  notes: async () => [
    'A finding is a request that returned a 5xx, was authenticated, timed out or crashed the replica, or memory that',
    'grew without bound. To keep a finding, add its request to bench/gate/fuzz/regressions.json.',
  ],
  stopsInOrder: true,
  run: runFuzz,
};

/** Buffers and compiled code take this much; a leak of a few kB for each request takes more. */
const SETTLING_BYTES = 96 * 1024 * 1024;
const BYTES_PER_CASE = 4 * 1024;

const mayGrowBy = (cases: number): number => SETTLING_BYTES + cases * BYTES_PER_CASE;

function resultText(result: FuzzResult): string {
  const { arm, sent, statuses, findings, grownBytes } = result;
  const counts = Object.entries(statuses).map(([status, n]) => `${n} × ${status === '0' ? 'closed' : status}`);
  const memory = grownBytes === null ? '' : `, memory ${formatFixed(grownBytes / 2 ** 20, 1)} MiB`;
  return [
    `${arm}: ${sent} cases, ${findings.length} findings (${counts.join(', ')}${memory})`,
    ...findings
      .slice(0, 20)
      .flatMap(({ index, name, problem, request }) => [
        `  ${index === null ? 'kept' : `case ${index}`}, ${name}: ${problem}`,
        `    ${request}`,
      ]),
  ].join('\n');
}

interface FuzzEnvironment extends RedisSource {
  readonly secrets: Awaited<ReturnType<typeof makeSecrets>>;
  readonly users: readonly User[];
}

async function fuzzArm(arm: ArmInfo, environment: FuzzEnvironment, options: FuzzOptions): Promise<FuzzResult> {
  const { janitor, secrets, users } = environment;
  const redis = arm.usesRedis ? await provideRedis(environment, arm.name) : null;
  let death: string | null = null;
  const onDeath = (error: Error) => {
    death = error.message;
  };
  let companions: Awaited<ReturnType<typeof startCompanions>> | null = null;
  let replica: Awaited<ReturnType<typeof startReplica>> | null = null;
  return thenEnding(
    async () => {
      companions = await startCompanions(arm, { janitor, secrets, onDeath });
      const started = await startReplica({
        start: {
          arm: arm.name,
          host: '127.0.0.1',
          port: 0,
          secrets,
          users: users.map(({ record }) => record),
          // Thousands of failed logins from one address are intended.
          settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
          ...(redis === null ? {} : { redis: { url: redis.url, keyPrefix: redis.keyPrefix } }),
          ...companionsMessage(companions),
        },
        janitor,
        onDeath,
      });
      replica = started;
      const target = {
        arm,
        endpoint: { ...started.address, certificate: null },
        users,
        death: () => death,
        rssBytes: async () => (await started.telemetry()).rssBytes,
      };
      const result = await fuzz(target, options);
      const { grownBytes } = result;
      if (grownBytes === null || grownBytes <= mayGrowBy(options.cases)) return result;
      const problem = `memory grew by ${Math.round(grownBytes / 2 ** 20)} MiB`;
      const finding = { arm: arm.name, index: null, name: 'all of them', problem, request: '' };
      return { ...result, findings: [...result.findings, finding] };
    },
    () => stopInOrder([[replica], companions ?? [], [redis]]),
  );
}

async function runFuzz({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  const all = await describeArms();
  const cases = readInteger('cases', values.cases ?? '2000', 0, MOST_CASES, faults) ?? 0;
  const names = all.map(({ name }) => name);
  const wanted = readArms(values.arms ?? 'all', names, faults);
  const seed = readSeed(values.seed, faults);
  readStoreServer({ values, faults });
  refuseFaults();
  const arms = all.filter(({ name }) => wanted.includes(name));
  const json = switches.has('json');
  const store = await storeOf({ values });
  await install(needsOfArms(arms, store), signal);
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
      const runId = `fuzz-${runIdAt(new Date())}`;
      const environment = { janitor, ...store, runId, secrets: await makeSecrets(), users: await makeGateUsers() };
      const results: FuzzResult[] = [];
      if (!json) print(`seed ${seed}`);
      for (const arm of arms) {
        if (signal.aborted) break;
        const startedMs = performance.now();
        const onProgress = (done: number) => {
          const seconds = (performance.now() - startedMs) / 1000;
          const left = seconds * ((cases - done) / done + arms.length - results.length - 1);
          progress.update('fuzz', `${arm.name}: ${done} of ${cases} cases`, undefined, left);
        };
        const result = await fuzzArm(arm, environment, { seed, cases, signal, onProgress });
        results.push(result);
        if (!json) progress.interrupt(() => print(resultText(result)));
      }
      progress.clear();
      if (json) printJson({ seed, cases, results });
      if (signal.aborted) return EXIT.interrupted;
      return results.some(({ findings }) => findings.length > 0) ? EXIT.failed : EXIT.done;
    },
    () => progress.clear(),
    () => janitor.finish(),
  );
}
