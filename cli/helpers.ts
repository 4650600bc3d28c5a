/** Starts the parts of Tollgate that bench may not import: the setup step and the report. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../bench/browser/chromium.ts';
import { findRedisServer } from '../bench/fleet/redis/own.ts';
import { EXIT, environmentError, runError } from '../core/errors.ts';

const SETUP = fileURLToPath(new URL('../scripts/setup.ts', import.meta.url));
const HISTORY = fileURLToPath(new URL('./commands/history-page.ts', import.meta.url));
const REPORT = fileURLToPath(new URL('./commands/build-report.ts', import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: string;
}

function runNode(
  entry: string,
  args: readonly string[],
  stdout: 'stderr' | 'collect',
  signal: AbortSignal | null,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
      stdio: ['ignore', stdout === 'collect' ? 'pipe' : process.stderr, 'inherit'],
      ...(signal ? { signal } : {}),
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Installs what is missing. @throws TollgateError (environment) when something still is */
export async function setUp(
  needs: { readonly redis: boolean; readonly chromium?: boolean },
  signal: AbortSignal,
): Promise<void> {
  // Without it one experiment fails, and says so; the others are measured.
  if (needs.chromium && findChromium() === null && !process.env.CHROMIUM_PATH) {
    await runNode(SETUP, ['chromium'], 'stderr', signal);
  }
  if (!needs.redis || process.env.REDIS_URL || findRedisServer() !== null) return;
  const { code } = await runNode(SETUP, ['redis'], 'stderr', signal);
  if (code !== 0 || findRedisServer() === null) {
    throw environmentError('Redis is needed and not there', 'install redis-server or valkey, or set REDIS_URL');
  }
}

/** Builds every report of a run. @returns what the report says of its files, one line */
export async function buildReport(directory: string): Promise<string> {
  const { code, output } = await runNode(REPORT, [directory], 'collect', null);
  if (code !== EXIT.done)
    throw runError(`the report of ${directory} could not be built`, `try npm run report -- ${directory}`);
  return output.trim();
}

/**
 * Draws the trends of a history into one file, and passes its text on by standard input.
 * @returns what the report says of the file, one line
 */
export async function buildHistory(text: string, file: string, metric: string | null): Promise<string> {
  const args = [HISTORY, file, ...(metric === null ? [] : [metric])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stdin.on('error', () => {});
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === EXIT.done) resolve(output.trim());
      else reject(runError(`the trends could not be drawn into ${file}`, 'name another file with --out'));
    });
    child.stdin.end(text);
  });
}
