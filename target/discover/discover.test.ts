import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { discover } from './discover.ts';

it('ends its search at once if interrupted, even if the service does not answer', async () => {
  const reason = new Error('Ctrl-C');
  const interrupted = new AbortController();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => {
    sockets.push(socket.once('data', () => interrupted.abort(reason)));
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const found = discover({
    url: new URL(`http://127.0.0.1:${port}`),
    endpoint: { host: '127.0.0.1', port, certificate: null },
    user: { username: 'alice', password: 'open-sesame' },
    login: null,
    guarded: null,
    passwordVariable: 'TARGET_PASSWORD',
    signal: interrupted.signal,
  });
  // Its own timeout is three times as long as that of a test.
  await expect(found).rejects.toBe(reason);
  for (const socket of sockets) socket.destroy();
  silent.close();
});
