import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startBench } from '../support/bench-process.ts';

it('counts over the whole duration of a closed loop, and reports missing answers', async () => {
  const server = createServer((_, response) => void (seen++ < 20 && response.end('ok')));
  let seen = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const args = ['calibrate', '--url', url, '--connections', '2', '--seconds', '1', '--json'];
    const { stdout } = await startBench(args).ended;
    expect(JSON.parse(stdout)).toMatchObject({ answered: 20, achievedRate: 20, timedOut: 0, inFlightAtEnd: 2 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
