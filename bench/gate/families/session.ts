/** Checks 19–31: what a session promises. */
import type { Check } from '../check.ts';

export const SESSION: readonly Check[] = [];
