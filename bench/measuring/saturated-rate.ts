/** What a fleet serves at saturation, from windows of a closed loop. Pure. */
import type { Slice } from '../../core/results/schema.ts';
import { median } from '../../core/stats/location.ts';
import { measure } from './slices.ts';

/** One window, as its slice has it. */
export type SaturatedWindow = Pick<Slice, 'requests' | 'unexpected' | 'durationMs' | 'measures'>;

/** Answered as expected, per second. */
function rateOf({ requests, unexpected, durationMs }: SaturatedWindow): number {
  return ((requests - unexpected) * 1000) / durationMs;
}

/**
 * CPU time per request varies less from one window to the next than throughput, which holds all that a machine does
 * besides. So it is taken over all windows, and from the typical window only how many cores the replicas then keep busy.
 * @returns requests per second; the median throughput where CPU time cannot be read; 0 without windows
 */
export function saturatedRate(windows: readonly SaturatedWindow[]): number {
  if (windows.length === 0) return 0;
  const cpu = windows.map((window) => measure(window, 'replica_cpu_ns'));
  const cpuNs = cpu.reduce((sum, ns) => sum + ns, 0);
  const answered = windows.reduce((sum, { requests, unexpected }) => sum + requests - unexpected, 0);
  if (answered === 0) return 0;
  if (!cpu.every((ns) => ns > 0)) return median(windows.map(rateOf));
  const busyCores = median(windows.map(({ durationMs }, i) => (cpu[i] ?? 0) / (durationMs * 1e6)));
  return (busyCores * 1e9 * answered) / cpuNs;
}
