import { EncryptJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { expectBothTimeouts, IDLE_MS, startShort } from '../../../test/servers/shared/short-sessions.ts';
import { turnedClock } from '../../../test/support/arms.ts';
import { ADA, clientOf, copyOf, freshSecrets } from '../../../test/support/servers.ts';
import { isCanonicalEncryptedToken } from '../compact-form.ts';

describe.each(['jwe-cookie', 'jwe-cookie-gcm'])('the cookie of %s', (name) => {
  it('reveals nothing of its content', async () => {
    const app = await startShort(name);
    const client = clientOf(app);
    await client.login(ADA);
    const token = client.held.cookies.sid ?? '';
    expect(isCanonicalEncryptedToken(token)).toBe(true);
    expect(token.split('.')[1]).toBe('');
    const text = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(text.join()).not.toMatch(/ada|admin|u-1/);
    await app.close();
  });

  it('has an idle timeout that use extends, and an absolute one that it does not', () => expectBothTimeouts(name));

  it('is rewritten only when recording its use is due, with the same CSRF token', async () => {
    const clock = turnedClock();
    const app = await startShort(name, { now: clock.now });
    const client = clientOf(app);
    await client.login(ADA);
    const { csrfToken } = client.held;
    clock.forward(IDLE_MS / 30 - 1);
    expect((await client.get('/me')).headers['set-cookie']).toBeUndefined();
    clock.forward(1);
    expect((await client.get('/me')).headers['set-cookie']).toBeDefined();
    expect(client.held.csrfToken).toBe(csrfToken);
    expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    await app.close();
  });

  it('is deleted by a logout that would have renewed it', async () => {
    const clock = turnedClock();
    const app = await startShort(name, { now: clock.now });
    const client = clientOf(app);
    await client.login(ADA);
    clock.forward(IDLE_MS / 2);
    const { headers } = await client.post('/logout');
    expect([headers['set-cookie']].flat()).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)]);
    await app.close();
  });

  it('is encrypted again with the new key after a rotation', async () => {
    const secrets = freshSecrets();
    const renewed = freshSecrets();
    const clock = turnedClock();
    const [before, after, later] = await Promise.all([
      startShort(name, { secrets, now: clock.now }),
      startShort(name, { secrets: { ...renewed, previous: { cookieKey: secrets.cookieKey } }, now: clock.now }),
      startShort(name, { secrets: renewed, now: clock.now }),
    ]);
    const client = clientOf(before);
    await client.login(ADA);
    expect((await clientOf(later, copyOf(client.held)).get('/me')).status).toBe(401);
    const kept = clientOf(after, copyOf(client.held));
    clock.forward(IDLE_MS / 2);
    expect((await kept.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    expect((await clientOf(later, kept.held).get('/me')).status).toBe(200);
    await Promise.all([before.close(), after.close(), later.close()]);
  });

  it('has Secure and the __Host- prefix behind TLS', async () => {
    const app = await startShort(name, { settings: { secureCookies: true } });
    const response = await app.inject({ method: 'POST', url: '/login', payload: ADA });
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-sid=[^;]+; Path=\/(?=.*; HttpOnly)(?=.*; Secure)/);
    await app.close();
  });
});

describe('the compact form of an encrypted token', () => {
  it('has five parts, no encrypted key, and one encoding', async () => {
    const token = await new EncryptJWT({ roles: ['user'] })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32));
    const [head, , iv, ciphertext = '', tag = ''] = token.split('.');
    expect(isCanonicalEncryptedToken(token)).toBe(true);
    for (const wrong of [
      '',
      '....',
      `${token}.AAAA`,
      `${token}=`,
      [head, 'AAAA', iv, ciphertext, tag].join('.'),
      [head, '', iv, ciphertext].join('.'),
      [head, '', iv, `${ciphertext.slice(0, 4)} ${ciphertext.slice(4)}`, tag].join('.'),
      // A tag of 16 bytes leaves four bits of its last letter unused.
      token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1),
    ]) {
      expect(isCanonicalEncryptedToken(wrong), wrong).toBe(false);
    }
  });
});
