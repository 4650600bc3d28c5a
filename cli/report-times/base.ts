/** The older build of a comparison: a commit that is checked out with its own packages, or a folder that has them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Build } from '../../regression/compare/build.ts';
import type { Workshop } from '../../regression/compare/workshop.ts';
import { ROOT } from '../root.ts';

export interface Code {
  readonly label: string;
  readonly directory: string;
  readonly execPath: string;
}

export const HEAD: Code = { label: 'head (the working tree)', directory: ROOT, execPath: process.execPath };

const isCheckout = (what: string) => existsSync(join(what, 'reports/build.ts'));

/** The code of a build that was made of a commit. */
export const codeOf = ({ label, directory, program }: Build): Code => ({
  label,
  directory,
  execPath: program.execPath ?? process.execPath,
});

/** @throws TollgateError if there is no such commit, or it cannot be installed */
export async function baseOf(what: string, workshop: Workshop): Promise<Code> {
  if (isCheckout(what)) return { label: `base (${what})`, directory: resolve(what), execPath: process.execPath };
  return codeOf(await workshop.make('base', what));
}
