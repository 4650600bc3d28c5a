/** Runs all examples and makes the page about the defaults of frameworks. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../../bench/fleet/redis/own.ts';
import type { StoreServer } from '../../bench/fleet/redis/store-server.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { EXIT, thenEnding } from '../../core/errors.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Run } from '../../core/results/schema.ts';
import { EXAMPLES, type Example, exampleSecrets, installExample, npmEnvironment, versionsIn } from './examples.ts';
import { type Finding, frameworksPage } from './table.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ARMS = 'none,session-redis,jwt-hs256';

/**
 * Runs `tollgate target`, whose messages are passed on.
 *
 * @returns its JSON output
 */
async function target(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<unknown> {
  const child = spawn(process.execPath, [join(ROOT, 'cli/start.js'), 'target', ...args, '--json'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  // Exit code 1 means a failed check, which is a finding.
  if (code !== EXIT.done && code !== EXIT.failed) throw new Error(`target ended with ${code}`);
  return JSON.parse(printed);
}

interface Options {
  /** The budget of each example, in the format of `--budget`. */
  readonly budget: string;
  /** The program of every Redis that is started; null to search for one. */
  readonly storeServer: StoreServer | null;
}

async function find(
  example: Example,
  below: string,
  redisUrl: string,
  { budget, storeServer }: Options,
): Promise<Finding> {
  const copy = await installExample(example.folder, mkdtempSync(join(below, 'example-')));
  const state = join(copy, 'state');
  mkdirSync(state);
  const env = {
    ...npmEnvironment(),
    ...exampleSecrets(state, example.name),
    EXAMPLE_REDIS_URL: redisUrl,
  };
  const file = join(copy, example.config);
  const config = JSON.parse(readFileSync(file, 'utf8')) as { title: string; revocation?: Revocation };
  const out = (name: string) => ['--out', join(state, name)];
  const gate = (await target([file, '--gate-only', ...out('gate')], env, copy)) as GateResult;
  // The table shows the failures and the cost of the unchanged service.
  const store = storeServer === null ? [] : ['--store-server', storeServer.path];
  const flags = ['--arms', ARMS, '--budget', budget, '--unsafe', ...store];
  const run = (await target([file, ...flags, ...out('run')], env, copy)) as Run;
  return {
    name: example.name,
    title: config.title,
    folder: example.folder,
    versions: versionsIn(copy, example),
    store: example.store,
    runtime: example.runtime === 'Python' ? pythonVersion() : `Node ${process.versions.node}`,
    revocation: revocationText(config.revocation),
    gate,
    run,
  };
}

const pythonVersion = () => execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();

type Revocation = 'at-once' | 'at-expiry' | { readonly withinMs: number };

function revocationText(revocation: Revocation = 'at-once'): string {
  if (revocation === 'at-once') return 'at once';
  if (revocation === 'at-expiry') return 'no: it is valid until it expires';
  return `within ${revocation.withinMs / 1000} s`;
}

/**
 * @param names of the examples to run; all if empty
 *
 * @returns the page
 */
export async function measureFrameworks(names: readonly string[], options: Options): Promise<string> {
  const chosen = EXAMPLES.filter(({ name }) => names.length === 0 || names.includes(name));
  const janitor = await Janitor.start();
  const below = mkdtempSync(join(tmpdir(), 'tollgate-frameworks-'));
  janitor.watchDirectory(below);
  return thenEnding(
    async () => {
      const redis = await startRedis(janitor, undefined, options.storeServer?.path);
      const [loadAverage = 0] = loadavg();
      const findings: Finding[] = [];
      for (const example of chosen) {
        console.error(`${example.name} …`);
        findings.push(await find(example, below, redis.url, options));
      }
      await redis.stop();
      return frameworksPage(findings, loadAverage);
    },
    () => rmSync(below, { recursive: true, force: true }),
    () => janitor.finish(),
  );
}
