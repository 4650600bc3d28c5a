/** The flags for following a run from elsewhere while it measures, common to every command that makes a run. */
import type { FlagTable, Invocation } from '../command.ts';
import { readInteger } from '../parse/values.ts';
import { readTraceEndpoint, TRACE_ENDPOINT } from './traces.ts';

export const WATCHING = {
  'metrics-port': {
    value: 'N',
    help: 'Serve Prometheus metrics of the run on this port of 127.0.0.1; 0 uses any free one (default: none).',
  },
  'trace-endpoint': TRACE_ENDPOINT,
} as const satisfies FlagTable;

export interface Watching {
  /** 0 for any free port; null for no metrics. */
  readonly metricsPort: number | null;
  /** The address of a trace collector; null for none. */
  readonly traceEndpoint: string | null;
}

/** Faults are added. */
export function readWatching({ values, faults }: Pick<Invocation, 'values' | 'faults'>): Watching {
  const { 'metrics-port': port, 'trace-endpoint': endpoint } = values;
  return {
    metricsPort: port === undefined ? null : readInteger('metrics-port', port, 0, 65_535, faults),
    traceEndpoint: readTraceEndpoint(endpoint, faults),
  };
}
