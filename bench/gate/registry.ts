/** Every check of the gate, by family. To add one: a file in `families/` and a line here. */
import type { Check } from './check.ts';
import { SESSION } from './families/session.ts';

/** In the order of their numbers. */
export const CHECKS: readonly Check[] = [...SESSION].toSorted((a, b) => a.id - b.id);
