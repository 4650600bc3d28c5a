/** What an arm can serve, from windows at saturation. Pure. */
import { median } from '../../../core/stats/location.ts';
import type { Tally } from '../../load/protocol.ts';

/** Answered as expected, per second. */
function rateOf(tally: Tally): number {
  return ((tally.requests - tally.unexpected) * 1000) / tally.durationMs;
}

/**
 * CPU time per request varies less from one window to the next than throughput, which holds all that a machine does
 * besides. So it is taken over all windows, and from the typical window only how many cores the replica then keeps busy.
 * @returns requests per second; the median throughput where CPU time cannot be read; 0 without windows
 */
export function capacityOf(windows: readonly Tally[]): number {
  if (windows.length === 0) return 0;
  const cpu = windows.map(({ replicaCpuNs }) => replicaCpuNs?.reduce((sum, ns) => sum + ns, 0) ?? 0);
  const cpuNs = cpu.reduce((sum, ns) => sum + ns, 0);
  const answered = windows.reduce((sum, { requests, unexpected }) => sum + requests - unexpected, 0);
  if (answered === 0) return 0;
  if (cpu.some((ns) => ns === 0)) return median(windows.map(rateOf));
  const busyCores = median(windows.map(({ durationMs }, i) => (cpu[i] ?? 0) / (durationMs * 1e6)));
  return (busyCores * 1e9 * answered) / cpuNs;
}
