import { describe, expect, it } from 'vitest';
import { testHeader } from '../../bench/testing/slices.ts';
import { readStoreServer, refuseOtherStore } from './store-server.ts';

function faultsOf(values: Record<string, string>, env: NodeJS.ProcessEnv = {}): string[] {
  const faults: string[] = [];
  readStoreServer({ values, faults }, env);
  return faults;
}

describe('--store-server', () => {
  it('cannot be combined with REDIS_URL or other hosts', () => {
    const named = { 'store-server': '/usr/bin/valkey-server' };
    expect(faultsOf(named)).toEqual([]);
    expect(faultsOf({}, { REDIS_URL: 'redis://127.0.0.1' })).toEqual([]);
    expect(faultsOf(named, { REDIS_URL: 'redis://127.0.0.1' })).toEqual([expect.stringContaining('unset REDIS_URL')]);
    expect(faultsOf({ ...named, hosts: 'hosts.json' })).toEqual([expect.stringContaining('omit it with --hosts')]);
    expect(faultsOf({ 'store-server': ' ' })).toHaveLength(1);
  });

  it('is the same for all parts of a run', async () => {
    const began = (redis: string | null) => [{ ...testHeader, environment: { ...testHeader.environment, redis } }];
    const valkey = { redisUrl: null, storeServer: { path: '/x', version: 'Valkey 8.1.1' } };
    await expect(refuseOtherStore(valkey, began('Valkey 8.1.1'))).resolves.toBeUndefined();
    await expect(refuseOtherStore(valkey, began('Redis 7.0.15'))).rejects.toThrow('started with Redis 7.0.15');
    await expect(refuseOtherStore(valkey, began('Valkey 8.1.2'))).rejects.toThrow('would continue with Valkey 8.1.1');
    await expect(refuseOtherStore(valkey, [])).resolves.toBeUndefined();
    await expect(refuseOtherStore(valkey, began(null))).resolves.toBeUndefined();
    const found = { redisUrl: null, storeServer: null };
    await expect(refuseOtherStore(found, began('Imaginary 1.0'))).rejects.toThrow('started with Imaginary 1.0');
    // The name alone says little: the named server may also be a Redis.
    for (const other of ['Redis 0.0.1', 'Valkey 0.0.1'])
      await expect(refuseOtherStore(found, began(other))).rejects.toThrow(`started with ${other}`);
    await expect(
      refuseOtherStore({ ...found, redisUrl: 'redis://x' }, began('Imaginary 1.0')),
    ).resolves.toBeUndefined();
  });
});
