/**
 * The registry of arms: each is a scheme with fixed options, and a description. A scheme is loaded when its arm is
 * started, so that listing the arms is quick and a replica loads only the code of its own scheme.
 */
import { BOUND_TOKENS } from './arms/bound-tokens.ts';
import { CACHED_SESSIONS } from './arms/cached-sessions.ts';
import { COMBINATIONS } from './arms/combinations.ts';
import { DATABASE_SESSIONS } from './arms/database-sessions.ts';
import { type Arm, stateless } from './arms/declared.ts';
import { ISSUED_TOKENS } from './arms/issued-tokens.ts';
import { REVOCABLE_TOKENS } from './arms/revocable-tokens.ts';
import { SEALED_COOKIES } from './arms/sealed-cookies.ts';
import { SESSIONS } from './arms/sessions.ts';
import { TOKENS } from './arms/tokens.ts';

export type { Arm } from './arms/declared.ts';

const NONE: Arm = {
  info: {
    ...stateless,
    name: 'none',
    title: 'No authentication',
    summary: 'The baseline: the same endpoints and handlers, unguarded.',
    baseline: true,
    family: 'none',
    // There is no credential to revoke or to read.
    readableByScript: false,
    hotPath: [],
    colour: '#7d8590',
  },
  load: async () => (await import('./schemes/none.ts')).none,
};

/** Arms in the order in which they are listed. */
export const ARMS: readonly Arm[] = [
  NONE,
  ...SESSIONS,
  ...CACHED_SESSIONS,
  ...DATABASE_SESSIONS,
  ...SEALED_COOKIES,
  ...TOKENS,
  ...REVOCABLE_TOKENS,
  ...BOUND_TOKENS,
  ...ISSUED_TOKENS,
  ...COMBINATIONS,
];

export function findArm(name: string): Arm | undefined {
  return ARMS.find((arm) => arm.info.name === name);
}
