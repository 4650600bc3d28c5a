/**
 * Builds the contract's schemas: TypeBox's own types, and the same plain JSON Schema at run time. TypeBox itself
 * consists of some 680 modules, and loading them took almost half of a replica's start. The test compares every
 * schema with TypeBox's.
 */
import type { TSchema, Type as TypeBox } from 'typebox';

type Options = Readonly<Record<string, unknown>>;
type Builder = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Partial'
  | 'String'
  | 'Union'
  | 'Unknown'
>;

/** TypeBox marks its schemas by properties that JSON does not show. */
function marked(schema: object, marks: Options): TSchema {
  const hidden = (value: unknown) => ({ value, writable: true, enumerable: false, configurable: true });
  return Object.defineProperties(
    schema,
    Object.fromEntries(Object.entries(marks).map(([name, value]) => [name, hidden(value)])),
  );
}

const made = (kind: string, schema: object, options: Options = {}) =>
  marked({ ...schema, ...options }, { '~kind': kind });
const copyOf = (schema: TSchema): TSchema => Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
const isOptional = (schema: TSchema) => '~optional' in schema;
const optional = (schema: TSchema) => marked(copyOf(schema), { '~optional': true });

function object(properties: Readonly<Record<string, TSchema>>, options: Options = {}): TSchema {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name] as TSchema));
  return made('Object', { type: 'object', ...(required.length > 0 ? { required } : {}), properties }, options);
}

interface ObjectSchema extends TSchema {
  readonly properties: Readonly<Record<string, TSchema>>;
}

const runtime = {
  Array: (items: TSchema, options?: Options) => made('Array', { type: 'array', items }, options),
  Boolean: (options?: Options) => made('Boolean', { type: 'boolean' }, options),
  Integer: (options?: Options) => made('Integer', { type: 'integer' }, options),
  Literal: (value: string | number | boolean, options?: Options) =>
    made('Literal', { type: typeof value, const: value }, options),
  Null: (options?: Options) => made('Null', { type: 'null' }, options),
  Number: (options?: Options) => made('Number', { type: 'number' }, options),
  Object: object,
  Optional: optional,
  Partial: ({ properties }: ObjectSchema, options?: Options) =>
    object(Object.fromEntries(Object.entries(properties).map(([name, own]) => [name, optional(own)])), options),
  String: (options?: Options) => made('String', { type: 'string' }, options),
  Union: (anyOf: readonly TSchema[], options?: Options) => made('Union', { anyOf }, options),
  Unknown: (options?: Options) => made('Unknown', {}, options),
};

export const Type = runtime as unknown as Builder;
