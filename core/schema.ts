/**
 * Builds schemas of results as TypeBox does: its types, and the same plain JSON Schema at run time, including
 * properties that JSON does not show. TypeBox's own builder consists of some 300 modules, which take longer to load
 * than a report's first ten charts take to draw. The test compares every schema with TypeBox's. Pure.
 */
import type { TSchema, Type as TypeBox } from 'typebox';

type Fields = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, TSchema>>;

/** The JSON form of each kind, from its arguments; the last one contains the options. */
const KINDS = {
  Array: (items: TSchema) => ({ type: 'array', items }),
  Boolean: () => ({ type: 'boolean' }),
  Enum: (values: readonly string[]) => ({ enum: values }),
  Integer: () => ({ type: 'integer' }),
  Literal: (value: string | number | boolean) => ({ type: typeof value, const: value }),
  Null: () => ({ type: 'null' }),
  Number: () => ({ type: 'number' }),
  Object: (properties: Properties) => {
    const required = Object.keys(properties).filter((name) => !('~optional' in (properties[name] as TSchema)));
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties };
  },
  /** For names that are strings. */
  Record: (name: TSchema & { readonly pattern?: string }, value: TSchema) => ({
    type: 'object',
    patternProperties: { [name.pattern ?? '^.*$']: value },
  }),
  String: () => ({ type: 'string' }),
  Union: (anyOf: readonly TSchema[]) => ({ anyOf }),
  Unknown: () => ({}),
};

/** A copy with one more marker property. */
function withMark(schema: object, name: string, value: unknown): TSchema {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
  return Object.defineProperty(copy, name, { value, writable: true, enumerable: false, configurable: true });
}

function made(kind: keyof typeof KINDS, given: readonly unknown[]): TSchema {
  const shape: (...given: readonly never[]) => Fields = KINDS[kind];
  const options = given[shape.length] as Fields | undefined;
  return withMark({ ...shape(...(given as never[])), ...options }, '~kind', kind);
}

const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
const runtime = {
  ...Object.fromEntries(kinds.map((kind) => [kind, (...given: readonly unknown[]) => made(kind, given)])),
  Optional: (schema: TSchema) => withMark(schema, '~optional', true),
  Pick: ({ properties }: { readonly properties: Properties }, names: readonly string[]) =>
    made('Object', [Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)))]),
  Unsafe: (schema: TSchema) => withMark(schema, '~unsafe', null),
};

export const Type = runtime as unknown as Pick<typeof TypeBox, keyof typeof KINDS | 'Optional' | 'Pick' | 'Unsafe'>;
