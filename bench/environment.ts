/** What the figures were measured on and with. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Environment } from './results/schema.ts';

const ROOT = new URL('../', import.meta.url);

/** Every package that is not for development only, and its version, as installed. */
export function installedPackages(lockText: string): Record<string, string> {
  const lock: unknown = JSON.parse(lockText);
  const packages: Record<string, string> = {};
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return packages;
  for (const [path, entry] of Object.entries(lock.packages as Record<string, { version?: unknown; dev?: unknown }>)) {
    if (typeof entry.version !== 'string' || entry.dev === true) continue;
    packages[path.replace(/^node_modules\//, '').replaceAll('/node_modules/', ' > ')] = entry.version;
  }
  return packages;
}

function git(...args: string[]): string | null {
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

/** @param cpuShares one line on how CPU shares are given, or why not */
export function readEnvironment(redis: string | null, cpuShares: string): Environment {
  const processors = cpus();
  const status = git('status', '--porcelain');
  let packages: Record<string, string> = {};
  try {
    packages = installedPackages(readFileSync(new URL('node_modules/.package-lock.json', ROOT), 'utf8'));
  } catch {
    // Installed by another package manager: the versions stay unknown.
  }
  return {
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: `${type()} ${arch()}`,
    kernel: release(),
    node: process.version,
    v8: process.versions.v8 ?? 'unknown',
    redis,
    packages,
    gitCommit: git('rev-parse', 'HEAD') || null,
    gitDirty: status === null ? null : status !== '',
    cpuShares,
  };
}
