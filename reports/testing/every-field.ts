/** A value with every field that its schema allows, for tests of what happens to fields that most runs lack. Pure. */
import type { TSchema } from 'typebox';
import { isRecord } from '../../core/own-value.ts';

/** The parts of a JSON schema that are followed. */
interface Part {
  readonly anyOf?: readonly Part[];
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
}

/** The first alternative that is not null. */
function alternative(part: Part): Part {
  return part.anyOf === undefined ? part : alternative(part.anyOf.find(({ type }) => type !== 'null') ?? {});
}

/**
 * The value with what it lacks: optional fields, an element in each empty array, and a value in place of null. Null
 * stays where the schema wants a text of a given form.
 */
export function everyField(schema: TSchema, value: unknown): unknown {
  return filled(schema as Part, value);
}

function made({ const: only, enum: [first = only] = [], type, minimum = 1 }: Part): unknown {
  if (first !== undefined) return first;
  if (type === 'string') return 'text';
  if (type === 'array') return [];
  if (type === 'object') return {};
  return type === 'boolean' ? true : minimum;
}

function filled(given: Part, value: unknown): unknown {
  const part = alternative(given);
  if (value === null && part.pattern !== undefined) return null;
  const own = value ?? made(part);
  if (part.type === 'array' && Array.isArray(own)) {
    const { items = {} } = part;
    return (own.length === 0 ? [undefined] : own).map((one) => filled(items, one));
  }
  if (part.properties === undefined || !isRecord(own)) return own;
  const fields = Object.entries(part.properties).map(([name, field]) => [name, filled(field, own[name])]);
  return { ...own, ...Object.fromEntries(fields) };
}
