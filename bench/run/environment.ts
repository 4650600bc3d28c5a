/** The environment of the measurements: machine, versions and settings. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../core/results/recorded/environment.ts';
import { thisMachine } from '../calibrate/machine.ts';
import { readCalibration } from '../calibrate/store.ts';
import { readMemoryLimit } from '../processes/groups/group-limits.ts';
import { readUsableCores } from '../processes/usable-cores.ts';
import { cpuEnvironment } from './cpu-environment.ts';
import { readPackages } from './packages.ts';

const ROOT = new URL('../../', import.meta.url);

function git(...args: string[]): string | null {
  // An installed package may lie in a repository of its user.
  if (!existsSync(new URL('.git', ROOT))) return null;
  try {
    return execFileSync('git', args, {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** @returns the result of the last calibration here, in the form of a run's metadata */
async function readLastCalibration(directory: string): Promise<NonNullable<Environment['calibration']>> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string };
  const here = { machine: thisMachine(), version, nowMs: Date.now() };
  const { reason, flag } = await readCalibration(directory, here);
  return { reason, flag };
}

/**
 * @param groups one line each on how CPU shares are limited, or why not, and on the source of CPU times
 *
 * @param calibrations the folder in which `npm run calibrate` stores its result
 */
export async function readEnvironment(
  redis: string | null,
  groups: { readonly shares: string; readonly accounts: string },
  calibrations: string,
): Promise<Environment> {
  const cores = readUsableCores();
  const status = git('status', '--porcelain');
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cores.count,
    memoryBytes: totalmem(),
    memoryLimitBytes: readMemoryLimit(),
    platform: `${type()} ${arch()}`,
    kernel: release(),
    node: process.version,
    v8: process.versions.v8 ?? 'unknown',
    redis,
    packages: readPackages(fileURLToPath(ROOT)),
    gitCommit: git('rev-parse', 'HEAD') || null,
    gitDirty: status === null ? null : status !== '',
    cpuShares: groups.shares,
    cpu: cpuEnvironment(groups.accounts, cores),
    calibration: await readLastCalibration(calibrations),
  };
}
