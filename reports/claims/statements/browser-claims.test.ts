import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { attack, evidence, lag, row } from '../testing/evidence.ts';
import { cookiesCsrf } from './03-cookies-csrf.ts';
import { apiClients } from './09-api-clients.ts';
import { acrossOrigins } from './10-across-origins.ts';
import { webStorageXss } from './12-web-storage-xss.ts';
import { httpOnlyToken } from './13-httponly-token.ts';
import { bothInOne } from './15-both-in-one.ts';

const session = (name: string, succeeded: boolean, factors = {}) => attack('session-redis', name, succeeded, factors);

describe('claim 3: cookies protect against CSRF by themselves', () => {
  const stopped = [session('form-post', false), session('form-post', false, { same_site: 'strict' })];
  const none = session('form-post', true, { same_site: 'none' });
  const sibling = session('form-post', true, { origin: 'same-site' });

  it('holds if no attack succeeded', () => {
    expect(cookiesCsrf.judge(evidence(...stopped))?.verdict).toBe('holds');
  });

  it('holds only with SameSite if attacks succeeded without it', () => {
    const judgement = cookiesCsrf.judge(evidence(...stopped, none));
    expect(judgement?.condition).toBe('the cookie has SameSite=Lax or Strict');
    expect(judgement?.contrary).toBeNull();
  });

  it('says that SameSite does not stop a sub-domain, nor, if it is missing, a form soon after login', () => {
    const unset = session('form-post', true, { same_site: 'unset' });
    const judgement = cookiesCsrf.judge(evidence(...stopped, none, sibling, unset));
    expect(judgement?.condition).toContain('no other host of the same site');
    expect(judgement?.contrary).toMatch(
      /does not stop a sub-domain: with lax, .*without SameSite is not treated as Lax/,
    );
  });

  it('reports what a CSRF token stopped, and nothing if none was tried or one failed', () => {
    const turns = (...more: readonly Figure[]) => cookiesCsrf.judge(evidence(...stopped, none, ...more))?.turns ?? null;
    expect(turns()).toBeNull();
    expect(turns(session('form-post', false, { csrf: 'on', same_site: 'none' }))).toMatch(/CSRF token/);
    expect(turns(session('form-post', true, { csrf: 'on', same_site: 'none' }))).toBeNull();
  });

  it('does not hold if SameSite let a page of another site through', () => {
    const through = session('fetch-form', true, { same_site: 'strict' });
    expect(cookiesCsrf.judge(evidence(...stopped, through))?.verdict).toBe('does not hold');
  });

  it('is not judged if a CSRF token or the body’s type prevented the attack as well', () => {
    const helped = [session('form-post', false, { csrf: 'on' }), session('form-post', false, { bodies: 'json' })];
    expect(cookiesCsrf.judge(evidence(...helped))).toBeNull();
  });

  it('is inconclusive if SameSite was not tried', () => {
    expect(cookiesCsrf.judge(evidence(none))?.verdict).toBe('inconclusive');
  });
});

const client = (arm: string, credential: string, works: number) =>
  row('browser', arm, 'plain_client_works', works, { credential });

describe('claim 9: tokens suit clients without a cookie jar', () => {
  const cookie = client('session-redis', 'cookie', 0);

  it('holds if tokens worked and cookies did not', () => {
    expect(apiClients.judge(evidence(client('jwt-hs256', 'token', 1), cookie))?.verdict).toBe('holds');
  });

  it('does not hold if a token failed once, or a cookie was not needed', () => {
    expect(apiClients.judge(evidence(client('jwt-hs256', 'token', 0.5), cookie))?.verdict).toBe('does not hold');
    const either = evidence(client('jwt-hs256', 'token', 1), client('session-redis', 'cookie', 1));
    expect(apiClients.judge(either)?.verdict).toBe('does not hold');
  });

  it('is not judged without both', () => {
    expect(apiClients.judge(evidence(cookie))).toBeNull();
  });
});

describe('claim 10: tokens work across origins', () => {
  const call = (credential: string, same_site: string, works: number, cors = 'listed', origin = 'cross-site') =>
    row('browser', credential === 'token' ? 'jwt-hs256' : 'session-redis', 'cross_origin_works', works, {
      credential,
      same_site,
      cors,
      origin,
    });
  const token = call('token', 'no-cookie', 1);
  const lax = call('cookie', 'lax', 0);

  it('holds if tokens worked and no cookie did', () => {
    expect(acrossOrigins.judge(evidence(token, lax))?.verdict).toBe('holds');
  });

  it('holds only for listed origins if others were refused, and cookies without SameSite=None', () => {
    const refused = call('token', 'no-cookie', 0, 'not-listed');
    expect(acrossOrigins.judge(evidence(token, lax, refused))?.condition).toBe('the page’s origin is on the CORS list');
    const none = call('cookie', 'none', 1);
    expect(acrossOrigins.judge(evidence(token, lax, none))?.condition).toContain('SameSite=None');
  });

  it('does not hold if a token failed, every cookie worked, or an unlisted page could read', () => {
    expect(acrossOrigins.judge(evidence(call('token', 'no-cookie', 0), lax))?.verdict).toBe('does not hold');
    expect(acrossOrigins.judge(evidence(token, call('cookie', 'lax', 1)))?.verdict).toBe('does not hold');
    const leak = call('cookie', 'none', 1, 'not-listed');
    expect(acrossOrigins.judge(evidence(token, lax, leak))?.verdict).toBe('does not hold');
  });
});

const token = (name: string, storage: string, succeeded: boolean) =>
  attack('jwt-hs256', name, succeeded, { storage, same_site: 'no-cookie', csrf: 'no-cookie', origin: 'same-origin' });

describe('claim 12: tokens in web storage are exposed', () => {
  it('holds if scripts read them, and says that a closure does not help either', () => {
    const read = token('script-reads-storage', 'local-storage', true);
    const heard = token('script-listens-in', 'memory', true);
    const judgement = webStorageXss.judge(evidence(read, heard));
    expect(judgement?.verdict).toBe('holds');
    expect(judgement?.contrary).toContain('closure does not protect it');
  });

  it('does not hold if one was not read', () => {
    const kept = token('script-reads-storage', 'session-storage', false);
    const read = token('script-reads-storage', 'local-storage', true);
    expect(webStorageXss.judge(evidence(read, kept))?.verdict).toBe('does not hold');
  });

  it('is not judged by tokens stored elsewhere', () => {
    expect(webStorageXss.judge(evidence(token('script-reads-storage', 'memory', false)))).toBeNull();
  });
});

describe('claim 13: an HttpOnly cookie gets protections back', () => {
  const read = attack('jwt-cookie', 'script-reads-storage', false, { csrf: 'on' });
  const used = attack('jwt-cookie', 'script-uses-page', true, { csrf: 'on' });
  const forged = attack('jwt-cookie', 'form-post', true, { same_site: 'none' });
  const guarded = attack('jwt-cookie', 'form-post', false, { csrf: 'on' });

  it('holds if it cannot be read, and no request could be forged', () => {
    const stopped = attack('jwt-cookie', 'form-post', false, { same_site: 'none' });
    expect(httpOnlyToken.judge(evidence(read, stopped, guarded))?.verdict).toBe('holds');
  });

  it('is not judged unless forgeries were tried with its protection and without', () => {
    for (const figures of [[read], [read, guarded], [read, forged]])
      expect(httpOnlyToken.judge(evidence(...figures))).toBeNull();
  });

  it('holds only with CSRF protection, and says that a script can still act', () => {
    const judgement = httpOnlyToken.judge(evidence(read, used, forged, guarded));
    expect(judgement?.verdict).toBe('holds only if');
    expect(judgement?.contrary).toContain('does not stop an injected script');
  });

  it('does not hold if a script read it, or the protection let an attack through', () => {
    const leaked = attack('jwt-cookie', 'script-listens-in', true, { csrf: 'on' });
    expect(httpOnlyToken.judge(evidence(read, leaked, forged, guarded))?.verdict).toBe('does not hold');
    const through = attack('jwt-cookie', 'form-post', true, { csrf: 'on' });
    expect(httpOnlyToken.judge(evidence(read, through, forged))?.verdict).toBe('does not hold');
  });
});

describe('claim 15: both in one application', () => {
  const works = client('dual', 'token', 1);
  const web = attack('dual', 'script-reads-storage', false, { csrf: 'on', origin: 'same-origin' });
  const guarded = attack('dual', 'form-post', false, { csrf: 'on' });

  it('holds if each of them worked, was guarded and could be revoked', () => {
    const ends = (['cookie', 'token'] as const).map((credential) => lag('dual', [0, 1], { credential }));
    expect(bothInOne.judge(evidence(works, web, guarded, ...ends))?.verdict).toBe('holds');
  });

  it('does not hold if one of them did not', () => {
    const none = client('dual', 'token', 0);
    const forged = attack('dual', 'form-post', true, { csrf: 'on' });
    const late = lag('dual', [5, 9], { credential: 'token' });
    for (const figures of [
      [none, web, guarded],
      [works, web, forged],
      [works, web, guarded, late],
    ])
      expect(bothInOne.judge(evidence(...figures))?.verdict).toBe('does not hold');
  });

  it('is not judged by one of them alone', () => {
    expect(bothInOne.judge(evidence(works))).toBeNull();
    expect(bothInOne.judge(evidence(works, web))).toBeNull();
  });
});
