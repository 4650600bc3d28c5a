/**
 * Checks only for services (from 101), and replacements for checks of the gate that assume the reply format of
 * Tollgate's own servers.
 */
import { forgerOf } from '../../bench/gate/attacks/forge.ts';
import { hmacWith, readToken } from '../../bench/gate/attacks/tokens.ts';
import { guessableKeys } from '../../bench/gate/attacks/weak-secrets.ts';
import { fail, pass, verdict } from '../../bench/gate/check.ts';
import { INSIDES } from '../../bench/gate/checks/login.ts';
import { malformedHeaders } from '../../bench/gate/checks/malformed.ts';
import { secretOf } from '../../bench/gate/client-session.ts';
import type { Answer, Call } from '../../bench/gate/http.ts';
import { isFor } from '../../bench/gate/target.ts';
import { ROUTES } from '../../servers/contract.ts';
import { wayOf } from '../flow/requests.ts';
import type { ServiceTarget } from './adapter.ts';
import { COOKIES_IN_PLACE } from './cookie-checks.ts';
import { CORS_IN_PLACE } from './cors-check.ts';
import { FORGERY_CHECKS } from './forgery-check.ts';
import { LOGIN_CHECKS } from './login-checks.ts';
import { type OwnCheck, own, type Run } from './own-check.ts';
import { REFRESH_IN_PLACE } from './refresh-checks.ts';

/** RFC 7518 §3.2. */
const LEAST_KEY_BYTES = 32;

/** Replacements for the implementation of a gate check, by its number. */
export const IN_PLACE: Readonly<Record<number, Run>> = {
  ...COOKIES_IN_PLACE,
  ...CORS_IN_PLACE,
  ...REFRESH_IN_PLACE,

  11: async (target) => {
    if (target.arm.tokenAlgorithm?.startsWith('HS') !== true) return pass('tokens are signed with a key pair');
    const { session } = await forgerOf(target);
    // An attacker can do this offline with one captured token.
    const text = secretOf(session) ?? '';
    const at = text.lastIndexOf('.');
    const hash = `sha${target.arm.tokenAlgorithm.slice(2)}`;
    const keys = guessableKeys();
    const { signature } = readToken(text);
    const faults: string[] = [];
    if (keys.some((key) => hmacWith(key, hash)(text.slice(0, at)) === signature))
      faults.push('the secret of its tokens is in a dictionary');
    const bytes = Buffer.from(target.secrets.hmacKey, 'base64').length;
    if (target.canSign && bytes < LEAST_KEY_BYTES)
      faults.push(`the secret has ${bytes * 8} bits; at least ${LEAST_KEY_BYTES * 8} are required`);
    return verdict(faults, `${keys.length} guesses at the secret of a token failed`);
  },

  39: async (target) => {
    const session = await target.login(0, target.freshUser());
    const answers: [string, Answer][] = [['the guarded reply', await target.read(0, session)]];
    if (target.has('admin'))
      answers.push(['the admin reply', await target.read(0, await target.login(0, target.admin), ROUTES.admin.path)]);
    const faults = answers.flatMap(([what, { all }]) =>
      /\bno-store\b/i.test(all('cache-control').join()) ? [] : [what],
    );
    return verdict(
      faults.map((what) => `${what} may be stored by a cache`),
      `${answers.length} authenticated replies say no-store`,
    );
  },

  41: async (target) => {
    const session = await target.login(0, target.freshUser());
    const headers = malformedHeaders(session.cookies[0]?.name ?? 'sid');
    const faults = new Set<string>();
    for (const [name, value] of headers) {
      const { status } = await target.call(0, { ...ROUTES.me, headers: [[name, value]] });
      if (status < 400) faults.add(`a malformed ${name} got ${status}`);
    }
    for (const which of [0, 1] as const) {
      if (!isFor(await target.read(which, session), session.user)) faults.add('an existing session was lost');
    }
    return verdict([...faults], `${headers.length} malformed credentials were refused, and the service still responds`);
  },

  49: async (target) => {
    const wrong: readonly (readonly [what: string, call: Call])[] = [
      ['truncated JSON', { method: 'POST', path: bodyPath(target), body: { type: 'application/json', text: '{"a":' } }],
      ['an unknown path', { method: 'GET', path: '/tollgate/no/such/page' }],
      ['a broken percent-encoding', { method: 'GET', path: '/%zz' }],
      ['an invalid token', { method: 'GET', path: guardedPath(target), headers: { authorization: 'Bearer a.b.c' } }],
      [
        'an invalid cookie',
        { method: 'GET', path: guardedPath(target), headers: { cookie: `${cookieName(target)}=%` } },
      ],
    ];
    const faults: string[] = [];
    for (const [what, asked] of wrong) {
      const { text } = await target.ask(target.endpoint(0), asked);
      if (INSIDES.test(withoutUrls(text, asked.path))) faults.push(`the answer to ${what} reveals internals`);
    }
    return verdict(faults, `${wrong.length} kinds of error revealed no internals`);
  },

  51: async (target) => {
    const session = await target.login(0, target.freshUser());
    await target.read(0, session);
    await target.read(1, session);
    const secrets = [session.user.password, session.accessToken, ...session.cookies.map(({ value }) => value)];
    const output = target.output();
    const isPrinted = secrets.some((secret) => secret !== null && secret.length > 3 && output.includes(secret));
    return isPrinted
      ? fail('the service prints a password or a credential')
      : pass(`none of ${secrets.length} secrets is in the last ${output.length} characters that it printed`);
  },
};

/**
 * A page links to paths such as /app/style.css, and an error quotes the requested path: neither is a file of the
 * server.
 */
const withoutUrls = (text: string, path: string): string =>
  text.replaceAll(path, '').replace(/\b(?:href|src|srcset|action|content)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, '');

/** Where the service reads a body without a credential; where another origin logs users in, it is the guarded path. */
const bodyPath = (target: ServiceTarget) => {
  const { path, to } = wayOf(target.subject.service.login.request, {});
  return to === undefined ? path : guardedPath(target);
};
const guardedPath = ({ subject }: ServiceTarget) =>
  wayOf(subject.service.requests.guarded, {}).path.replace(/[?].*$/, '');
const cookieName = ({ subject }: ServiceTarget) => {
  const { credential } = subject.service.login;
  return 'cookie' in credential ? credential.cookie : 'sid';
};

/** Judged last, by what all other checks have seen. */
const NO_SERVER_ERROR = 101;

export const OWN_CHECKS: readonly OwnCheck[] = [
  ...LOGIN_CHECKS,
  ...FORGERY_CHECKS,
  {
    ...own,
    id: 102,
    name: 'the guarded request needs a credential, on every replica',
    refs: ['ASVS 8.3.1'],
    run: async (target) => {
      const faults: string[] = [];
      for (const which of [0, 1] as const) {
        const { status } = await target.call(which, ROUTES.me);
        if (status !== 401) faults.push(`replica ${which + 1} answered it with ${status}`);
      }
      return verdict([...new Set(faults)], 'it was refused without one');
    },
  },
  {
    ...own,
    id: 103,
    name: 'only an administrator may make the admin request',
    refs: ['ASVS 8.2.1'],
    run: async (target) => {
      const { path } = ROUTES.admin;
      const ask = async (user: typeof target.admin) => (await target.read(0, await target.login(0, user), path)).status;
      const faults: string[] = [];
      const user = target.freshUser();
      const ordinary = user.username === target.admin.username ? target.freshUser() : user;
      if ((await target.call(0, ROUTES.admin)).status < 400) faults.push('it was done without a credential');
      if ((await ask(ordinary)) < 400) faults.push('it was done for an ordinary user');
      const status = await ask(target.admin);
      if (status !== 200) faults.push(`the administrator got ${status}`);
      return verdict(faults, 'others were refused');
    },
  },
  {
    ...own,
    id: NO_SERVER_ERROR,
    name: 'bad credentials are refused without a server error',
    refs: ['ASVS 16.5.2'],
    run: async ({ serverErrors }) => {
      const counts = Map.groupBy(serverErrors, ({ route, status }) => `${route} was refused, but with ${status}`);
      return verdict(
        [...counts].map(([what, { length }]) => `${what} (${length} times)`),
        'no answer had a status of 5xx',
      );
    },
  },
];
