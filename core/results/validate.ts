/** Checks data against a schema and says in one line what is wrong with it. */
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** @returns a function that checks a value; compiled once */
export function checker<S extends TSchema>(schema: S): (value: unknown) => Checked<Static<S>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value: value as Static<S> };
    const [first] = compiled.Errors(value);
    const where = first?.instancePath ? `at ${first.instancePath}: ` : '';
    return { ok: false, reason: `${where}${first?.message ?? 'not of the expected form'}` };
  };
}
