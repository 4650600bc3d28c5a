/** Every check of the gate. To add one: a line in its family's file; to add a family: a file in `families/` and a line here. */
import type { Check } from './check.ts';
import { BROWSER } from './families/browser.ts';
import { COOKIES } from './families/cookies.ts';
import { MALFORMED } from './families/malformed.ts';
import { SESSION_ENDING } from './families/session-ending.ts';
import { SESSION_IDS } from './families/session-ids.ts';
import { SESSION_TIME } from './families/session-time.ts';

const FAMILIES: readonly (readonly Check[])[] = [
  SESSION_IDS,
  SESSION_ENDING,
  SESSION_TIME,
  COOKIES,
  BROWSER,
  MALFORMED,
];

/** In the order of their numbers. */
export const CHECKS: readonly Check[] = FAMILIES.flat().toSorted((a, b) => a.id - b.id);
