import { decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { clientAuthorization, ISSUER_PATHS } from '../../servers/issuer/protocol.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { issuerHere, type TestIssuer } from '../support/companions.ts';
import { ADA, clientOf } from '../support/servers.ts';

const bench = armBench();
const COOLDOWN_MS = 30_000;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function served(now?: () => number) {
  const issuer: TestIssuer = await issuerHere(now, bench.secrets.rsaPrivateKey);
  open.push(async () => {
    issuer.app.server.closeAllConnections();
    await issuer.app.close();
  });
  let fetches = 0;
  issuer.app.server.prependListener('request', ({ url }: { url?: string }) => {
    if (url === ISSUER_PATHS.keySet) fetches++;
  });
  const companions = { issuer: issuer.address };
  const app = await bench.start('jwt-jwks', now === undefined ? { companions } : { companions, now });
  const authorization = clientAuthorization(issuer.address.secret);
  const rotate = () => issuer.app.inject({ method: 'POST', url: ISSUER_PATHS.rotate, headers: { authorization } });
  const logIn = async () => {
    const { accessToken } = JSON.parse((await clientOf(app).login(ADA)).text) as { accessToken: string };
    return accessToken;
  };
  const read = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await app.inject({ method: 'GET', url: '/me', headers })).statusCode;
  };
  return { issuer, rotate, logIn, read, fetches: () => fetches };
}

describe('a token that an authorization server signs', () => {
  it('is verified with a key that is fetched once, and names it', async () => {
    const { issuer, logIn, read, fetches } = await served();
    const token = await logIn();
    for (let i = 0; i < 5; i++) expect(await read(token)).toBe(200);
    // The server's counter does not include injected requests.
    expect(fetches()).toBe(1);
    const { keys } = (await issuer.app.inject({ url: ISSUER_PATHS.keySet })).json() as {
      keys: Record<string, unknown>[];
    };
    expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(token).kid);
    // Only public parts.
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  it('has times of the arm’s clock, whatever the system clock', async () => {
    const clock = turnedClock();
    const { logIn, read } = await served(clock.now);
    clock.forward(600_000);
    expect(await read(await logIn())).toBe(200);
  });

  it('outlives a rotation, and tokens of the next key need no fetch', async () => {
    const { issuer, rotate, logIn, read, fetches } = await served();
    const before = await logIn();
    // The next key is published as soon as it is generated.
    const published = async () => (await issuer.app.inject({ url: ISSUER_PATHS.keySet })).json().keys.length;
    await expect.poll(published, { timeout: 30_000 }).toBe(2);
    expect(await read(before)).toBe(200);
    expect((await rotate()).statusCode).toBe(204);
    const after = await logIn();
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect([await read(before), await read(after)]).toEqual([200, 200]);
    expect(fetches()).toBe(1);
  });

  it('with a newly published key is accepted after one fetch, unless the last fetch was too recent', async () => {
    const clock = turnedClock();
    const { rotate, logIn, read, fetches } = await served(clock.now);
    expect(await read(await logIn())).toBe(200);
    await rotate();
    await rotate();
    const unknown = await logIn();
    clock.forward(COOLDOWN_MS - 1);
    expect(await read(unknown)).toBe(401);
    clock.forward(1);
    expect(await read(unknown)).toBe(200);
    expect(fetches()).toBe(2);
  });

  it('is accepted while the server is unavailable, and nobody can log in then', async () => {
    const { issuer, logIn, read } = await served();
    const token = await logIn();
    expect(await read(token)).toBe(200);
    issuer.app.server.closeAllConnections();
    await issuer.app.close();
    expect(await read(token)).toBe(200);
    await expect(logIn()).resolves.toBeUndefined();
  });
});
