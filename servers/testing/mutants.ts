/** Every mutant. Adding one is adding an entry to a file of its family. */
import type { Arm } from '../arms.ts';
import type { StartMessage } from '../contract.ts';
import { type Mutant, mutantArm } from './mutant.ts';
import { COOKIE_MUTANTS } from './mutants/cookies.ts';
import { FAILURE_MUTANTS } from './mutants/failure.ts';
import { REFRESH_MUTANTS } from './mutants/refresh.ts';
import { SESSION_MUTANTS } from './mutants/sessions.ts';
import { CLAIM_MUTANTS } from './mutants/token-claims.ts';
import { SIGNATURE_MUTANTS } from './mutants/token-signatures.ts';

export const MUTANTS: readonly Mutant[] = [
  ...SIGNATURE_MUTANTS,
  ...CLAIM_MUTANTS,
  ...SESSION_MUTANTS,
  ...COOKIE_MUTANTS,
  ...REFRESH_MUTANTS,
  ...FAILURE_MUTANTS,
];

/** The arm that a start message asks for by the name of a mutant; real arms are not to be had here. */
export function findMutant({ arm, users }: Pick<StartMessage, 'arm' | 'users'>): Arm | undefined {
  const mutant = MUTANTS.find(({ name }) => name === arm);
  return mutant === undefined ? undefined : mutantArm(mutant, users);
}
