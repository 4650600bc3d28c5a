/** CPU time of this process: of the calling thread, and of all others. */
import { type ThreadCpu, threadCpu } from './thread-cpu.ts';

const NS_PER_US = 1000;

/**
 * Both readings are current. The kernel updates the account of a running thread when that of the whole process is read,
 * and otherwise only once per tick, so the account of the process is read first.
 */
export function ownThreadCpu(): ThreadCpu {
  const all = process.cpuUsage();
  const ownUs = threadUs() ?? all.user + all.system;
  // The two are rounded separately.
  const othersUs = Math.max(0, all.user + all.system - ownUs);
  return { mainNs: ownUs * NS_PER_US, helpersNs: othersUs * NS_PER_US };
}

/** Node before 23.9 does not tell; the kernel's account of the main thread does, if there is one. */
function threadUs(): number | null {
  if (typeof process.threadCpuUsage === 'function') {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  }
  const account = threadCpu(process.pid);
  return account === null ? null : account.mainNs / NS_PER_US;
}
