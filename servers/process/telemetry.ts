/** A replica's report on its own resources: counters since its start, of which the reader takes differences. */
import { PerformanceObserver, performance } from 'node:perf_hooks';
import type { Telemetry } from '../messages.ts';

/** Starts counting garbage collections, and returns the reader. */
export function startTelemetry(): (id: number) => Telemetry {
  let gcCount = 0;
  let gcMs = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gcCount += 1;
      gcMs += entry.duration;
    }
  }).observe({ entryTypes: ['gc'] });

  return (id) => {
    const memory = process.memoryUsage();
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    return {
      type: 'telemetry',
      id,
      rssBytes: memory.rss,
      heapUsedBytes: memory.heapUsed,
      eventLoopActiveMs: loop.active,
      eventLoopIdleMs: loop.idle,
      gcCount,
      gcMs,
      cpuUserUs: cpu.user,
      cpuSystemUs: cpu.system,
      loopTurns: performance.nodeTiming.uvMetricsInfo.loopCount,
    };
  };
}
