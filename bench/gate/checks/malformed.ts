/** Check 41: malformed credentials, headers and HTTP are refused, and the process survives. */
import { ROUTES } from '../../../servers/contract.ts';
import { type Check, guards, verdict } from '../check.ts';
import { bytesOf, type Call } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { homeOf } from '../promises.ts';
import { isAlive } from '../served.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Headers that begin like a credential but hold none. The cookie has the arm's name. */
export function malformedHeaders(cookieName: string): readonly (readonly [name: string, value: string])[] {
  const cookie = (value: string) => ['cookie', value] as const;
  const bearer = (value: string) => ['authorization', value] as const;
  return [
    cookie(''),
    cookie(';'),
    cookie('=;=;=='),
    cookie(cookieName),
    cookie(`${cookieName}=`),
    cookie(`${cookieName}=%`),
    cookie(`${cookieName}=%E0%A4%A`),
    cookie(`${cookieName}=%00%0d%0a`),
    cookie(`${cookieName}="unterminated`),
    cookie(`${cookieName}=.`),
    cookie(`${cookieName}=..........`),
    cookie(`${cookieName}=;`.repeat(200)),
    cookie(`${cookieName}=\u00ff\u00fe\u0080`),
    cookie(`${cookieName}=${'a'.repeat(8_000)}`),
    cookie(`${cookieName}=${'.'.repeat(4_000)}`),
    cookie('__proto__=x; constructor=y; toString=z; hasOwnProperty=0'),
    bearer(''),
    bearer('Bearer'),
    bearer('Bearer '),
    bearer('bearer  x'),
    bearer('Basic dXNlcjpwYXNz'),
    bearer('Bearer a.b.c'),
    bearer('Bearer ..'),
    bearer(`Bearer ${'.'.repeat(4_000)}`),
    bearer(`Bearer ${'a'.repeat(8_000)}`),
    bearer(`Bearer ${encode(null)}.${encode(null)}.x`),
    bearer(`Bearer ${encode([])}.${encode({})}.x`),
    bearer(`Bearer ${encode({ alg: null })}.${encode({})}.x`),
    bearer(`Bearer ${encode({ alg: { toString: 1 } })}.${encode('text')}.x`),
    bearer(`Bearer ${encode({ alg: 'HS256', typ: 'JWT' })}.bm8ganNvbg.x`),
    bearer('Bearer \u00ff\u00fe.\u0080.x'),
  ];
}

/** A request that is larger than a server accepts. */
const oversized = (name: string, value: string): Call => ({ ...ROUTES.me, headers: { [name]: value.repeat(20_000) } });

const malformedBodies: readonly Call[] = [
  { ...ROUTES.login, body: { type: 'application/json', text: '{' } },
  { ...ROUTES.login, body: { type: 'application/json', text: '' } },
  { ...ROUTES.login, body: { type: 'application/json', text: 'null' } },
  { ...ROUTES.login, body: { type: 'application/json', text: '[[[[[[[[' } },
  { ...ROUTES.login, json: { username: 1, password: [] } },
  { ...ROUTES.login, json: { username: 'x', password: 'x', more: true } },
  { ...ROUTES.login, body: { type: 'application/json', text: '{"__proto__":{"admin":true},"username":"x"}' } },
  { ...ROUTES.login, json: { username: 'x', password: 'x'.repeat(100_000) } },
  { ...ROUTES.login, body: { type: 'nonsense', text: 'x' } },
  { method: 'GET', path: '/%' },
  { method: 'GET', path: '/admin/users/%E0%A4%A/disable' },
];

const brokenHttp: readonly string[] = [
  'GET /me HTTP/9.9\r\nhost: x\r\n\r\n',
  'GET /me\r\n\r\n',
  'GET /me HTTP/1.1\r\nhost: x\r\ncookie: a\0b\r\n\r\n',
  'GET /me HTTP/1.1\r\nhost: x\r\nauthorization : Bearer x\r\n\r\n',
  'POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
];

async function serves(target: GateTarget, which: Which): Promise<boolean> {
  const health = await target.call(which, ROUTES.healthz);
  const session = await target.login(which, target.freshUser());
  return health.status === 200 && (await isAlive(target, which, session));
}

const malformed: Check = {
  id: 41,
  name: 'malformed and oversized credentials are refused, and the process survives',
  family: 'cookies and browser',
  refs: ['ASVS 16.5.3', 'ASVS 2.2.1'],
  quick: false,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const cookieName = session.cookies[0]?.name ?? 'sid';
    const headers = malformedHeaders(cookieName);
    const faults = new Set<string>();
    const isRefusal = (status: number) => status >= 400 && status < 500;

    for (const [name, value] of headers) {
      const me = await onceServed(() => target.call(0, { ...ROUTES.me, headers: [[name, value]] }));
      if (!isRefusal(me.status)) faults.add(`a malformed ${name} got ${me.status}`);
      const open = await target.call(0, { ...ROUTES.public, headers: [[name, value]] });
      if (open.status !== 200 && !isRefusal(open.status))
        faults.add(`a public route answered a malformed ${name} with ${open.status}`);
      const login = await onceServed(() => target.tryLogin(0, session.user, [[name, value]]));
      if (login.status !== 200 && !isRefusal(login.status))
        faults.add(`a login with a malformed ${name} returned ${login.status}`);
    }
    const larger = [oversized('cookie', `${cookieName}=a;`), oversized('authorization', 'Bearer a')];
    for (const call of [...larger, ...malformedBodies]) {
      const answer = await target.send(0, bytesOf(target.endpoint(0), call));
      if (answer !== null && !isRefusal(answer.status))
        faults.add(`a malformed ${call.method} ${call.path} returned ${answer.status}`);
    }
    for (const text of brokenHttp) {
      const answer = await target.send(0, Buffer.from(text, 'latin1'));
      if (answer !== null && !isRefusal(answer.status)) faults.add(`broken HTTP returned ${answer.status}`);
    }
    for (const which of [0, 1] as const) {
      if (!(await serves(target, which))) faults.add('a replica no longer responds');
    }
    for (const which of homeOf(target.arm, 0)) {
      if (!(await isAlive(target, which, session))) faults.add('an existing session was lost');
    }
    const tried = headers.length * 3 + larger.length + malformedBodies.length + brokenHttp.length;
    return verdict([...faults], `${tried} malformed requests were refused; both replicas still respond`);
  },
};

export const MALFORMED: readonly Check[] = [malformed];
