/** Every check of the gate. To add one: a line in its family's file; to add a family: a file in `families/` and a line here. */
import type { Check } from './check.ts';
import { BROWSER } from './families/browser.ts';
import { COOKIES } from './families/cookies.ts';
import { FAILURE } from './families/failure.ts';
import { LOGIN } from './families/login.ts';
import { MALFORMED } from './families/malformed.ts';
import { REFRESH } from './families/refresh.ts';
import { SESSION_ENDING } from './families/session-ending.ts';
import { SESSION_IDS } from './families/session-ids.ts';
import { SESSION_TIME } from './families/session-time.ts';
import { TOKEN_CLAIMS } from './families/token-claims.ts';
import { TOKEN_SIGNATURE } from './families/token-signature.ts';

const FAMILIES: readonly (readonly Check[])[] = [
  TOKEN_SIGNATURE,
  TOKEN_CLAIMS,
  SESSION_IDS,
  SESSION_ENDING,
  SESSION_TIME,
  COOKIES,
  BROWSER,
  MALFORMED,
  REFRESH,
  LOGIN,
  FAILURE,
];

/** In the order of their numbers. */
export const CHECKS: readonly Check[] = FAMILIES.flat().toSorted((a, b) => a.id - b.id);
