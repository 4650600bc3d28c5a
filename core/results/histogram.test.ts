import { deflateSync, inflateSync } from 'node:zlib';
import hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { HistogramError } from './encoded-counts.ts';
import { LatencyHistogram, mergeHistograms } from './histogram.ts';

function of(...micros: number[]): LatencyHistogram {
  const histogram = LatencyHistogram.empty();
  for (const each of micros) histogram.record(each);
  return histogram;
}
const oneToHundred = Array.from({ length: 100 }, (_, i) => i + 1);

/** The body of an encoded histogram, modified and encoded again. */
function tampered(change: (body: Buffer) => Buffer): string {
  const body = change(inflateSync(Buffer.from(of(5, 6, 7).encode(), 'base64').subarray(8)));
  const packed = deflateSync(body);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x1c849314, 0);
  head.writeUInt32BE(packed.length, 4);
  return Buffer.concat([head, packed]).toString('base64');
}
describe('a latency histogram', () => {
  it('gives the percentiles of 1 to 100 µs exactly', () => {
    expect(of(...oneToHundred).percentiles([50, 90, 95, 99, 100])).toEqual([
      { percentile: 50, micros: 50 },
      { percentile: 90, micros: 90 },
      { percentile: 95, micros: 95 },
      { percentile: 99, micros: 99 },
      { percentile: 100, micros: 100 },
    ]);
    expect(of(...oneToHundred).meanMicros).toBe(50.5);
    expect(of(...oneToHundred).count).toBe(100);
  });

  it('is exact up to 2,047 µs and within 0.1 % to 60 s', () => {
    for (const micros of [1, 2, 999, 1000, 2047]) expect(of(micros).percentile(50)).toBe(micros);
    const random = createRandom(1);
    for (let i = 0; i < 500; i++) {
      const micros = Math.round(Math.exp(random.random() * Math.log(60e6)));
      const value = of(micros).percentile(50);
      expect(value).toBeGreaterThanOrEqual(micros);
      expect((value - micros) / micros).toBeLessThan(0.001);
    }
  });

  it('rounds to the microsecond, and clamps values out of range', () => {
    expect(of(1.6).maxMicros).toBe(2);
    expect(of(-3).percentile(50)).toBe(0);
    expect(of(61e6).count).toBe(1);
    expect(of(61e6).maxMicros).toBe(of(60e6).maxMicros);
  });

  it('is all zeroes when it is empty', () => {
    const empty = LatencyHistogram.empty();
    expect([empty.count, empty.meanMicros, empty.maxMicros, empty.percentile(99)]).toEqual([0, 0, 0, 0]);
    expect(LatencyHistogram.decode(empty.encode()).count).toBe(0);
  });

  it('is the same after encoding and decoding', () => {
    const random = createRandom(2);
    const histogram = of(...Array.from({ length: 5000 }, () => 1000 * random.exponential()));
    const decoded = LatencyHistogram.decode(histogram.encode());
    expect(decoded.percentiles()).toEqual(histogram.percentiles());
    expect([decoded.count, decoded.meanMicros, decoded.maxMicros]).toEqual([
      histogram.count,
      histogram.meanMicros,
      histogram.maxMicros,
    ]);
    expect(decoded.encode()).toBe(histogram.encode());
  });

  it('merged from parts is the histogram of the whole', () => {
    const odd = of(...oneToHundred.filter((n) => n % 2 === 1));
    const even = of(...oneToHundred.filter((n) => n % 2 === 0));
    const merged = mergeHistograms([odd.encode(), LatencyHistogram.empty().encode(), even.encode()]);
    expect(merged.encode()).toBe(of(...oneToHundred).encode());
  });

  it('decoded has the percentiles, the text and the largest records that the library finds in all places', () => {
    const random = createRandom(5);
    for (const count of [1, 2, 3, 7, 100, 1000]) {
      const values = Array.from({ length: count }, () => Math.round(Math.exp(random.random() * Math.log(60e6))) - 1);
      const whole = of(...values);
      const decoded = () => LatencyHistogram.decode(whole.encode());
      for (const level of [
        0,
        0.1,
        33.3,
        50,
        99,
        99.9,
        100,
        ...values.slice(0, 50).map((_, i) => (100 * (i + 1)) / count),
      ])
        expect(decoded().percentile(level)).toBe(whole.percentile(level));
      // The highest value that its place allows counts as the largest, once it is encoded.
      const text = hdr.decodeFromCompressedBase64(whole.encode(), 64, false).outputPercentileDistribution(5, 1000);
      expect(mergeHistograms([whole.encode()]).toHgrm()).toBe(text);
      const grown = decoded();
      grown.record(5);
      expect([grown.count, decoded().toHgrm()]).toEqual([count + 1, text]);
      const largest = [...decoded().largest(50)].flatMap(({ micros, records }) =>
        Array.from({ length: records }, () => micros),
      );
      expect(largest).toEqual(
        Array.from({ length: Math.min(50, count) }, (_, i) => whole.percentile((100 * (count - i)) / count)),
      );
      expect([...whole.largest(50)]).toEqual([...decoded().largest(50)]);
    }
  });

  it('prints the text that standard plotters read, in ms', () => {
    const text = of(1000, 2000).toHgrm();
    expect(text).toMatch(/^ {7}Value {5}Percentile TotalCount 1\/\(1-Percentile\)\n/);
    expect(text).toMatch(/^ +1\.000 +0\.50\d* +1 +2\.00$/m);
    expect(text).toMatch(/Max {5}= +2\.000, Total count {4}= +2\]/);
  });
});

describe('decoding', () => {
  const put = (offset: number, value: number) => (body: Buffer) => {
    body.writeUInt32BE(value, offset);
    return body;
  };
  /** The body with these bytes in place of its counts. */
  function withCounts(...bytes: number[]): string {
    return tampered((body) => put(4, bytes.length)(Buffer.concat([body.subarray(0, 40), Buffer.from(bytes)])));
  }
  it('accepts counts up to the last place of the range, and runs of zeros of any length', () => {
    // ZigZag of -17,407, and a count of 1 in the last place.
    const last = LatencyHistogram.decode(withCounts(0xfd, 0x8f, 0x02, 0x02));
    expect([last.count, last.percentile(50)]).toEqual([1, 2 ** 26 - 1]);
    expect(() => LatencyHistogram.decode(withCounts(0xff, 0x8f, 0x02, 0x02))).toThrow('beyond its range');
    const random = createRandom(3);
    for (let i = 0; i < 50; i++) {
      const histogram = of(...Array.from({ length: 200 }, () => Math.exp(random.random() * Math.log(60e6))));
      expect(LatencyHistogram.decode(histogram.encode()).encode()).toBe(histogram.encode());
    }
  });
  it('accepts an unchanged body that was encoded again', () => {
    expect(LatencyHistogram.decode(tampered((body) => body)).count).toBe(3);
  });
  it.each([
    ['an empty text', ''],
    ['no base64', 'HISTFA!'],
    ['another format', Buffer.from('something else entirely').toString('base64')],
    ['a text that is cut off', of(1, 2, 3).encode().slice(0, -8)],
    ['a damaged text', `${of(1, 2, 3).encode().slice(0, 20)}AAAA${of(1, 2, 3).encode().slice(24)}`],
    ['another resolution', tampered(put(12, 5))],
    ['another lowest value', tampered(put(20, 2))],
    ['a range that would need all memory', tampered(put(24, 0x1fffff))],
    ['a length of four gigabytes', tampered(put(4, 0xffffffff))],
    ['more than its range can hold', tampered((body) => Buffer.concat([body, Buffer.alloc(1e6)]))],
    [
      'counts beyond its range',
      tampered((body) => {
        // ZigZag of -20,000: skip 20,000 empty places, then a count of 1.
        const counts = Buffer.from([0xbf, 0xb8, 0x02, 0x02]);
        return put(4, counts.length)(Buffer.concat([body.subarray(0, 40), counts]));
      }),
    ],
    ['a count that is cut off', withCounts(0x02, 0x82)],
    ['a count that is larger than numbers are exact', withCounts(...Array.from({ length: 9 }, () => 0xff))],
    ['a skip that is larger than numbers are exact', withCounts(...Array.from({ length: 8 }, () => 0xff), 0x7f)],
  ])('refuses %s', (_, text) => {
    expect(() => LatencyHistogram.decode(text)).toThrow(HistogramError);
    expect(() => LatencyHistogram.check(text)).toThrow(HistogramError);
  });
});

it('its .hgrm suits the plotter of HdrHistogram: four ascending numbers a line, in ms, up to the largest value', () => {
  const text = of(...oneToHundred.map((n) => 1000 * n)).toHgrm();
  // As the plotter reads it: lines of four numeric words; the last has no 1/(1-percentile).
  const rows = text
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter((words) => words.length === 4 && !words[0]?.startsWith('#'))
    .map((words) => words.map(Number.parseFloat))
    .filter(([value, , , inverse]) => Number.isFinite(value) && inverse !== undefined && !Number.isNaN(inverse));
  expect(rows.length).toBeGreaterThan(10);
  for (const [i, [value = 0, percentile = 0, total = 0, inverse = 0]] of rows.entries()) {
    const [before = 0, lower = 0] = rows[i - 1] ?? [];
    expect(value).toBeGreaterThanOrEqual(before);
    expect(percentile).toBeGreaterThanOrEqual(lower);
    expect(percentile).toBeLessThan(1);
    expect(inverse).toBeCloseTo(1 / (1 - percentile), 0);
    // Of 1 to 100 ms, that many are at most that long.
    expect(Math.abs(value - total)).toBeLessThan(0.2);
  }
  expect(text).toMatch(/#\[Max {5}= {6}100\.\d{3}, Total count {4}= {10}100\]/);
});

it('counts of records up to each bound are exact if values are', () => {
  const histogram = LatencyHistogram.empty();
  for (const micros of [0, 1, 500, 500, 501, 2_000, 70_000_000]) histogram.record(micros);
  expect(histogram.countsUpTo([0, 1, 500, 501, 1_999, 2_000, 60_000_000])).toEqual([1, 2, 4, 5, 5, 6, 7]);
});
