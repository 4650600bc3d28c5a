import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { thenEnding } from '../../../core/errors.ts';
import { findArm } from '../../../servers/arms.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Replica } from '../../fleet/replica.ts';
import { makeUsers } from '../../fleet/secrets.ts';
import { clientsOf } from './clients.ts';

const json = (reply: ServerResponse, status: number, body: unknown) =>
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Disables a user at a server whose tokens expire at a given moment, and that refuses to disable anybody. */
async function disableWithTokens(expiresAtMs: number): Promise<boolean> {
  const arm = findArm('jwt-hs256')?.info;
  if (arm === undefined) throw new Error('the arm is missing');
  const users = await makeUsers(1, { memoryKiB: 64, passes: 1, cheap: true });
  const claims = Buffer.from(JSON.stringify({ exp: Math.floor(expiresAtMs / 1000) })).toString('base64url');
  let username = '';
  const server = createServer((request: IncomingMessage, reply) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (request.url === '/login') ({ username } = JSON.parse(body) as { username: string });
      const record = users.find((user) => user.username === username)?.record;
      const user = { id: record?.id, username, roles: record?.roles };
      if (request.url === '/login') return json(reply, 200, { user, accessToken: `h.${claims}.s` });
      return request.url === '/me' ? json(reply, 200, user) : json(reply, 401, {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return thenEnding(
    async () => {
      const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
      const fleet = { users, spec: { arm } } as unknown as Fleet;
      const replica = { arm: arm.name, address } as unknown as Replica;
      const session = await clientsOf(fleet).all[0]?.logIn(replica, null);
      return (await session?.revoke(replica, 'disable')) ?? true;
    },
    () => server.close(),
  );
}

it('takes no refusal as the arm’s fault if the administrator’s credential has expired meanwhile', async () => {
  expect(await disableWithTokens(Date.now() - 1_000)).toBe(false);
});

it('reports a refusal of a valid administrator, with the command that checks the arm', async () => {
  await expect(disableWithTokens(Date.now() + 60_000)).rejects.toMatchObject({
    message: 'disable at a replica of jwt-hs256 returned 401',
    hint: expect.stringContaining('npm run gate -- --arms jwt-hs256'),
  });
});
