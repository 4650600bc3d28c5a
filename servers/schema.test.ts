/**
 * Whether the schemas of the contract and its messages are identical to TypeBox's, including properties that JSON
 * does not show.
 */
import { Compile } from 'typebox/compile';
import { describe, expect, it, vi } from 'vitest';
import * as configuration from './configuration.ts';
import * as contract from './contract.ts';
import * as messages from './messages.ts';
import { RedisAddress } from './redis-address.ts';
import { Type } from './schema.ts';

/** Every own property of a value and of its descendants, including hidden ones. */
function everything(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(value));
  return properties.map(([name, { value: own, enumerable }]) => [name, enumerable, everything(own)]).sort();
}

async function contractByTypeBox(): Promise<Record<string, unknown>> {
  vi.doMock('./schema.ts', async () => ({ Type: (await import('typebox')).Type }));
  vi.resetModules();
  try {
    const { RedisAddress: address } = await import('./redis-address.ts');
    const others = { ...(await import('./configuration.ts')), ...(await import('./messages.ts')) };
    return { ...(await import('./contract.ts')), ...others, RedisAddress: address };
  } finally {
    vi.doUnmock('./schema.ts');
    vi.resetModules();
  }
}

it('makes every schema of the contract as TypeBox does', async () => {
  const ours: Record<string, unknown> = { ...contract, ...configuration, ...messages, RedisAddress };
  const expected = await contractByTypeBox();
  expect(expected.StartMessage).not.toBe(ours.StartMessage);
  expect(Object.keys(ours).length).toBeGreaterThan(30);
  expect(Object.keys(ours)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(ours)) {
    expect([name, everything(value)]).toEqual([name, everything(expected[name])]);
  }
});

describe('a schema', () => {
  it('is not changed by making it optional', () => {
    const name = Type.String();
    const optional = Type.Optional(name);
    expect(Type.Object({ name }).required).toEqual(['name']);
    expect(Type.Object({ name: optional }).required).toBeUndefined();
  });

  it('can be compiled by TypeBox', () => {
    const check = Compile(Type.Object({ id: Type.Integer(), note: Type.Optional(Type.String()) }));
    expect([{ id: 1 }, { id: 1, note: 'a' }].every((value) => check.Check(value))).toBe(true);
    expect([{}, { id: 1.5 }, { id: 1, note: 2 }, null].some((value) => check.Check(value))).toBe(false);
  });
});
