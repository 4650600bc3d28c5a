/**
 * Keeps the heap small in commands that read journals of any length, which create much garbage and few live objects.
 * V8 lets its heap grow to several times its live size, and its young generation to tens of megabytes.
 */
import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond its live size at the last collection. More frequent collections cost time. */
const GROWS_PCT = 20;

/**
 * Call this after the command's modules are loaded: the young generation keeps its size at that time, some megabytes.
 * A smaller one costs time, because short-lived objects are promoted. Both flags are read at each collection, so they
 * take effect now, for all threads.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWS_PCT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
}
