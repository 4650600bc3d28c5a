import { expect, it } from 'vitest';
import { testHeader, testSlice } from '../../bench/testing/slices.ts';
import type { JournalLine } from '../../core/results/schema.ts';
import { pathOf, plain, startCollector } from '../../test/support/watching/otlp.ts';
import { openCollector } from './collector.ts';
import { RunTrace } from './run-trace.ts';
import { traceRun } from './trace.ts';

const TRACED = { runId: 'run-1', config: { ...testHeader.config, seed: 7, experiments: ['toll', 'hot-path'] } };
const slice = (arm: string, block: number, durationMs: number) =>
  testSlice({ experiment: 'toll', arm, fork: 0, block, durationMs, requests: 100, flags: ['unpaired'] });

/** Each line with the time at which it is written, in ms. */
const LINES: readonly (readonly [number, JournalLine])[] = [
  [1_000, testHeader],
  [3_000, { kind: 'gate', at: '2026-01-01T00:00:00.000Z', seconds: 1.5, failed: [], timed: false }],
  [5_000, { kind: 'fork', experiment: 'toll', fork: 0, at: '', startupMs: 800, processes: 3 }],
  [7_000, slice('none', 0, 300)],
  [7_000, slice('jwt-hs256', 0, 500)],
  [8_000, slice('none', 1, 200)],
  [9_000, { kind: 'fork-ended', experiment: 'toll', fork: 0, seconds: { start: 1, load: 3, end: 0.1 } }],
  [9_500, { kind: 'experiment-ended', experiment: 'toll', stoppedBy: 'budget', error: null, seconds: 5 }],
  [9_900, { kind: 'experiment-ended', experiment: 'hot-path', stoppedBy: 'failed', error: 'why', seconds: 0.4 }],
];

it('is a tree of experiments, starts, blocks and arms, with parents that span their children', async () => {
  const collector = await startCollector();
  try {
    const opened = await openCollector(collector.url, TRACED.runId);
    let nowMs = 1_000;
    const trace = new RunTrace(opened, TRACED, () => nowMs);
    for (const [atMs, line] of LINES) {
      nowMs = atMs;
      trace.add(line);
    }
    nowMs = 10_000;
    trace.end();
    expect(await opened.end()).toEqual({ made: 11, lost: 0 });
    const spans = collector.spans();
    const msOf = (nanos: string) => Number(BigInt(nanos) / 1_000_000n);
    const timed = spans.map((span) => {
      return `${pathOf(span, spans)}: ${msOf(span.startTimeUnixNano)}–${msOf(span.endTimeUnixNano)}`;
    });
    expect(timed.toSorted()).toEqual([
      'run / experiment hot-path: 9500–9900',
      'run / experiment toll / start 1 / block 1 / jwt-hs256: 6500–7000',
      'run / experiment toll / start 1 / block 1 / none: 6700–7000',
      'run / experiment toll / start 1 / block 1: 6500–7000',
      'run / experiment toll / start 1 / block 2 / none: 7800–8000',
      'run / experiment toll / start 1 / block 2: 7800–8000',
      'run / experiment toll / start 1 / starting: 4200–5000',
      'run / experiment toll / start 1: 4200–9000',
      'run / experiment toll: 4200–9500',
      'run / security checks: 1500–3000',
      'run: 1000–10000',
    ]);
    expect(collector.resource()).toMatchObject({ 'service.name': 'tollgate', 'service.instance.id': 'run-1' });
    const one = (name: string) => spans.find((span) => span.name === name);
    expect(plain(one('jwt-hs256')?.attributes ?? [])).toMatchObject({
      'tollgate.arm': 'jwt-hs256',
      'tollgate.requests': 100,
      'tollgate.flags': { values: [{ stringValue: 'unpaired' }] },
    });
    // 2 is an error (opentelemetry-proto, Status.StatusCode).
    expect([one('experiment hot-path'), one('experiment toll')].map((span) => span?.status.code ?? 0)).toEqual([2, 0]);
  } finally {
    collector.close();
  }
});

it('counts the spans that no collector accepted, reports them once, and shows no secret of the address', async () => {
  const gone = await startCollector();
  gone.close();
  const trace = await traceRun(`${gone.url}?key=secret`, TRACED);
  for (const [, line] of LINES) trace.add(line);
  const said = await trace.end();
  expect(said).toBe(`11 of 11 spans of the trace did not reach the collector at ${new URL(gone.url).host}.`);
});
