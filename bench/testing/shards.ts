/** Fictitious journals of shards. */
import type { ClockOffset, Shard, ShardBegan } from '../../core/results/recorded/shards.ts';
import type { Header, JournalLine, StoppedBy } from '../../core/results/schema.ts';
import type { NamedShard } from '../run/shards/refusals.ts';
import { testHeader } from './slices.ts';

export interface TestShard {
  readonly index: number;
  readonly count: number;
  readonly header?: Partial<Header>;
  readonly config?: Partial<Header['config']>;
  readonly environment?: Partial<Header['environment']>;
  readonly shard?: Partial<Shard>;
  readonly lateMs?: number | null;
  readonly clock?: ClockOffset;
  readonly stoppedBy?: StoppedBy;
  readonly interrupted?: boolean;
}

export function shardHeader({ index, count, header, config, environment, shard }: TestShard): Header {
  return {
    ...testHeader,
    runId: `2026-01-01T00-00-00Z-shard-${index}-of-${count}`,
    ...header,
    config: {
      ...testHeader.config,
      experiments: ['toll'],
      ...config,
      shard: { index, count, startAt: null, version: '1.0.0', ...shard },
    },
    environment: { ...testHeader.environment, ...environment },
  };
}

/** The lines after the slices. */
export function shardEnd({ stoppedBy = 'budget', interrupted = false }: Pick<TestShard, 'stoppedBy' | 'interrupted'>) {
  return [
    {
      kind: 'experiment-ended',
      experiment: 'toll',
      stoppedBy,
      error: stoppedBy === 'failed' ? 'a replica died' : null,
      seconds: 5,
    },
    { kind: 'run-ended', at: '2026-01-01T00:01:00.000Z', interrupted, seconds: 60, peakRssBytes: 1000 },
  ] as const satisfies readonly JournalLine[];
}

function began({ lateMs = null, clock }: TestShard): ShardBegan {
  return {
    kind: 'shard-began',
    at: '2026-01-01T00:00:10.000Z',
    lateMs,
    ...(clock === undefined ? {} : { clock }),
  };
}

/** The lines of a shard's journal. */
export function shardLines(test: TestShard, measured: readonly JournalLine[]): JournalLine[] {
  return [shardHeader(test), began(test), ...measured, ...shardEnd(test)];
}

/** The survey of such a journal. */
export function surveyed(test: TestShard): NamedShard {
  const { index } = test;
  const [ended, end] = shardEnd(test);
  const header = shardHeader(test);
  return {
    folder: `s${index}`,
    header,
    shard: header.config.shard as Shard,
    isMerged: false,
    began: began(test),
    stopped: new Map([['toll', ended]]),
    ends: [end],
    isResumed: false,
  };
}
