import { describe, expect, it } from 'vitest';
import type { Flag } from '../../../core/results/flags.ts';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { createRandom } from '../../../core/stats/random.ts';
import type { OpenResult } from '../../load/open/schema.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import type { NewSlice } from '../../measuring/slices.ts';
import { testHeader } from '../../testing/slices.ts';
import { measureLatency } from './measure.ts';

/** The slices of the quick plan, two in each of four starts, take this long. */
const SLICE_SECONDS = 6;
const histogram = LatencyHistogram.empty().encode();
const answered = {
  askedRate: 500,
  achievedRate: 500,
  durationMs: 1000,
  scheduled: 500,
  sentInTime: 500,
  answered: 500,
  unexpected: 0,
  failed: 0,
  timedOut: 0,
  unanswered: 0,
  statuses: { 200: 500 },
  generatorLate: { count: 0, maxMicros: 0, totalMicros: 0 },
  connectionWait: { count: 0, maxMicros: 0, totalMicros: 0 },
  cpuWaitMs: 0,
  corrected: histogram,
  service: histogram,
  sendGap: histogram,
} as unknown as OpenResult;
const saturated = {
  key: 'none',
  requests: 1000,
  unexpected: 0,
  failed: 0,
  statuses: { 200: 1000 },
  requestBytes: 0,
  responseBytes: 0,
  durationMs: 1000,
  replicaCpuNs: null,
  redisCpuNs: null,
  generatorCpuNs: 0,
  generatorBusy: 0,
};
const warm = { key: 'none', requests: 20_000, isWarm: true, helperShare: 0, cpuUsPerRequest: 20, fault: null };
const answers = new Map<string, unknown>([
  ['closed', saturated],
  ['warmUp', [warm]],
]);

/** One arm at two loads in four starts, on a machine that stalls in the slices with these numbers. */
async function run(stallsIn: (slice: number) => boolean, budgetSeconds: number) {
  let left = budgetSeconds;
  let slice = 0;
  const recorded: NewSlice[] = [];
  const notes: string[] = [];
  const running = (fork: number) =>
    ({
      fork,
      fleets: [{ spec: { key: 'none' }, replicas: [], redis: null, credentials: [] }],
      generator: { ask: async (operation: string) => answers.get(operation) ?? null },
      open: async () => ({ isWarm: true, run: async () => answered }),
      meter: async () => ({
        mark: async () => ({ late: histogram, flags: (stallsIn(slice) ? ['machine-stalled'] : []) satisfies Flag[] }),
      }),
      setApart: () => true,
    }) as unknown as RunningFork;
  const context = {
    config: { ...testHeader.config, profile: 'quick' },
    arms: [{ name: 'none' }],
    cores: 2,
    random: createRandom(1),
    signal: new AbortController().signal,
    prior: [],
    brokenOffFork: null,
    nextFork: () => 0,
    secondsLeft: () => left,
    progress: () => {},
    note: (text: string) => notes.push(text),
    record: (made: NewSlice) => {
      if (made.mode !== 'open') return;
      recorded.push(made);
      slice++;
      left -= SLICE_SECONDS;
    },
    withFork: (fork: number, _specs: unknown, body: (running: RunningFork) => Promise<void>) => body(running(fork)),
  } as unknown as ExperimentContext;
  return { stoppedBy: await measureLatency(context), recorded, notes };
}

describe('the quick profile', () => {
  it('measures two loads in four starts if there is time', async () => {
    const { recorded } = await run(() => false, 4 * 2 * SLICE_SECONDS);
    expect(recorded.map(({ fork, block, factors }) => [fork, block, factors.load_pct].join()).toSorted()).toEqual(
      [0, 1, 2, 3].flatMap((fork) => [`${fork},0,50`, `${fork},0,90`]),
    );
  });

  it('measures one load several times in one start otherwise, as often as fits', async () => {
    const { recorded, stoppedBy } = await run(() => false, 3.5 * SLICE_SECONDS);
    expect(recorded.map(({ fork, block, factors }) => [fork, block, factors.load_pct])).toEqual([
      [0, 0, 50],
      [0, 1, 50],
      [0, 2, 50],
    ]);
    expect(stoppedBy).toBe('plan');
  });

  it('repeats no undisturbed slice', async () => {
    const { recorded, notes } = await run((slice) => slice < 2, 6.5 * SLICE_SECONDS);
    expect(recorded.map(({ block }) => block)).toEqual([0, 1, 2, 3]);
    expect(notes).toEqual([]);
  });
});

describe('a disturbed slice of latency', () => {
  it('is repeated in the same start, with a note', async () => {
    const { recorded, notes } = await run((slice) => slice === 0, 1000);
    const again = recorded.filter(({ block }) => block > 0);
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({ fork: 0, block: 1, factors: recorded[0]?.factors, flags: [] });
    expect(notes).toEqual([expect.stringMatching(/measured again \(repetitions: 1\); none remained disturbed/)]);
  });

  it('is repeated at most twice, and then counted as it is', async () => {
    const { recorded, notes } = await run((slice) => slice < 4, 1000);
    const ofFirstFork = recorded.filter(({ fork }) => fork === 0);
    expect(ofFirstFork.map(({ block }) => block)).toEqual([0, 0, 1, 1, 2, 2]);
    const stalled = await run(() => true, 1000);
    expect(stalled.recorded.every(({ block }) => block <= 2)).toBe(true);
    expect(stalled.notes).toEqual([expect.stringMatching(/remained disturbed and are flagged/)]);
    expect(notes).toEqual([expect.stringMatching(/none remained disturbed/)]);
  });

  it('is not repeated if that would leave no time for the remaining starts', async () => {
    const { recorded, stoppedBy, notes } = await run(() => true, 4 * 2 * SLICE_SECONDS);
    expect(notes).toEqual([expect.stringMatching(/8 slices .* no time to repeat them/)]);
    expect(recorded.map(({ fork, block }) => [fork, block])).toEqual(
      [0, 1, 2, 3].flatMap((fork) => [0, 1].map(() => [fork, 0])),
    );
    expect(stoppedBy).toBe('plan');
  });

  it('gives no note if there was none', async () => {
    const { recorded, notes } = await run(() => false, 1000);
    expect(recorded.every(({ block }) => block === 0)).toBe(true);
    expect(notes).toEqual([]);
  });
});
