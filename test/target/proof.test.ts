/** A printed token proves that a host belongs to the user; until then it gets a single request. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { paced } from '../../target/flow/login.ts';
import { challengeFor, proveOwnership } from '../../target/owner/proof.ts';

it('sends a host only one request until it answers with its token, which stays the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-proof-'));
  const asked: string[] = [];
  let answer = 'nothing';
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint = { host: '127.0.0.1', port, certificate: null };
  try {
    const { path, token } = challengeFor('shop.test', folder);
    await expect(proveOwnership('shop.test', endpoint, folder)).rejects.toThrow(
      `shop.test has no proof of ownership: it must serve ${path} with ${token}`,
    );
    expect(asked).toEqual([path]);
    answer = challengeFor('other.test', folder).token;
    await expect(proveOwnership('shop.test', endpoint, folder)).rejects.toThrow('has no proof of ownership');
    answer = `${token}\n`;
    await proveOwnership('shop.test', endpoint, folder);
    expect(asked).toEqual([path, path, path]);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

it('sends no more requests per second than allowed, even with concurrent callers', async () => {
  const times: number[] = [];
  const server = createServer((_, response) => {
    times.push(performance.now());
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ask = paced(20);
  const call = { method: 'GET', path: '/' };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: 5 }, () => ask({ host: '127.0.0.1', port, certificate: null }, call)));
  server.close();
  expect(times).toHaveLength(5);
  // The fifth may be sent 200 ms after the first; a timer may fire a millisecond early.
  expect(performance.now() - startedMs).toBeGreaterThan(195);
});
