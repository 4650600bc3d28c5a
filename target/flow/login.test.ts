import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { paced } from './login.ts';

it('limits requests to a rate, without a warning of Node about a time that has passed', async () => {
  const server = createServer((_, response) => response.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, certificate: null };
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  try {
    const ask = paced(50);
    const startMs = performance.now();
    for (let i = 0; i < 3; i++) await ask(endpoint, { method: 'GET', path: '/' });
    expect(performance.now() - startMs).toBeGreaterThan(38);
    // Warnings come in a later turn.
    await setImmediate();
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
    server.close();
  }
});
