import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { testSlice } from '../../../bench/testing/slices.ts';
import { createRandom } from '../../stats/random.ts';
import type { Slice } from '../schema.ts';
import { copyOf, measuresOf, SlicePacker } from './packed-slices.ts';

const clone = (slice: Slice): Slice => JSON.parse(JSON.stringify(slice));

/** Packs copies, as a journal packs slices after reading them. */
function packed(slices: readonly Slice[], finish = true): Slice[] {
  const packer = new SlicePacker();
  const found = slices.map((slice) => packer.pack(clone(slice)));
  if (finish) packer.finish();
  return found;
}

const random = createRandom(4);
/** Slices of several forms, with numbers that fit no narrow array, and some shared by all. */
const varied = Array.from({ length: 5_000 }, (_, i): Slice => {
  const process = i % 3;
  return testSlice({
    experiment: i % 7 === 0 ? 'scale' : 'toll',
    arm: [null, 'none', 'jwt-hs256'][i % 3] ?? null,
    fork: i % 4,
    block: i,
    ...(process === 0 ? {} : { process }),
    factors: i % 2 === 0 ? { in_flight: 10 } : { in_flight: 1, work: 'nothing' },
    mode: i % 2 === 0 ? 'paired' : 'closed',
    durationMs: random.random(),
    requests: 2 ** 31 + i,
    statuses: i % 5 === 0 ? { 200: i, 401: 2 } : { 200: 7 },
    measures: {
      replica_cpu_ns: 2 ** 40 + i,
      request_bytes: -1 - i,
      gc_ms: 0,
      ...(i % 2 === 0 ? { redis_commands: random.normal() } : {}),
    },
    flags: i % 11 === 0 ? ['machine-drift'] : [],
  });
});

describe('a packed slice', () => {
  it.each([true, false])('has the same content, whether its chunk is full or not: %s', (finish) => {
    const slices = packed(varied, finish);
    expect(slices.map(copyOf)).toEqual(varied);
    expect(JSON.parse(JSON.stringify(slices))).toEqual(varied);
    for (const [i, { measures }] of slices.entries()) {
      expect('redis_commands' in measures).toBe(i % 2 === 0);
      expect('rss_bytes' in measures).toBe(false);
      expect(measures.rss_bytes).toBeUndefined();
    }
  });

  it('has the same fields whether they are read by name or destructured', () => {
    const [slice] = packed([testSlice({ experiment: 'toll', arm: 'none', process: 2, measures: { gc_ms: 0.5 } })]);
    const { process = 0, kind, histograms, timeline, measures } = slice as Slice;
    expect([process, kind, histograms, timeline, measures.gc_ms]).toEqual([2, 'slice', undefined, undefined, 0.5]);
  });

  it('keeps a negative zero distinct from zero', () => {
    const zeros = [0, -0, 0].map((gc_ms) => testSlice({ experiment: 'toll', arm: 'none', measures: { gc_ms } }));
    const packer = new SlicePacker();
    const slices = zeros.map((slice) => packer.pack(slice));
    packer.finish();
    expect(slices.map(({ measures }) => Object.is(measures.gc_ms, -0))).toEqual([false, true, false]);
  });

  it('takes less than half of its previous memory', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const used = () => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const text = (block: number) =>
      JSON.stringify(
        testSlice({
          ...{ experiment: 'toll', arm: 'none', block, durationMs: 20 + random.random(), statuses: { 200: 800 } },
          measures: {
            ...{ request_bytes: 34400, response_bytes: 208800, generator_cpu_ns: 3e8 + block, gc_ms: random.random() },
            ...{ generator_busy_ratio: 1, rss_bytes: 157347840, redis_commands: 0, redis_cpu_ns: 0 },
            replica_cpu_ns: 15e6 + block,
          },
        }),
      );
    const taken = (read: (slice: Slice) => Slice) => {
      const before = used();
      const slices = Array.from({ length: 20_000 }, (_, block) => read(JSON.parse(text(block))));
      const bytes = used() - before;
      expect(slices.at(-1)?.block).toBe(19_999);
      return bytes;
    };
    const packer = new SlicePacker();
    const asRead = taken((slice) => slice);
    expect(taken((slice) => packer.pack(slice))).toBeLessThan(asRead / 2);
  });

  it('has no properties of its own, and its copy has all', () => {
    const [slice] = packed(varied);
    expect(Object.keys(slice as Slice)).toEqual([]);
    expect(Object.keys(copyOf(slice as Slice)).length).toBeGreaterThan(12);
  });
});

it('leaves a slice unchanged that contains more than numbers', () => {
  const slices = [
    testSlice({ experiment: 'revocation', arm: 'none', measures: { last_accepted_ms: [1, null] } }),
    testSlice({ experiment: 'hot-path', arm: 'none', measures: { sampled_us: { fastify: 1.5 } } }),
    testSlice({ experiment: 'latency', arm: 'none', histograms: { service: 'HISTFAAAA' } }),
  ];
  const found = packed(slices);
  expect(found).toEqual(slices);
  expect(found.map(copyOf)).toEqual(slices);
  expect(found.map(measuresOf)).toEqual(slices.map(({ measures }) => measures));
});

it('does not pack slices of very many forms, which share too little', () => {
  const slices = Array.from({ length: 6_000 }, (_, replicas) =>
    testSlice({ experiment: 'scale', arm: 'none', factors: { replicas } }),
  );
  const found = packed(slices);
  expect(found.map(copyOf)).toEqual(slices);
  expect(Object.keys(found[0] as Slice)).toEqual([]);
  expect(Object.keys(found.at(-1) as Slice)).not.toEqual([]);
});
