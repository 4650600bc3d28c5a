/** Every check of the gate. Add a check to its family's file; add a new family as a file in `checks/` and a line here. */
import type { Check } from './check.ts';
import { BROWSER } from './checks/browser.ts';
import { CHANNELS } from './checks/channels.ts';
import { COOKIES } from './checks/cookies.ts';
import { CRITICAL } from './checks/critical.ts';
import { ENDED_SESSIONS } from './checks/ended-sessions.ts';
import { FAILURE } from './checks/failure.ts';
import { KEY_ROTATION } from './checks/key-rotation.ts';
import { LASTING } from './checks/lasting.ts';
import { LOGIN } from './checks/login.ts';
import { LOGIN_LIMITS } from './checks/login-limits.ts';
import { LOST_SESSIONS } from './checks/lost-sessions.ts';
import { MALFORMED } from './checks/malformed.ts';
import { REFRESH } from './checks/refresh.ts';
import { REPLIES } from './checks/replies.ts';
import { SESSION_COPIES } from './checks/session-copies.ts';
import { SESSION_ENDING } from './checks/session-ending.ts';
import { SESSION_IDS } from './checks/session-ids.ts';
import { SESSION_TIME } from './checks/session-time.ts';
import { BOUND_TOKENS } from './checks/tokens/bound-tokens.ts';
import { EDGE } from './checks/tokens/edge.ts';
import { ENCRYPTED_TOKEN } from './checks/tokens/encrypted-token.ts';
import { INTROSPECTION } from './checks/tokens/introspection.ts';
import { TOKEN_CLAIMS } from './checks/tokens/token-claims.ts';
import { TOKEN_FORM } from './checks/tokens/token-form.ts';
import { TOKEN_SIGNATURE } from './checks/tokens/token-signature.ts';

const FAMILIES: readonly (readonly Check[])[] = [
  TOKEN_SIGNATURE,
  TOKEN_CLAIMS,
  TOKEN_FORM,
  ENCRYPTED_TOKEN,
  SESSION_IDS,
  SESSION_COPIES,
  SESSION_ENDING,
  ENDED_SESSIONS,
  LASTING,
  CRITICAL,
  SESSION_TIME,
  COOKIES,
  BROWSER,
  REPLIES,
  MALFORMED,
  REFRESH,
  LOGIN_LIMITS,
  LOGIN,
  FAILURE,
  KEY_ROTATION,
  INTROSPECTION,
  BOUND_TOKENS,
  EDGE,
  CHANNELS,
  LOST_SESSIONS,
];

/** All checks, in the order of their numbers. */
export const CHECKS: readonly Check[] = FAMILIES.flat().toSorted((a, b) => a.id - b.id);
