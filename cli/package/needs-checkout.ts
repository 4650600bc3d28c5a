/** Commands that work on the repository itself: its history, its documentation, its reference run. */
import { usageError } from '../../core/errors.ts';
import { IS_PACKAGE, ROOT } from '../root.ts';

/**
 * @returns the folder of the checkout
 * @throws TollgateError (usage) in the installed package
 */
export function checkoutFor(command: string): string {
  if (!IS_PACKAGE) return ROOT;
  throw usageError(
    `${command} needs a checkout of the Tollgate repository, but this is the installed package`,
    'clone the repository, and run it there',
  );
}
