/**
 * Process entry: a generator in a container. It waits for the replicas of its shard, runs `bench` against them, and prints
 * the results, because its log is what the coordinator reads.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLACED_FILE, type PlacedFile } from '../../bench/fleet/placed.ts';
import { endOf } from '../../bench/processes/ending.ts';
import { isComplete, surveyJournal } from '../../bench/run/shards/survey.ts';
import { EXIT, environmentError, messageOf, TollgateError } from '../../core/errors.ts';
import { readJson } from '../../core/results/json-file.ts';
import { type GeneratorPlan, PLAN_FILE, PLAN_FORMAT, SHARD_INDEX } from '../plan.ts';
import { packResults, RESULT_FILES } from '../results.ts';
import { findReplicas } from './replicas.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START = fileURLToPath(new URL('../../cli/start.js', import.meta.url));

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

try {
  process.exitCode = await generate(process.env);
} catch (error) {
  if (stop.signal.aborted) process.exitCode = EXIT.interrupted;
  else {
    const hint = error instanceof TollgateError ? ` (${error.hint})` : '';
    console.error(`error: ${messageOf(error)}${hint}`);
    process.exitCode = error instanceof TollgateError ? error.exitCode : EXIT.failed;
  }
}

function indexIn(env: NodeJS.ProcessEnv, { shards }: GeneratorPlan): number {
  const text = env[SHARD_INDEX] ?? '';
  const index = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (index < shards) return index;
  throw environmentError(
    `${SHARD_INDEX} must be a number from 0 to ${shards - 1}, not ${JSON.stringify(text)}`,
    'run it in an Indexed Job, or set it to the number of the shard',
  );
}

async function generate(env: NodeJS.ProcessEnv): Promise<number> {
  const plan = readJson(env[PLAN_FILE] ?? '', PLAN_FORMAT);
  const index = indexIn(env, plan);
  const deadlineMs = performance.now() + 1000 * plan.readyWithinSeconds;
  const arms = await findReplicas(plan.arms, index, { signal: stop.signal, deadlineMs });
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-generator-'));
  try {
    const fleet: PlacedFile = { arms, users: plan.users };
    const file = join(folder, 'fleet.json');
    writeFileSync(file, JSON.stringify(fleet), { mode: 0o600 });
    const out = join(folder, 'run');
    const shard = ['--shard', `${index + 1}/${plan.shards}`, '--out', out];
    const code = await bench([...plan.arguments, ...shard], { ...env, [PLACED_FILE]: file });
    if (stop.signal.aborted) return EXIT.interrupted;
    return isWhole(out) ? print(out) : code || EXIT.failed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns its exit code */
function bench(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    // Its output is for people, so it goes to stderr, which no program parses.
    const child = spawn(process.execPath, [START, 'bench', ...args], { cwd: ROOT, env, stdio: ['ignore', 2, 2] });
    const end = () => void child.kill('SIGTERM');
    stop.signal.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stop.signal.removeEventListener('abort', end);
      if (code === null) console.error(`bench ended with ${endOf(code, signal)}`);
      resolve(code ?? EXIT.failed);
    });
  });
}

/** A result is complete even if a limit was exceeded, or an arm failed its security checks. */
function isWhole(out: string): boolean {
  const journal = join(out, 'journal.jsonl');
  return existsSync(journal) && isComplete(surveyJournal(journal));
}

async function print(out: string): Promise<number> {
  const present = RESULT_FILES.filter((name) => existsSync(join(out, name)));
  const lines = packResults(Object.fromEntries(present.map((name) => [name, readFileSync(join(out, name), 'utf8')])));
  await new Promise<void>((resolve, reject) =>
    process.stdout.write(`${lines.join('\n')}\n`, (error) => (error ? reject(error) : resolve())),
  );
  return EXIT.done;
}
