/** Operations of the hot path, alone and in a server, and CPU profiles. */
import type { MetricInfo } from './metric-info.ts';

export const HOT_PATH_METRICS = {
  primitive_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'wall-clock time of one operation, isolated in a process',
    quotient: { numerator: { sum: ['wall_us_per_operation'], by: 'requests' }, denominator: 'requests' },
  },
  primitive_cpu_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of one operation, of the thread that performs it',
    quotient: { numerator: { sum: ['cpu_us_per_operation'], by: 'requests' }, denominator: 'requests' },
  },
  toll_explained_us: {
    unit: 'µs',
    better: 'neither',
    meaning: 'the part of the CPU toll that one primitive operation explains',
  },
  toll_unexplained_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'the part of the CPU toll that no measured primitive explains: plugin, hooks, header parsing, garbage collection',
  },
  toll_to_primitive_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of the scheme’s core operation isolated in a process: one read of the store, or one verification',
  },
  primitive_in_place_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time that one operation adds to a request in a server that performs it for every request',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  toll_to_primitive_in_place_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of the scheme’s core operation in a server that performs only that; each is relative to the baseline measured next to it',
  },
  parts_in_place_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time that all operations of an arm together add to a request, in a server that performs them for every request',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  toll_to_parts_in_place_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of all operations of the arm together in a server; each is relative to the baseline measured next to it. The part above 1 is spent between the operations: plugin, hooks, header parsing',
  },
  profile_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time per request in the code of one package, including native calls made from it: its share of the profile times the CPU time measured without the profiler',
  },
  profile_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request in one package minus the baseline’s under the same load',
  },
  profile_unexplained_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'how far the profiled toll is from the toll without the profiler in the same processes (against unprofiled), and how far the sum over packages is from the toll of the experiment toll, each relative to its baseline (against toll)',
  },
  profiler_overhead_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'increase of CPU time per request with the profiler running, in the same processes',
  },
} as const satisfies Record<string, MetricInfo>;
