import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { retryOnNetworkChange } from './steady.ts';

const context = new EventEmitter();
const browser = { contexts: () => [context] } as unknown as Parameters<typeof retryOnNetworkChange>[0];
const fail = (errorText: string) => context.emit('requestfailed', { failure: () => ({ errorText }) });

it('does again what a change of the network broke, whether it failed or only came out otherwise', async () => {
  const work = vi.fn(async (tried: number) => {
    if (tried === 0) throw new Error('page.goto: net::ERR_NETWORK_CHANGED at https://app.localhost/');
    if (tried === 1) fail('net::ERR_NETWORK_CHANGED');
    // A page that blocks another origin's request is part of the measurement.
    if (tried === 2) fail('net::ERR_BLOCKED_BY_RESPONSE');
    return tried;
  });
  await expect(retryOnNetworkChange(browser, work)).resolves.toBe(2);
  expect(context.listenerCount('requestfailed')).toBe(0);
});

it('passes on every other error at once', async () => {
  const work = vi.fn(async () => {
    throw new Error('page.goto: net::ERR_CONNECTION_REFUSED');
  });
  await expect(retryOnNetworkChange(browser, work)).rejects.toThrow('REFUSED');
  expect(work).toHaveBeenCalledTimes(1);
});

it('says what to do if the network keeps changing', async () => {
  const work = vi.fn(async () => {
    fail('net::ERR_NETWORK_CHANGED');
  });
  await expect(retryOnNetworkChange(browser, work)).rejects.toThrow(/network interfaces of this machine/);
  expect(work).toHaveBeenCalledTimes(10);
  expect(context.listenerCount('requestfailed')).toBe(0);
});
