import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { textsIn } from './csrf.ts';
import { discover } from './discover.ts';
import type { Asked } from './searched.ts';

const asked = (port: number): Asked => ({
  url: new URL(`http://127.0.0.1:${port}`),
  endpoint: { host: '127.0.0.1', port, certificate: null },
  user: { username: 'alice', password: 'open-sesame' },
  login: null,
  guarded: null,
  passwordVariable: 'TARGET_PASSWORD',
  signal: new AbortController().signal,
});

it('ends its search at once if interrupted, even if the service does not answer', async () => {
  const reason = new Error('Ctrl-C');
  const interrupted = new AbortController();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => {
    sockets.push(socket.once('data', () => interrupted.abort(reason)));
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const found = discover({ ...asked(port), signal: interrupted.signal });
  // Its own timeout is three times as long as that of a test.
  await expect(found).rejects.toBe(reason);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('ends its search after a number of requests, whatever a reply suggests', async () => {
  const tokens = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`token${i}`, `value-of-token-${i}`]));
  let requests = 0;
  const generous = createHttpServer((_, response) => {
    requests++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens));
  });
  await once(generous.listen(0, '127.0.0.1'), 'listening');
  const { port } = generous.address() as AddressInfo;
  const limits = { requests: 60, ms: 50_000 };
  await expect(discover({ ...asked(port), limits })).rejects.toThrow('was ended after 60 requests');
  expect(requests).toBe(60);
  generous.closeAllConnections();
  generous.close();
});

it('ends its search after a time, even if the service does not answer', async () => {
  const silent = createServer((socket) => sockets.push(socket));
  const sockets: Socket[] = [];
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const found = discover({ ...asked(port), limits: { requests: 60, ms: 100 } });
  await expect(found).rejects.toThrow('was ended after 0.1 s');
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('looks at the first levels and values of a reply, whatever its size', () => {
  expect(textsIn({ a: [{ 'b/c': 'x' }], d: 'y' })).toEqual([
    ['/a/0/b~1c', 'x'],
    ['/d', 'y'],
  ]);
  expect(textsIn(Array.from({ length: 1_000_000 }, () => 'x')).length).toBe(9999);
  let deep: unknown = 'x';
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(textsIn(deep)).toEqual([]);
});
