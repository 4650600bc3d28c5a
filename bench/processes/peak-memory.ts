/** The peak memory of this process. */
import { readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';
const BYTES_PER_KB = 1024;

/**
 * The peak resident memory of this process, in bytes. On Linux the peak of getrusage survives exec, so `maxRSS`
 * includes that of the process which started this one; the peak in /proc starts anew.
 *
 * @param statusPath replaced in tests
 */
export function ownPeakRssBytes(statusPath = STATUS): number {
  return peakInStatus(statusPath) ?? process.resourceUsage().maxRSS * BYTES_PER_KB;
}

/** @returns null if the kernel does not tell */
function peakInStatus(path: string): number | null {
  let status: string;
  try {
    status = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const kB = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kB === undefined ? null : Number(kB) * BYTES_PER_KB;
}
