/**
 * Latency histograms in whole microseconds, based on the HDR histogram (Tene): fixed memory, a bounded relative
 * error, and exact merging. Range 1 µs to 60 s with 3 significant digits: values up to 2,047 µs are exact, larger
 * ones within 0.1 %. A longer value is recorded as 60 s, a shorter one as 0. Counts are in a Float64Array (140 kB):
 * recording takes some 50 ns as with 32-bit counts, a sixth of the packed variant, and no merge can overflow.
 */
import hdr from 'hdr-histogram-js';
import type { Static } from 'typebox';
import { Type } from '../schema.ts';
import {
  bodyOf,
  type Counts,
  checkCounts,
  countsIn,
  HIGHEST_MICROS,
  highestIn,
  lowestIn,
  PLACES,
  percentileIn,
  SIGNIFICANT_DIGITS,
} from './encoded-counts.ts';

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

/** Methods that the package's types omit; its own `add` calls them. */
interface OpenHistogram {
  addToCountAtIndex(place: number, count: number): void;
  setTotalCount(count: number): void;
  updatedMaxValue(micros: number): void;
  updateMinNonZeroValue(micros: number): void;
}

/** Has all buckets, 140 kB; needed to record and to print. */
function build(): hdr.JsHistogram {
  const options = {
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  } as const;
  // Without useWebAssembly it is always the JavaScript one.
  return hdr.build(options) as hdr.JsHistogram;
}

function addCounts(to: hdr.JsHistogram, { places, counts, total }: Counts): void {
  const open = to as unknown as OpenHistogram;
  for (const [i, place] of places.entries()) open.addToCountAtIndex(place, counts[i] as number);
  open.setTotalCount(to.totalCount + total);
  open.updatedMaxValue(Math.max(to.maxValue, highestIn(places.at(-1) ?? 0)));
  const least = places.find((place) => place > 0);
  if (least !== undefined) open.updateMinNonZeroValue(Math.min(to.minNonZeroValue, lowestIn(least)));
}

function countsOf(all: hdr.JsHistogram): Counts {
  const places = Array.from({ length: PLACES }, (_, place) => place).filter((place) => all.getCountAtIndex(place) > 0);
  return { places, counts: places.map((place) => all.getCountAtIndex(place)), total: all.totalCount };
}

/** Records in the same bucket, by its highest value. */
export interface EqualRecords {
  readonly micros: number;
  readonly records: number;
}

export class LatencyHistogram {
  /** Counts of all buckets; null until they are needed, because a decoded histogram takes a hundredth of the memory. */
  #all: hdr.JsHistogram | null;
  /** The non-empty buckets, from decoding until `#all` is built. */
  #decoded: Counts | null;

  private constructor(all: hdr.JsHistogram | null, decoded: Counts | null) {
    this.#all = all;
    this.#decoded = decoded;
  }

  static empty(): LatencyHistogram {
    return new LatencyHistogram(build(), null);
  }

  /** @throws HistogramError unless `encoded` is an encoded histogram of the same range and resolution */
  static decode(encoded: string): LatencyHistogram {
    return new LatencyHistogram(null, countsIn(bodyOf(encoded)));
  }

  get #counts(): hdr.JsHistogram {
    if (this.#all === null) {
      this.#all = build();
      if (this.#decoded !== null && this.#decoded.total > 0) addCounts(this.#all, this.#decoded);
    }
    // The caller may change the counts, so what was decoded no longer applies.
    this.#decoded = null;
    return this.#all;
  }

  /**
   * Validates without decoding, in a fraction of the time: a journal contains many. @throws HistogramError if
   * `decode` would
   */
  static check(encoded: string): void {
    checkCounts(bodyOf(encoded));
  }

  /** Fractions are rounded to the nearest microsecond. */
  record(micros: number): void {
    const whole = Math.round(micros);
    this.#counts.recordValue(Math.min(Math.max(whole, 0), HIGHEST_MICROS));
  }

  /** Merges another one into this. */
  add(other: LatencyHistogram): void {
    if (other.count === 0) return;
    if (other.#decoded === null) this.#counts.add(other.#counts);
    else addCounts(this.#counts, other.#decoded);
  }

  get count(): number {
    return this.#decoded?.total ?? this.#counts.totalCount;
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
    if (this.count === 0) return 0;
    return this.#decoded === null
      ? this.#counts.getValueAtPercentile(percentile)
      : percentileIn(this.#decoded, percentile);
  }

  /** The `wanted` largest records, or all if there are fewer, in descending order. */
  *largest(wanted: number): Generator<EqualRecords> {
    const { places, counts } = this.#decoded ?? countsOf(this.#counts);
    let left = wanted;
    for (let i = places.length - 1; i >= 0 && left > 0; i--) {
      const records = Math.min(left, counts[i] as number);
      left -= records;
      yield { micros: highestIn(places[i] as number), records };
    }
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
