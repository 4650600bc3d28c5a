/** Schemas of names that are declared elsewhere. */
import { Type } from '../../schema.ts';
import { FLAG_NAMES, type Flag } from '../flags.ts';

export function oneOf<T extends string>(names: readonly T[]) {
  return Type.Unsafe<T>(Type.Enum([...names]));
}

export const FlagName = oneOf<Flag>(FLAG_NAMES);
