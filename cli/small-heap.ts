/**
 * Keeps the heap small in commands that read journals of any length: among much that is read and forgotten, little stays.
 * V8 lets its heap grow to several times what lives in it, and its young generation to tens of megabytes.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond what lived in it at the last collection. More often than this costs time. */
const GROWS_PCT = 20;
/** Of the young generation: less costs time, as objects that will soon be garbage then grow old. */
export const YOUNG_BYTES = 4 * 2 ** 20;
const MOST_STEPS = 1_000;

export const youngBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;

/**
 * Both flags are read at each collection, so that they count from now on, for all threads. The young generation grows only
 * once enough has survived in it: something has to live until it is as large as wanted.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWS_PCT}`);
  const alive: number[][] = [];
  for (let i = 0; i < MOST_STEPS && youngBytes() < YOUNG_BYTES; i++) alive.push(Array<number>(8_192).fill(i));
  setFlagsFromString('--semi-space-growth-factor=1');
}
