/** The facts that a host reports about itself. */
import { cpus, release, totalmem } from 'node:os';
import { installedRedisVersion } from '../../fleet/redis/own.ts';
import type { CpuAccounts } from '../../processes/accounts.ts';
import { readUsableCores } from '../../processes/usable-cores.ts';
import type { HostFacts } from './protocol.ts';

/** @param accounts or the reason why there are none */
export async function readFacts(accounts: CpuAccounts | string): Promise<HostFacts> {
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: readUsableCores().count,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    redis: await installedRedisVersion(),
    accounts: typeof accounts === 'string' ? `threads: ${accounts}` : `control groups, version ${accounts.version}`,
  };
}
