/** Whether the schemas of results are identical to TypeBox's, including properties that JSON does not show. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Type } from './schema.ts';

const HERE = import.meta.dirname;
/** Modules that make schemas. */
const FOLDERS = ['results', 'results/recorded', 'results/history', 'results/reference', 'advise/plan', 'thresholds'];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(HERE, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `./${folder}/${name}`),
);

/** Every own property of a value and of its descendants, including hidden ones. */
function everything(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(value));
  return properties.map(([name, { value: own, enumerable }]) => [name, enumerable, everything(own)]).sort();
}

const isSchema = (value: unknown): value is object => typeof value === 'object' && value !== null && '~kind' in value;

/** The schemas that these modules export, by file and name. */
async function schemas(): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for (const file of files) {
    const module: Record<string, unknown> = await import(file);
    for (const [name, value] of Object.entries(module)) if (isSchema(value)) found.set(`${file} ${name}`, value);
  }
  return found;
}

it('makes every schema of the results as TypeBox does', async () => {
  const ours = await schemas();
  vi.doMock('./schema.ts', async () => ({ Type: (await import('typebox')).Type }));
  vi.resetModules();
  try {
    const expected = await schemas();
    expect(ours.size).toBeGreaterThan(25);
    expect([...ours.keys()]).toEqual([...expected.keys()]);
    for (const [name, schema] of ours) {
      expect(schema).not.toBe(expected.get(name));
      expect([name, everything(schema)]).toEqual([name, everything(expected.get(name))]);
      // The schema files of the repository are these texts.
      expect(JSON.stringify(schema)).toBe(JSON.stringify(expected.get(name)));
    }
  } finally {
    vi.doUnmock('./schema.ts');
    vi.resetModules();
  }
});

it('makes each kind with its options as TypeBox does', async () => {
  const { Type: theirs } = await import('typebox');
  const made = (type: typeof Type) => [
    type.Array(type.Literal(1), { maxItems: 3 }),
    type.Boolean({ description: 'a' }),
    type.Unsafe(type.Enum(['a', 'b'])),
    type.Pick(type.Object({ a: type.Null(), b: type.Optional(type.Integer()), c: type.String() }), ['c', 'b']),
    type.Record(type.String(), type.Number({ minimum: 1 }), { description: 'b' }),
    type.Record(type.String({ pattern: '^[A-Z]+$' }), type.Unknown()),
    type.Union([type.Literal('x'), type.Literal(true)], { title: 'c' }),
    type.Object({ none: type.Optional(type.String()) }, { additionalProperties: false }),
  ];
  expect(made(Type).map(everything)).toEqual(made(theirs as typeof Type).map(everything));
});

it('does not change a schema by marking it', () => {
  const name = Type.String();
  const optional = Type.Optional(name);
  expect(Type.Object({ name }).required).toEqual(['name']);
  expect(Type.Object({ name: optional }).required).toBeUndefined();
});
