/** Every kind of server of known truth. Adding one is adding a file and a line here. */
import { bimodal } from './kinds/bimodal.ts';
import { burn } from './kinds/burn.ts';
import { constant } from './kinds/constant.ts';
import { errors } from './kinds/errors.ts';
import type { Kind } from './kinds/kind.ts';
import { silent } from './kinds/silent.ts';
import { stall } from './kinds/stall.ts';

export const KINDS: readonly Kind[] = [constant(1), constant(5), constant(50), bimodal, stall, burn, errors, silent];

/** @throws RangeError when there is no such kind */
export function kindNamed(name: string): Kind {
  for (const kind of KINDS) {
    if (kind.name === name) return kind;
    if (kind.control?.name === name) return kind.control;
  }
  throw new RangeError(`there is no kind of truth server named ${JSON.stringify(name)}`);
}
