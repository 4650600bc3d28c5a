/**
 * Reads an encoded histogram without allocating all its buckets: HdrHistogram's compressed V2 encoding of counts (Tene),
 * with validation. A journal contains many histograms, and most buckets of each are empty. Pure.
 */
import { inflateSync } from 'node:zlib';

export const HIGHEST_MICROS = 60_000_000;
export const SIGNIFICANT_DIGITS = 3;

/** The text is not an encoded histogram of this range and resolution. */
export class HistogramError extends Error {
  override readonly name = 'HistogramError';
}

/** The non-empty buckets in ascending order, and the count of each. */
export interface Counts {
  readonly places: readonly number[];
  readonly counts: readonly number[];
  readonly total: number;
}

const COMPRESSED_COOKIE = 0x1c849314;
const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
/** The number of buckets of a histogram with this range and resolution. */
export const PLACES = 17_408;
const MOST_COUNT_BYTES = 9;
/** Maximum size after decompression, whatever the text is. */
const MAX_BODY_BYTES = HEADER_BYTES + PLACES * MOST_COUNT_BYTES;

function fault(what: string): HistogramError {
  return new HistogramError(`encoded histogram: ${what}`);
}

/**
 * The decompressed body. Each header field is validated.
 *
 * @throws HistogramError
 */
export function bodyOf(encoded: string): Buffer {
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
  return body;
}

/**
 * Iterates over the counts of a body. A count is a little-endian number with seven bits per byte and at most nine bytes;
 * odd ones stand for a run of empty buckets (ZigZag).
 *
 * @throws HistogramError if it is truncated, or out of range
 */
function eachCount(body: Buffer, onCount: (place: number, count: number) => void): void {
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
    // Beyond the exact range of a number, the last bit no longer distinguishes the two cases.
    if (value > Number.MAX_SAFE_INTEGER) throw fault('counts that are too large');
    const isRun = value % 2 === 1;
    const next = place + (isRun ? (value + 1) / 2 : 1);
    if (next > PLACES) throw fault('counts beyond its range');
    if (!isRun && value > 0) onCount(place, value / 2);
    place = next;
  }
}

/** @throws HistogramError as `countsIn` does, but needs less memory */
export function checkCounts(body: Buffer): void {
  eachCount(body, () => {});
}

/** @throws HistogramError if the body's counts are damaged */
export function countsIn(body: Buffer): Counts {
  const places: number[] = [];
  const counts: number[] = [];
  let total = 0;
  eachCount(body, (place, count) => {
    places.push(place);
    counts.push(count);
    total += count;
  });
  return { places, counts, total };
}

/** Values below twice this have one bucket each; above, each doubling has this many buckets. */
const PLACES_PER_DOUBLING = 1024;

/** The lowest value of a bucket, in µs. */
export function lowestIn(place: number): number {
  const doubling = Math.max(0, Math.floor(place / PLACES_PER_DOUBLING) - 1);
  return (place - doubling * PLACES_PER_DOUBLING) * 2 ** doubling;
}

/** The highest value of a bucket, in µs. */
export function highestIn(place: number): number {
  return lowestIn(place + 1) - 1;
}

/** The highest value that `percentile` % of the records do not exceed, as in HdrHistogram; at least one record. */
export function percentileIn({ places, counts, total }: Counts, percentile: number): number {
  const share = (Math.min(percentile, 100) / 100) * total;
  // A product that is one rounding error above a whole number stands for that number.
  const rounding = 2 ** (Math.floor(Math.log2(share)) - 52);
  const wanted = Math.max(Math.ceil(share - rounding), 1);
  let seen = 0;
  for (let i = 0; i < places.length; i++) {
    seen += counts[i] as number;
    const place = places[i] as number;
    if (seen >= wanted) return percentile === 0 ? lowestIn(place) : highestIn(place);
  }
  return 0;
}
