/** The throughput of a fleet at saturation, from windows of a closed loop. Pure. */
import type { Slice } from '../../core/results/schema.ts';
import { median } from '../../core/stats/location.ts';
import { measure } from './slices.ts';

/** One window, in the form of its slice. */
export type SaturatedWindow = Pick<Slice, 'requests' | 'unexpected' | 'durationMs' | 'measures'>;

/** Expected responses per second. */
function rateOf({ requests, unexpected, durationMs }: SaturatedWindow): number {
  return ((requests - unexpected) * 1000) / durationMs;
}

/**
 * CPU time per request varies less between windows than throughput, which depends on everything else the machine
 * does. So it is taken over all windows, and the number of busy cores from the typical window. @returns requests per
 * second; the median throughput if CPU time cannot be read; 0 without windows
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
