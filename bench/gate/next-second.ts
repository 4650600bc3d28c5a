/** Values that hold their time in whole seconds are equal within one. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves just after the next second of the clock begins. */
export const nextSecond = (): Promise<void> => sleep(1_000 - (Date.now() % 1_000) + 5);
