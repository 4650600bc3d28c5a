/** Every kind of server of known truth. Adding one is adding a file and a line here. */
import { bimodal } from './bimodal.ts';
import { burn } from './burn.ts';
import { closing } from './closing.ts';
import { constant } from './constant.ts';
import { errors } from './errors.ts';
import type { Kind } from './kind.ts';
import { silent } from './silent.ts';
import { stall } from './stall.ts';

export const KINDS: readonly Kind[] = [
  constant(1),
  constant(5),
  constant(50),
  bimodal,
  stall,
  burn,
  errors,
  closing,
  silent,
];

/** @throws RangeError for an unknown name */
export function kindNamed(name: string): Kind {
  for (const kind of KINDS) {
    if (kind.name === name) return kind;
    if (kind.control?.name === name) return kind.control;
  }
  throw new RangeError(`unknown kind of truth server ${JSON.stringify(name)}`);
}
