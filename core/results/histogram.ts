/**
 * Latency histograms in whole microseconds, based on the HDR histogram (Tene): fixed memory, a bounded relative
 * error, and exact merging. Range 1 µs to 60 s with 3 significant digits: values up to 2,047 µs are exact, larger
 * ones within 0.1 %. A longer value is recorded as 60 s, a shorter one as 0. Counts are in a Float64Array (140 kB):
 * recording takes some 50 ns as with 32-bit counts, a sixth of the packed variant, and no merge can overflow.
 */
import { inflateSync } from 'node:zlib';
import hdr from 'hdr-histogram-js';
import type { Static } from 'typebox';
import { Type } from '../schema.ts';

const HIGHEST_MICROS = 60_000_000;
const SIGNIFICANT_DIGITS = 3;

/** The percentiles that are reported everywhere. */
export const PERCENTILES = [50, 75, 90, 95, 99, 99.9, 99.99] as const;

export const PercentileValue = Type.Object(
  { percentile: Type.Number(), micros: Type.Number() },
  { additionalProperties: false },
);
export type PercentileValue = Static<typeof PercentileValue>;

/** The standard compressed V2 encoding of HdrHistogram in base64, which its tools in every language read. */
export const EncodedHistogram = Type.String({ pattern: '^HISTFA[A-Za-z0-9+/]*={0,2}$', maxLength: 400_000 });
export type EncodedHistogram = Static<typeof EncodedHistogram>;

/** The text is not an encoded histogram of this range and resolution. */
export class HistogramError extends Error {
  override readonly name = 'HistogramError';
}

/** Missing in the package's types. */
const { decode: decodeCounts } = hdr.JsHistogram as unknown as {
  readonly decode: (body: Uint8Array, bitsOfCount: 64) => hdr.JsHistogram;
};

export class LatencyHistogram {
  readonly #counts: hdr.JsHistogram;

  private constructor(counts: hdr.JsHistogram) {
    this.#counts = counts;
  }

  static empty(): LatencyHistogram {
    return new LatencyHistogram(
      hdr.build({
        bitBucketSize: 64,
        lowestDiscernibleValue: 1,
        highestTrackableValue: HIGHEST_MICROS,
        numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
      }) as hdr.JsHistogram, // without useWebAssembly it is always the JavaScript one
    );
  }

  /** @throws HistogramError unless `encoded` is an encoded histogram of the same range and resolution */
  static decode(encoded: string): LatencyHistogram {
    const body = checkedBody(encoded);
    // A copy: the library reverses slices of a Buffer in place.
    return new LatencyHistogram(decodeCounts(Uint8Array.from(body), 64));
  }

  /**
   * Validates without decoding, in a fraction of the time: a journal contains many. @throws HistogramError if
   * `decode` would
   */
  static check(encoded: string): void {
    checkedBody(encoded);
  }

  /** Fractions are rounded to the nearest microsecond. */
  record(micros: number): void {
    const whole = Math.round(micros);
    this.#counts.recordValue(Math.min(Math.max(whole, 0), HIGHEST_MICROS));
  }

  /** Merges another one into this. */
  add(other: LatencyHistogram): void {
    if (other.count > 0) this.#counts.add(other.#counts);
  }

  get count(): number {
    return this.#counts.totalCount;
  }

  /** Within the resolution; 0 when empty. */
  get meanMicros(): number {
    return this.count === 0 ? 0 : this.#counts.mean;
  }

  /** Within the resolution, so it is the same after encoding; 0 when empty. */
  get maxMicros(): number {
    return this.percentile(100);
  }

  /** The highest value, within the resolution, that `percentile` % of the records do not exceed; 0 when empty. */
  percentile(percentile: number): number {
    return this.count === 0 ? 0 : this.#counts.getValueAtPercentile(percentile);
  }

  /** The number of records up to each bound, within the resolution. @param boundsMicros ascending */
  countsUpTo(boundsMicros: readonly number[]): number[] {
    let sum = 0;
    let index = 0;
    return boundsMicros.map((bound) => {
      const last = this.#counts.countsArrayIndex(Math.min(bound, HIGHEST_MICROS));
      for (; index <= last; index++) sum += this.#counts.getCountAtIndex(index);
      return sum;
    });
  }

  percentiles(wanted: readonly number[] = PERCENTILES): PercentileValue[] {
    return wanted.map((percentile) => ({ percentile, micros: this.percentile(percentile) }));
  }

  encode(): EncodedHistogram {
    return hdr.encodeIntoCompressedBase64(this.#counts);
  }

  /** The `.hgrm` text of the standard plotters, in milliseconds. */
  toHgrm(): string {
    return this.#counts.outputPercentileDistribution(5, 1000);
  }
}

/** The sum of several, which may come from different processes. */
export function mergeHistograms(encoded: readonly EncodedHistogram[]): LatencyHistogram {
  const sum = LatencyHistogram.empty();
  for (const each of encoded) sum.add(LatencyHistogram.decode(each));
  return sum;
}

const COMPRESSED_COOKIE = 0x1c849314;
const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
/** The number of counts in a histogram of this range and resolution. */
const PLACES = 17_408;
const MOST_COUNT_BYTES = 9;
/** Inflation stops at this size, whatever the text claims. */
const MAX_BODY_BYTES = HEADER_BYTES + PLACES * MOST_COUNT_BYTES;

function fault(what: string): HistogramError {
  return new HistogramError(`encoded histogram: ${what}`);
}

/** Checks each header field first, because the library trusts lengths and ranges. */
function checkedBody(encoded: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw fault('not base64');
  const data = Buffer.from(encoded, 'base64');
  if (data.length < 8 || data.readUInt32BE(0) !== COMPRESSED_COOKIE) throw fault('not the compressed V2 form');
  if (data.readUInt32BE(4) !== data.length - 8) throw fault('cut off or padded');
  let body: Buffer;
  try {
    body = inflateSync(data.subarray(8), { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    throw fault('damaged, or larger than its range allows');
  }
  if (body.length < HEADER_BYTES || body.readUInt32BE(0) !== COOKIE) throw fault('not the V2 form');
  if (body.readUInt32BE(4) !== body.length - HEADER_BYTES) throw fault('wrong length of the counts');
  if (body.readUInt32BE(12) !== SIGNIFICANT_DIGITS) throw fault(`not of ${SIGNIFICANT_DIGITS} significant digits`);
  if (body.readBigUInt64BE(16) !== 1n || body.readBigUInt64BE(24) !== BigInt(HIGHEST_MICROS)) {
    throw fault(`not of the range 1 to ${HIGHEST_MICROS} µs`);
  }
  checkCounts(body);
  return body;
}

/**
 * The library silently drops counts beyond the range, and accepts a truncated one. A count is a little-endian
 * base-128 varint of at most nine bytes; odd values encode a run of zeros (ZigZag).
 */
function checkCounts(body: Buffer): void {
  let place = 0;
  let at = HEADER_BYTES;
  while (at < body.length) {
    let value = 0;
    let factor = 1;
    let byte = 0x80;
    for (let i = 0; i < MOST_COUNT_BYTES && byte >= 0x80; i++) {
      if (at === body.length) throw fault('counts that are cut off');
      byte = body[at++] as number;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    // Beyond the exact integers, the last bit no longer distinguishes the two cases.
    if (value > Number.MAX_SAFE_INTEGER) throw fault('counts that are too large');
    place += value % 2 === 1 ? (value + 1) / 2 : 1;
    if (place > PLACES) throw fault('counts beyond its range');
  }
}
