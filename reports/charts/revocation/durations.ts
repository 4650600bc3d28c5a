/** Durations from milliseconds to hours on one axis. Pure. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Ticks for a logarithmic axis, at durations that people commonly use. */
export const DURATION_TICKS: readonly { readonly at: number; readonly label: string }[] = [
  { at: 1, label: '1 ms' },
  { at: 10, label: '10 ms' },
  { at: 100, label: '0.1 s' },
  { at: SECOND, label: '1 s' },
  { at: 10 * SECOND, label: '10 s' },
  { at: MINUTE, label: '1 min' },
  { at: 10 * MINUTE, label: '10 min' },
  { at: HOUR, label: '1 h' },
  { at: 12 * HOUR, label: '12 h' },
];
