/** CPU time of this very process: of the thread that calls, and of all others. */
import type { ThreadCpu } from './thread-cpu.ts';

const NS_PER_US = 1000;

/**
 * Both readings hold what was used until now. The kernel brings the account of a running thread up to date when that of the
 * whole process is asked for, and otherwise once a tick only, so the process is asked for first.
 */
export function ownThreadCpu(): ThreadCpu {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  const ownUs = own.user + own.system;
  // They are rounded apart.
  const othersUs = Math.max(0, all.user + all.system - ownUs);
  return { mainNs: ownUs * NS_PER_US, helpersNs: othersUs * NS_PER_US };
}
