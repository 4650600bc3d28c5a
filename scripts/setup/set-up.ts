/** Looks for the external programs that Tollgate needs, and installs the missing ones. */
import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { findPostgres } from '../../bench/fleet/postgres/find.ts';
import { findOnPath } from '../../bench/processes/executables.ts';
import { findChromium, findRedisServer, findSshd, findValgrind, findWrk } from '../../bench/processes/programs.ts';
import { runQuietly, withLock } from './execute.ts';
import { MANAGER_NAMES, type Need } from './managers.ts';
import { type Manager, plan, type Step } from './plan.ts';

const INSTALL_LIMIT_MS = 15 * 60_000;
const VERSION_LIMIT_MS = 20_000;
const RETRY_PAUSE_MS = 1_000;
/** Failures that a retry may fix: a lock of another program, or an unreliable network. */
const TRANSIENT = /lock|temporar|timed? ?out|could not resolve|connection (reset|failed|refused)/i;

/** These print their version, and then exit with 1. */
const ANSWERS_AND_FAILS: Readonly<Partial<Record<Need, RegExp>>> = { wrk: /^wrk \S/m, sshd: /^OpenSSH_\S/m };

export interface SetupOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Whether the caller can do without programs that cannot be installed, and reports them itself. */
  readonly toleratesMissing?: boolean;
}

export interface NeedStatus {
  readonly need: Need;
  readonly status: 'present' | 'installed' | 'missing';
  /** A path, or the name of the variable with the path: never its value, which may contain a password. */
  readonly where: string | null;
}

/**
 * Installs what is missing. Programs that are still missing at the end are reported on stderr with a remedy, unless
 * that is tolerated.
 */
export async function setUp(needs: readonly Need[], options: SetupOptions): Promise<readonly NeedStatus[]> {
  const before = locateAll(options.env);
  const missing = needs.some((need) => before[need] === null) ? await bring(needs, options) : new Set<Need>();
  return needs.map((need) => {
    if (missing.has(need)) return { need, status: 'missing', where: null };
    return { need, status: before[need] === null ? 'installed' : 'present', where: locate(need, options.env) };
  });
}

function say(line: string): void {
  process.stderr.write(`${styleText('bold', 'setup:', { stream: process.stderr })} ${line}\n`);
}

const LOCATE: Readonly<Record<Need, (env: NodeJS.ProcessEnv) => string | null>> = {
  redis: (env) => (env.REDIS_URL ? 'REDIS_URL' : findRedisServer(pathOf(env))),
  chromium: findChromium,
  wrk: (env) => findWrk(pathOf(env)),
  valgrind: (env) => findValgrind(pathOf(env)),
  postgres: (env) => findPostgres(pathOf(env)),
  kubectl: (env) => findOnPath(['kubectl'], pathOf(env)),
  sshd: (env) => findSshd(pathOf(env)),
};

/** Without a PATH, nothing is on it: not even what the PATH of this process names. */
function pathOf(env: NodeJS.ProcessEnv): string {
  return env.PATH ?? '';
}

function locate(need: Need, env: NodeJS.ProcessEnv): string | null {
  return LOCATE[need](env);
}

function locateAll(env: NodeJS.ProcessEnv): Record<Need, string | null> {
  const { redis, chromium, wrk, valgrind, postgres, kubectl, sshd } = LOCATE;
  return {
    redis: redis(env),
    chromium: chromium(env),
    wrk: wrk(env),
    valgrind: valgrind(env),
    postgres: postgres(env),
    kubectl: kubectl(env),
    sshd: sshd(env),
  };
}

function findManager(env: NodeJS.ProcessEnv): Manager | null {
  const name = MANAGER_NAMES.find((candidate) => findOnPath([candidate], pathOf(env)) !== null);
  if (name === undefined) return null;
  if (process.getuid?.() === 0) return { name, privilege: 'root' };
  return { name, privilege: findOnPath(['sudo'], pathOf(env)) === null ? 'none' : 'sudo' };
}

async function bring(needs: readonly Need[], options: SetupOptions): Promise<Set<Need>> {
  const steps = planNow(needs, options.env);
  if (!steps.some((step) => step.kind === 'install')) return carryOut(steps, options);
  for (const step of steps) if (step.kind === 'install') say(step.line);
  const lock = join(tmpdir(), `tollgate-setup-${userInfo().uid}.lock`);
  // Another setup may have installed something meanwhile, so the steps are planned again.
  return withLock(lock, options.signal, () => carryOut(planNow(needs, options.env), options));
}

function planNow(needs: readonly Need[], env: NodeJS.ProcessEnv): Step[] {
  const chosen = env.CHROMIUM_PATH;
  const faults = chosen
    ? { chromium: `CHROMIUM_PATH is "${chosen}", which is not an executable file: correct or unset it` }
    : {};
  return plan(needs, locateAll(env), findManager(env), { mayInstall: env.TOLLGATE_NO_INSTALL !== '1', faults });
}

/**
 * Carries out the steps.
 *
 * @returns the needs that are still missing
 */
async function carryOut(steps: readonly Step[], options: SetupOptions): Promise<Set<Need>> {
  const missing = new Set<Need>();
  let refreshOutput = '';
  for (const step of steps) {
    if (options.signal.aborted) break;
    if (step.kind === 'refresh') {
      // One unreachable repository must not stop the others: only the installs decide.
      const outcome = await runQuietly(step.command, options.env, options.signal, INSTALL_LIMIT_MS);
      if (!outcome.ok) refreshOutput = `${outcome.output}\n`;
      continue;
    }
    if (step.kind === 'install') {
      const failure = await installOne(step, options);
      if (failure === null || options.signal.aborted) continue;
      if (!options.toleratesMissing) process.stderr.write(`${refreshOutput}${failure}\n`);
    }
    if (!options.toleratesMissing) say(step.hint);
    missing.add(step.need);
  }
  return missing;
}

/** @returns the output of the failed attempt, or null if the program is now found and runs */
async function installOne(
  step: Extract<Step, { kind: 'install' }>,
  { env, signal }: SetupOptions,
): Promise<string | null> {
  const outputs: string[] = [];
  for (const attempt of step.attempts) {
    let outcome = await runQuietly(attempt.install, env, signal, INSTALL_LIMIT_MS);
    if (!outcome.ok && !signal.aborted && TRANSIENT.test(outcome.output)) {
      await delay(RETRY_PAUSE_MS);
      outcome = await runQuietly(attempt.install, env, signal, INSTALL_LIMIT_MS);
    }
    const path = locate(step.need, env);
    if (outcome.ok && path !== null) {
      if (attempt.stopService !== null && existsSync('/run/systemd/system')) {
        // Tollgate starts its own Redis; the service that the package started would only occupy the port and memory.
        await runQuietly(attempt.stopService, env, signal, VERSION_LIMIT_MS);
      }
      const answer = await runQuietly({ program: path, args: ['--version'], env: {} }, env, signal, VERSION_LIMIT_MS);
      const works = answer.ok || ANSWERS_AND_FAILS[step.need]?.test(answer.output) === true;
      return works ? null : `${path} --version failed:\n${answer.output}`;
    }
    outputs.push(outcome.ok ? `${attempt.package} was installed, but did not bring the program` : outcome.output);
    if (signal.aborted) break;
  }
  return outputs.join('\n');
}
