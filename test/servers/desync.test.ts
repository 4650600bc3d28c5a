import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { type Served, serve } from '../../servers/process/serve.ts';
import { freshSecrets, testUsers } from '../support/servers.ts';

let served: Served;
beforeAll(async () => {
  const start = { arm: 'jwt-hs256', host: '127.0.0.1', port: 0, secrets: freshSecrets(), users: testUsers() };
  served = await serve(start, false, ({ arm }) => findArm(arm));
});
afterAll(() => served.app.close());

/** Everything that the server sends until it closes. `next` is written after the first answer. */
async function conversation(first: string, next?: string): Promise<string> {
  const socket: Socket = connect(served.port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  const ended = once(socket, 'close');
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    if (text === '' && next !== undefined) socket.write(next);
    text += chunk;
  });
  socket.write(first);
  await ended;
  return text;
}

const answersIn = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];
const HEAD = 'POST /login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';

describe('a request whose body breaks', () => {
  it('after it was answered gets no second answer, which would be taken for that to the next request', async () => {
    expect(answersIn(await conversation(HEAD, 'zz\r\n\r\n'))).toEqual(['HTTP/1.1 415']);
  });

  it('in the same packet gets no second answer either', async () => {
    expect(answersIn(await conversation(`${HEAD}fffffffffffffffff\r\nx\r\n0\r\n\r\n`))).toEqual(['HTTP/1.1 415']);
  });

  it('before it was answered is answered once', async () => {
    const json = HEAD.replace('\r\n\r\n', '\r\ncontent-type: application/json\r\n\r\n');
    expect(answersIn(await conversation(`${json}zz\r\n\r\n`))).toHaveLength(1);
  });

  it('in its head is answered once, whatever the earlier answers on the connection', async () => {
    const good = 'GET /public HTTP/1.1\r\nhost: x\r\n\r\n';
    expect(answersIn(await conversation(good, 'NONSENSE\r\n\r\n'))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});
