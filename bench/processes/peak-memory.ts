/** The peak memory of this very process. */
import { readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';
const BYTES_PER_KB = 1024;

/**
 * The most memory that this process has had resident, in bytes.
 *
 * Linux keeps the peak of getrusage across exec, so there `maxRSS` includes that of the process which started this one. The
 * peak in /proc begins anew.
 *
 * @param statusPath replaced in tests
 */
export function ownPeakRssBytes(statusPath = STATUS): number {
  return peakInStatus(statusPath) ?? process.resourceUsage().maxRSS * BYTES_PER_KB;
}

/** Returns null where the kernel does not tell. */
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
