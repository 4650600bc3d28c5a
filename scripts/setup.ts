/**
 * Looks for the programs that Tollgate does not bring along, and installs those that are missing.
 * Exit codes: 0 everything is there, 2 wrong usage, 3 something is missing, 130 interrupted.
 */
import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { runQuietly, withLock } from './setup/execute.ts';
import { findChromium, findOnPath, findRedisServer, findWrk } from './setup/find.ts';
import { MANAGER_NAMES, NEEDS, type Need } from './setup/managers.ts';
import { type Manager, plan, type Step } from './setup/plan.ts';

const USAGE = `Usage: node scripts/setup.ts [redis] [chromium] [wrk] [--json] [--help]

Looks for what is named (no name: redis) and installs what is missing with the system's package manager.

  redis      a Redis or Valkey server; nothing is installed when REDIS_URL is set
  chromium   Chromium or Chrome; CHROMIUM_PATH names one that is not on the PATH
  wrk        the wrk load generator
  --json     print what was found, as JSON
  --help     print this

TOLLGATE_NO_INSTALL=1 only tells what is missing.
Exit codes: 0 everything is there, 2 wrong usage, 3 something is missing, 130 interrupted.
`;

const INSTALL_LIMIT_MS = 15 * 60_000;
const VERSION_LIMIT_MS = 20_000;
const RETRY_PAUSE_MS = 1_000;
/** Failures that another try may get past: somebody else's lock, or a network that hiccups. */
const TRANSIENT = /lock|temporar|timed? ?out|could not resolve|connection (reset|failed|refused)/i;

const { env } = process;
const interrupt = new AbortController();

function say(line: string): void {
  process.stderr.write(`${styleText('bold', 'setup:', { stream: process.stderr })} ${line}\n`);
}

/** Where the need is met: a path, or the name of the variable that points to it (never its value, which may hold a password). */
function locate(need: Need): string | null {
  if (need === 'redis') return env.REDIS_URL ? 'REDIS_URL' : findRedisServer(env);
  return need === 'chromium' ? findChromium(env) : findWrk(env);
}

function locateAll(): Record<Need, string | null> {
  return { redis: locate('redis'), chromium: locate('chromium'), wrk: locate('wrk') };
}

function findManager(): Manager | null {
  const name = MANAGER_NAMES.find((candidate) => findOnPath([candidate], env) !== null);
  if (name === undefined) return null;
  if (process.getuid?.() === 0) return { name, privilege: 'root' };
  return { name, privilege: findOnPath(['sudo'], env) === null ? 'none' : 'sudo' };
}

/** Carries out one install step. Returns the captured output of what failed, or null when the program is there and runs. */
async function install(step: Extract<Step, { kind: 'install' }>): Promise<string | null> {
  const outputs: string[] = [];
  for (const attempt of step.attempts) {
    let outcome = await runQuietly(attempt.install, env, interrupt.signal, INSTALL_LIMIT_MS);
    if (!outcome.ok && !interrupt.signal.aborted && TRANSIENT.test(outcome.output)) {
      await new Promise((resume) => setTimeout(resume, RETRY_PAUSE_MS));
      outcome = await runQuietly(attempt.install, env, interrupt.signal, INSTALL_LIMIT_MS);
    }
    const path = locate(step.need);
    if (outcome.ok && path !== null) {
      if (attempt.stopService !== null && existsSync('/run/systemd/system')) {
        // Tollgate starts its own Redis; the one that came up with the package would only hold the port and memory.
        await runQuietly(attempt.stopService, env, interrupt.signal, VERSION_LIMIT_MS);
      }
      const answer = await runQuietly(versionOf(path), env, interrupt.signal, VERSION_LIMIT_MS);
      // wrk tells its version and then ends with 1.
      const works = answer.ok || (step.need === 'wrk' && /^wrk \S/m.test(answer.output));
      return works ? null : `${path} --version failed:\n${answer.output}`;
    }
    outputs.push(outcome.ok ? `${attempt.package} was installed but brought no such program` : outcome.output);
    if (interrupt.signal.aborted) break;
  }
  return outputs.join('\n');
}

function versionOf(path: string) {
  return { program: path, args: ['--version'], env: {} };
}

/** Carries out the steps. Returns the needs that are still missing. */
async function carryOut(steps: readonly Step[]): Promise<Set<Need>> {
  const missing = new Set<Need>();
  let refreshOutput = '';
  for (const step of steps) {
    if (interrupt.signal.aborted) break;
    if (step.kind === 'refresh') {
      // One dead repository must not be in the way of the others: only the installs decide.
      const outcome = await runQuietly(step.command, env, interrupt.signal, INSTALL_LIMIT_MS);
      if (!outcome.ok) refreshOutput = `${outcome.output}\n`;
    } else if (step.kind === 'install') {
      const failure = await install(step);
      if (failure === null || interrupt.signal.aborted) continue;
      process.stderr.write(`${refreshOutput}${failure}\n`);
      say(step.hint);
      missing.add(step.need);
    } else {
      say(step.hint);
      missing.add(step.need);
    }
  }
  return missing;
}

/** Every word that is no need and no option, each with what was probably meant. */
async function usageFaults(words: readonly string[]): Promise<string[]> {
  const known = [...NEEDS, '--json', '--help'];
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length === 0) return [];
  const { closest } = await import('fastest-levenshtein');
  return unknown.map((word) => `unknown argument "${word}": did you mean "${closest(word, known)}"? See --help.`);
}

function planNow(needs: readonly Need[]): Step[] {
  const found = locateAll();
  const chosen = env.CHROMIUM_PATH;
  const faults = chosen
    ? { chromium: `CHROMIUM_PATH is "${chosen}", which is no executable file: correct or unset it` }
    : {};
  return plan(needs, found, findManager(), { mayInstall: env.TOLLGATE_NO_INSTALL !== '1', faults });
}

async function main(words: readonly string[]): Promise<number> {
  const faults = await usageFaults(words);
  for (const fault of faults) say(fault);
  if (faults.length > 0) return 2;
  if (words.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const named = NEEDS.filter((need) => words.includes(need));
  const needs: readonly Need[] = named.length > 0 ? named : ['redis'];
  const before = locateAll();
  let missing = new Set<Need>();
  if (needs.some((need) => before[need] === null)) missing = await bring(needs);
  if (interrupt.signal.aborted) return 130;
  if (words.includes('--json'))
    process.stdout.write(`${JSON.stringify({ needs: reportOf(needs, before, missing) })}\n`);
  return missing.size > 0 ? 3 : 0;
}

async function bring(needs: readonly Need[]): Promise<Set<Need>> {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  let steps = planNow(needs);
  if (!steps.some((step) => step.kind === 'install')) return carryOut(steps);
  for (const step of steps) if (step.kind === 'install') say(step.line);
  const lock = join(tmpdir(), `tollgate-setup-${userInfo().uid}.lock`);
  return withLock(lock, interrupt.signal, () => {
    // Another setup may have brought it while this one waited.
    steps = planNow(needs);
    return carryOut(steps);
  });
}

function reportOf(needs: readonly Need[], before: Readonly<Record<Need, string | null>>, missing: ReadonlySet<Need>) {
  return needs.map((need) => {
    if (missing.has(need)) return { need, status: 'missing', where: null };
    return { need, status: before[need] === null ? 'installed' : 'present', where: locate(need) };
  });
}

process.exitCode = await main(process.argv.slice(2));
