/**
 * Keeps the heap small in commands that read journals of any length, which create much garbage and few live objects.
 * V8 lets its heap grow to several times its live size, and its young generation to tens of megabytes.
 */
import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond its live size at the last collection. More frequent collections cost time. */
const GROWS_PCT = 20;

/**
 * The young generation of threads that start later, in megabytes: with the one that a thread starts with, and no growth, a long
 * journal takes many thousand collections, and most of its time.
 */
const YOUNG_MB = 8;

/**
 * To be called once the command's modules are loaded: its young generation stays as large as it then is, some megabytes. A
 * smaller one costs time, as objects that are soon garbage grow old in it. Both flags are read at each collection, so that
 * they count from now on, for all threads.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWS_PCT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--min-semi-space-size=${YOUNG_MB}`);
}
