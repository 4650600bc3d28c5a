import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { ADA, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import type { Secrets } from '../configuration.ts';
import { buildApp } from '../http/app.ts';

const secrets = freshSecrets();
const users = testUsers();

async function appOf(name: string, given: Secrets = secrets): Promise<FastifyInstance> {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return buildApp({ arm, secrets: given, users });
}

/** The same user's tokens under a key that has since become the previous one. */
describe.each([
  ['jwt-hs256', { hmacKey: secrets.hmacKey }],
  ['jwt-hs256-cached', { hmacKey: secrets.hmacKey }],
  ['jwt-hs256-lean', { hmacKey: secrets.hmacKey }],
  ['jwt-rs256', { rsaPublicKey: secrets.rsaPublicKey }],
  ['jwt-es256', { ecPublicKey: secrets.ecPublicKey }],
  ['jwt-eddsa', { edPublicKey: secrets.edPublicKey }],
] as const)('after a rotation of the keys of %s', (name, previous) => {
  it('an old token is accepted while the old key is configured, and new ones are signed with the new key', async () => {
    const [before, after] = await Promise.all([appOf(name), appOf(name, { ...freshSecrets(), previous })]);
    const client = clientOf(before);
    await client.login(ADA);
    const kept = clientOf(after, client.held);
    expect((await kept.get('/me')).text).toBe('{"id":"u-1","username":"ada","roles":["user","admin"]}');
    const fresh = clientOf(after);
    await fresh.login(ADA);
    expect((await fresh.get('/me')).status).toBe(200);
    // A replica with only the old key does not know the new one.
    expect((await clientOf(before, fresh.held).get('/me')).status).toBe(401);
    await Promise.all([before.close(), after.close()]);
  });

  it('an old token is refused once the old key is removed', async () => {
    const [before, after] = await Promise.all([appOf(name), appOf(name, freshSecrets())]);
    const client = clientOf(before);
    await client.login(ADA);
    expect((await clientOf(after, client.held).get('/me')).status).toBe(401);
    await Promise.all([before.close(), after.close()]);
  });
});

describe('weak keys', () => {
  it('prevent a replica from starting', async () => {
    const short = Buffer.alloc(31, 1).toString('base64');
    await expect(appOf('jwt-hs256', { ...secrets, hmacKey: short })).rejects.toMatchObject({ code: 'BAD_START' });
    await expect(appOf('jwt-rs256', { ...secrets, rsaPublicKey: 'none' })).rejects.toMatchObject({ code: 'BAD_START' });
    const { rsaPublicKey, ecPublicKey } = secrets;
    for (const [name, wrong] of [
      ['jwt-rs256', { rsaPublicKey: ecPublicKey }],
      ['jwt-es256', { ecPublicKey: rsaPublicKey }],
      ['jwt-eddsa', { edPublicKey: ecPublicKey }],
      ['jwt-hs256', { previous: { hmacKey: short } }],
      ['jwt-eddsa', { previous: { edPublicKey: 'none' } }],
    ] as const)
      await expect(appOf(name, { ...secrets, ...wrong })).rejects.toMatchObject({ code: 'BAD_START' });
    await expect(appOf('session-memory', { ...secrets, cookieKey: short })).rejects.toMatchObject({
      code: 'BAD_START',
    });
  });
});
