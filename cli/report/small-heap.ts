/**
 * Keeps the heap small in commands that read journals of any length: among much that is read and forgotten, little stays.
 * V8 lets its heap grow to several times what lives in it, and its young generation to tens of megabytes.
 */
import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond what lived in it at the last collection. To collect more often costs time. */
const GROWS_PCT = 20;

/**
 * To be called once the command's modules are loaded: its young generation stays as large as it then is, some megabytes. A
 * smaller one costs time, as objects that are soon garbage grow old in it. Both flags are read at each collection, so that
 * they count from now on, for all threads.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWS_PCT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
}
