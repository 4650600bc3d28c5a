/** Every mutant. To add one, add an entry to the file of its family. */
import type { Arm } from '../arms.ts';
import type { StartMessage } from '../messages.ts';
import { type Mutant, mutantArm } from './mutant.ts';
import { BOUND_TOKEN_MUTANTS } from './mutants/bound-tokens.ts';
import { BROWSER_MUTANTS } from './mutants/browser.ts';
import { CHANNEL_MUTANTS } from './mutants/channels.ts';
import { COOKIE_MUTANTS } from './mutants/cookies.ts';
import { CRITICAL_MUTANTS } from './mutants/critical.ts';
import { EDGE_MUTANTS } from './mutants/edge.ts';
import { ENCRYPTION_MUTANTS } from './mutants/encrypted-tokens.ts';
import { FAILURE_MUTANTS } from './mutants/failure.ts';
import { INTROSPECTION_MUTANTS } from './mutants/introspection.ts';
import { KEY_ROTATION_MUTANTS } from './mutants/key-rotation.ts';
import { LOGIN_MUTANTS } from './mutants/login.ts';
import { REFRESH_MUTANTS } from './mutants/refresh.ts';
import { SESSION_COPY_MUTANTS } from './mutants/session-copies.ts';
import { SESSION_ENDING_MUTANTS } from './mutants/session-ending.ts';
import { SESSION_ID_MUTANTS } from './mutants/session-ids.ts';
import { SESSION_TIME_MUTANTS } from './mutants/session-time.ts';
import { TRACKING_MUTANTS } from './mutants/session-tracking.ts';
import { CLAIM_MUTANTS } from './mutants/token-claims.ts';
import { FORM_MUTANTS } from './mutants/token-form.ts';
import { SIGNATURE_MUTANTS } from './mutants/token-signatures.ts';

export const MUTANTS: readonly Mutant[] = [
  ...SIGNATURE_MUTANTS,
  ...CLAIM_MUTANTS,
  ...FORM_MUTANTS,
  ...SESSION_ID_MUTANTS,
  ...SESSION_ENDING_MUTANTS,
  ...CRITICAL_MUTANTS,
  ...SESSION_TIME_MUTANTS,
  ...ENCRYPTION_MUTANTS,
  ...SESSION_COPY_MUTANTS,
  ...TRACKING_MUTANTS,
  ...COOKIE_MUTANTS,
  ...BROWSER_MUTANTS,
  ...REFRESH_MUTANTS,
  ...LOGIN_MUTANTS,
  ...FAILURE_MUTANTS,
  ...INTROSPECTION_MUTANTS,
  ...BOUND_TOKEN_MUTANTS,
  ...EDGE_MUTANTS,
  ...KEY_ROTATION_MUTANTS,
  ...CHANNEL_MUTANTS,
];

/** Finds the mutant that a start message names; real arms are not available here. */
export function findMutant({ arm, users }: Pick<StartMessage, 'arm' | 'users'>): Arm | undefined {
  const mutant = MUTANTS.find(({ name }) => name === arm);
  return mutant === undefined ? undefined : mutantArm(mutant, users);
}
