/** The older build of a comparison: a commit that is checked out with its own packages, or a folder that has them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { Workshop } from '../../regression/compare/workshop.ts';
import { ROOT } from '../root.ts';

export interface Code {
  readonly label: string;
  readonly directory: string;
  readonly execPath: string;
}

export const HEAD: Code = { label: 'head (the working tree)', directory: ROOT, execPath: process.execPath };

const isCheckout = (what: string) => existsSync(join(what, 'reports/build.ts'));

/** @param undo gets what removes it again @throws TollgateError if there is no such commit, or it cannot be installed */
export async function baseOf(what: string, janitor: Janitor, signal: AbortSignal, undo: (() => void)[]): Promise<Code> {
  if (isCheckout(what)) return { label: `base (${what})`, directory: resolve(what), execPath: process.execPath };
  const workshop = new Workshop(ROOT, janitor, signal);
  undo.push(() => workshop.close());
  const { label, directory, program } = await workshop.make('base', what);
  return { label, directory, execPath: program.execPath ?? process.execPath };
}
