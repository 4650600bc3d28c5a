/** Checks messages and files against the contract, with the validator that Fastify loads for its routes anyway. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from 'typebox';

/** Schemas are the contract's own and messages are few, so neither are schemas checked nor is the code for them made fast. */
const ajv = new Ajv({ meta: false, validateSchema: false, code: { optimize: false } });
const compiled = new WeakMap<TSchema, ValidateFunction>();

/** Compiled when first asked for: most messages never come. */
function validatorOf(schema: TSchema): ValidateFunction {
  let found = compiled.get(schema);
  if (found === undefined) {
    found = ajv.compile(schema);
    compiled.set(schema, found);
  }
  return found;
}

export function fits<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return validatorOf(schema)(value) === true;
}

/** @returns where a value does not fit its schema, and why; never what it holds, which may be a secret; null where it fits */
export function faultIn(schema: TSchema, value: unknown): string | null {
  const validate = validatorOf(schema);
  if (validate(value) === true) return null;
  const [fault] = validate.errors ?? [];
  return `${fault?.instancePath || 'its top'}: ${fault?.message ?? 'not of the expected form'}`;
}
