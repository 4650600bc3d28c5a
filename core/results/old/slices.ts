/**
 * Slices in the form of older versions: values of each replica, or of each package, had separate names, and a mode
 * said how a slice was counted, not what was done in it. They are converted here, so that analyses handle only the
 * current form.
 */
import { isRecord, ownValue } from '../../own-value.ts';
import { isMeasure } from '../measures.ts';
import type { SliceMode } from '../schema.ts';

/** The current mode, by experiment and old mode. */
const MODES: Readonly<Record<string, Readonly<Record<string, SliceMode>>>> = {
  layers: { count: 'connect' },
  store: { count: 'fill', micro: 'lookup' },
  revocation: { count: 'watch' },
  browser: { count: 'trial' },
};

const SAMPLED = 'sampled_us:';
const PER_REPLICA = /^(last_accepted_ms|first_refused_ms)_(\d+)$/;

const MOST_REPLICAS = 1_000;

type Fields = Readonly<Record<string, unknown>>;

function renamed(measures: Fields): Fields {
  const { replicas, ...others } = measures;
  if (typeof replicas !== 'number' && !Object.keys(others).some((name) => name.startsWith(SAMPLED))) return measures;
  const count = Number(replicas ?? 0);
  // More than any run has: the line is damaged, and the schema refuses its measures.
  if (!Number.isInteger(count) || count < 0 || count > MOST_REPLICAS) return measures;
  const result: Record<string, unknown> = {};
  const ofReplicas = Array<unknown>(count).fill(null);
  if (replicas !== undefined) {
    result.last_accepted_ms = [...ofReplicas];
    result.first_refused_ms = [...ofReplicas];
  }
  const buckets: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(others)) {
    const [, list, index] = PER_REPLICA.exec(name) ?? [];
    if (list !== undefined && Array.isArray(result[list])) result[list][Number(index)] = value;
    else if (name.startsWith(SAMPLED)) buckets[name.slice(SAMPLED.length)] = value;
    else result[name] = value;
  }
  return Object.keys(buckets).length > 0 ? { ...result, sampled_us: buckets } : result;
}

export interface ReadSlice {
  readonly line: unknown;
  /** Measures unknown to this version; they are dropped. */
  readonly unknown: readonly string[];
}

/** @param line of a journal, not yet validated; a line that is not a slice is returned unchanged */
export function readSlice(line: unknown): ReadSlice {
  if (!isRecord(line) || line.kind !== 'slice' || !isRecord(line.measures)) return { line, unknown: [] };
  const { experiment, mode } = line;
  const today = ownValue(ownValue(MODES, String(experiment)) ?? {}, String(mode)) ?? mode;
  const current = renamed(line.measures);
  const measures = Object.entries(current);
  // A line of this version is used unchanged: most journals contain nothing else, and some have very many lines.
  if (current === line.measures && today === mode && measures.every(([name]) => isMeasure(name))) {
    return { line, unknown: [] };
  }
  return {
    line: { ...line, mode: today, measures: Object.fromEntries(measures.filter(([name]) => isMeasure(name))) },
    unknown: measures.flatMap(([name]) => (isMeasure(name) ? [] : [name])),
  };
}
