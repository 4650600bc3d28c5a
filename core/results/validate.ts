/** Validates data against a schema and describes the faults in one line. */
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/schema';
import { Settings } from 'typebox/system';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** @returns a validator, compiled on first use */
export function checker<S extends TSchema>(schema: S): (value: unknown) => Checked<Static<S>> {
  let compiled: Validator | null = null;
  return (value) => {
    compiled ??= Compile(schema);
    if (compiled.Check(value)) return { ok: true, value: value as Static<S> };
    const [, [first]] = compiled.Errors(value);
    const where = first?.instancePath ? `at ${first.instancePath}: ` : '';
    return { ok: false, reason: `${where}${first?.message ?? 'not of the expected form'}` };
  };
}

/** A value with more faults than this is something else altogether. */
const MOST_ERRORS = 1_000;

/** Every fault of a value: without this, the library stops after eight. */
export function everyError(compiled: Pick<Validator, 'Errors'>, value: unknown): ReturnType<Validator['Errors']>[1] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MOST_ERRORS });
  try {
    return compiled.Errors(value)[1];
  } finally {
    Settings.Set({ maxErrors });
  }
}
