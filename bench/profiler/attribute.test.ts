import { describe, expect, test } from 'vitest';
import { attribute } from './attribute.ts';
import { bucketOf } from './bucket.ts';
import { type CpuProfile, CpuProfileError, readCpuProfile } from './cpu-profile.ts';

type Frame = readonly [id: number, functionName: string, url: string, children?: number[]];

/** @param samples node and the µs that each represents */
function profileOf(frames: readonly Frame[], samples: readonly (readonly [id: number, micros: number])[]): CpuProfile {
  const starts = [100, ...samples.map(([, micros]) => micros)];
  return {
    nodes: frames.map(([id, functionName, url, children]) => ({
      id,
      callFrame: { functionName, url },
      ...(children ? { children } : {}),
    })),
    startTime: 5_000,
    endTime: 5_000 + starts.reduce((sum, micros) => sum + micros, 0),
    samples: samples.map(([id]) => id),
    timeDeltas: starts.slice(0, samples.length),
  };
}

const fastify = 'file:///app/node_modules/fastify/lib/reply.js';
const busy = (profile: CpuProfile) => Object.fromEntries(attribute(profile).busyMicros);

describe('bucketOf', () => {
  test.each([
    ['node:net', 'node:net'],
    ['node:internal/stream_base_commons', 'node:net'],
    ['node:_http_outgoing', 'node:http'],
    ['node:internal/http', 'node:http'],
    ['node:internal/streams/writable', 'node:stream'],
    ['node:internal/crypto/hash', 'node:crypto'],
    ['node:events', 'node:events'],
    ['node:internal/process/task_queues', 'node:process'],
    ['node:internal/util', 'node:other'],
    [fastify, 'fastify'],
    ['/app/node_modules/ioredis/built/Pipeline.js', 'ioredis'],
    ['file:///app/node_modules/@fastify/session/lib/store.js', '@fastify/session'],
    ['file:///app/node_modules/@fastify/jwt/node_modules/fast-jwt/src/verifier.js', 'fast-jwt'],
    ['file:///app/servers/schemes/jwt.ts', 'own code'],
    ['', null],
  ])('puts %s into %s', (url, bucket) => {
    expect(bucketOf(url)).toBe(bucket);
  });
});

describe('attribute', () => {
  test('weights samples by the time until the next one, not by their count', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2, 3]],
      [2, 'send', fastify],
      [3, 'guard', 'file:///app/servers/app.ts'],
    ];
    expect(
      busy(
        profileOf(frames, [
          [2, 10],
          [2, 10],
          [3, 700],
        ]),
      ),
    ).toEqual({ fastify: 20, 'own code': 700 });
  });

  test('excludes idle time from all buckets, and separates V8’s own states', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2, 3, 4]],
      [2, '(idle)', ''],
      [3, '(program)', ''],
      [4, '(garbage collector)', ''],
    ];
    const result = attribute(
      profileOf(frames, [
        [2, 900],
        [3, 40],
        [4, 60],
      ]),
    );
    expect(result.idleMicros).toBe(900);
    expect(Object.fromEntries(result.busyMicros)).toEqual({ native: 40, 'garbage collector': 60 });
  });

  test('attributes native functions and generated code to the nearest caller with a file', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2]],
      [2, 'send', fastify, [3, 4]],
      [3, 'anonymous', '', [5]],
      [4, 'update', 'node:internal/crypto/hash', [6]],
      [5, 'replace', ''],
      [6, 'update', ''],
    ];
    expect(
      busy(
        profileOf(frames, [
          [3, 5],
          [5, 7],
          [6, 11],
        ]),
      ),
    ).toEqual({ fastify: 12, 'node:crypto': 11 });
  });

  test('does not mistake a script’s function for a state of V8 of the same name', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2]],
      [2, '(idle)', fastify],
    ];
    expect(busy(profileOf(frames, [[2, 5]]))).toEqual({ fastify: 5 });
  });

  test('attributes the inspector, and everything that it calls, to no bucket', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2, 4]],
      [2, 'post', 'node:inspector', [3]],
      [3, 'stringify', fastify],
      [4, 'send', fastify],
    ];
    const result = attribute(
      profileOf(frames, [
        [2, 50],
        [3, 25],
        [4, 10],
      ]),
    );
    expect(result.profilerMicros).toBe(75);
    expect(Object.fromEntries(result.busyMicros)).toEqual({ fastify: 10 });
  });

  test('buckets, idle and profiler time add up to everything since the first sample', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2, 3, 4]],
      [2, 'a', fastify],
      [3, '(idle)', ''],
      [4, 'b', 'node:net'],
    ];
    const profile = profileOf(frames, [
      [2, 13],
      [3, 17],
      [4, 19],
      [2, 23],
      [1, 29],
    ]);
    const { busyMicros, idleMicros, profilerMicros } = attribute(profile);
    const sum = [...busyMicros.values()].reduce((total, micros) => total + micros, idleMicros + profilerMicros);
    expect(sum).toBe(profile.endTime - profile.startTime - 100);
  });

  test('limits the time of a sample, and reports the excess', () => {
    const frames: Frame[] = [
      [1, '(root)', '', [2, 3, 4]],
      [2, 'a', fastify],
      [3, 'b', 'node:net'],
      [4, '(idle)', ''],
    ];
    const samples = [
      [2, 100],
      [3, 5_000],
      [4, 9_000],
      [2, 200],
    ] as const;
    const result = attribute(profileOf(frames, samples), 400);
    expect(Object.fromEntries(result.busyMicros)).toEqual({ fastify: 300, 'node:net': 400 });
    expect(result.cutMicros).toBe(4_600);
    expect(result.idleMicros).toBe(9_000);
  });

  test('counts a sample that is out of order as zero time, never as negative time', () => {
    const profile = profileOf(
      [
        [1, '(root)', '', [2]],
        [2, 'a', fastify],
      ],
      [
        [2, -3],
        [2, 10],
      ],
    );
    expect(busy(profile)).toEqual({ fastify: 10 });
  });
});

describe('readCpuProfile', () => {
  const good = profileOf([[1, '(root)', '']], [[1, 5]]);

  test('accepts a profile with additional fields', () => {
    expect(readCpuProfile({ ...good, extra: true })).toMatchObject({ samples: [1] });
  });

  test.each([
    ['no profile at all', null, 'wrong at its top'],
    ['no samples', { ...good, samples: undefined }, 'wrong at'],
    ['a node without a frame', { ...good, nodes: [{ id: 1 }] }, '/nodes/0'],
    ['fewer times than samples', { ...good, timeDeltas: [] }, 'cut off'],
    ['a sample of a node that it lacks', { ...good, samples: [9] }, 'node 9'],
  ])('refuses %s, and says where', (_what, value, reason) => {
    expect(() => readCpuProfile(value)).toThrow(CpuProfileError);
    expect(() => readCpuProfile(value)).toThrow(reason);
  });
});
