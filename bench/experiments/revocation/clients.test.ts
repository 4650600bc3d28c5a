import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { thenEnding } from '../../../core/errors.ts';
import { findArm } from '../../../servers/arms.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Replica } from '../../fleet/replica.ts';
import { makeUsers } from '../../fleet/secrets.ts';
import { clientsOf } from './clients.ts';

const json = (reply: ServerResponse, status: number, body: unknown) =>
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

interface Server {
  readonly arm: string;
  /** The credential in the reply to a login. */
  readonly reply: (response: ServerResponse) => { readonly accessToken?: string };
}

const tokenUntil = (expiresAtMs: number) => () => {
  const claims = Buffer.from(JSON.stringify({ exp: Math.floor(expiresAtMs / 1000) })).toString('base64url');
  return { accessToken: `h.${claims}.s` };
};

const cookie = (response: ServerResponse) => {
  response.setHeader('set-cookie', 'sealed=x');
  return {};
};

/** Disables a user at a server that refuses every request but a login. */
async function disableAt({ arm: name, reply: credential }: Server): Promise<boolean> {
  const arm = findArm(name)?.info;
  if (arm === undefined) throw new Error('the arm is missing');
  const users = await makeUsers(1, { memoryKiB: 64, passes: 1, cheap: true });
  const server = createServer((request: IncomingMessage, reply) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (request.url !== '/login') return json(reply, 401, {});
      const { username } = JSON.parse(body) as { username: string };
      const record = users.find((user) => user.username === username)?.record;
      return json(reply, 200, { user: { id: record?.id, username, roles: record?.roles }, ...credential(reply) });
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

/** A cookie in a reply to a login after which the clock is ten seconds later. */
function lateCookie(): Server['reply'] {
  const realMs = performance.now.bind(performance);
  let lateMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => realMs() + lateMs);
  return (response) => {
    lateMs += 10_000;
    return cookie(response);
  };
}

afterEach(() => vi.restoreAllMocks());

it('takes no refusal as the arm’s fault if the administrator’s token has expired meanwhile', async () => {
  expect(await disableAt({ arm: 'jwt-hs256', reply: tokenUntil(Date.now() - 1_000) })).toBe(false);
});

it('reads the expiry of the administrator’s token if the lifetime of the arm’s credentials is not watched', async () => {
  const reply = tokenUntil(Date.now() - 1_000);
  for (const arm of ['jwt-denylist', 'jwt-denylist-push']) expect(await disableAt({ arm, reply }), arm).toBe(false);
});

it('takes no refusal as the arm’s fault if the administrator’s cookie has outlived its time', async () => {
  expect(await disableAt({ arm: 'session-sealed', reply: lateCookie() })).toBe(false);
});

it.each([
  { arm: 'jwt-hs256', reply: tokenUntil(Date.now() + 60_000) },
  { arm: 'session-redis', reply: cookie },
])('reports a refusal of a valid administrator, with the command that checks $arm', async (server) => {
  await expect(disableAt(server)).rejects.toMatchObject({
    message: `disable at a replica of ${server.arm} returned 401`,
    hint: expect.stringContaining(`npm run gate -- --arms ${server.arm}`),
  });
});

it('does not take a shortened bound for the lifetime of the administrator’s credential', async () => {
  await expect(disableAt({ arm: 'session-cookie-cache', reply: lateCookie() })).rejects.toThrow('returned 401');
});
