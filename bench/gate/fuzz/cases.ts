/** An endless series of malformed requests, from a seed. Pure: the same seed and credential give the same cases. */
import type { Random } from '../../../core/stats/random.ts';
import { bodyOf } from './bodies.ts';
import { garbage, one, times } from './pieces.ts';

export interface FuzzCase {
  /** The fault of the request, to explain a finding. */
  readonly name: string;
  /** The bytes as latin1 text. */
  readonly request: string;
  /** Whether a 2xx is allowed: the route needs no credential, or the request contains a valid one. */
  readonly mayPass: boolean;
}

/** A valid credential, to be corrupted. */
export interface GoodCredential {
  readonly cookie: string | null;
  readonly bearer: string | null;
  readonly csrfHeader: readonly [name: string, value: string] | null;
  /** A proof for `GET /me` with the token, if it is bound to a key; absent otherwise. */
  readonly proof?: string;
}

export interface FuzzInput {
  readonly host: string;
  readonly credential: GoodCredential;
}

interface Draft {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  /** Headers in order; a name may occur twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: { readonly type: string | null; readonly text: string };
  readonly mayPass?: boolean;
}

const GUARDED = ['/me', '/admin', '/transfer', '/logout', '/logout-all'] as const;
const OPEN = ['/public', '/healthz', '/login', '/refresh'] as const;

function write({ method = 'GET', path = '/me', headers = [], body }: Draft, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body !== undefined && body.type !== null) lines.push(`content-type: ${body.type}`);
  if (body !== undefined || method !== 'GET') lines.push(`content-length: ${body?.text.length ?? 0}`);
  return `${lines.join('\r\n')}\r\n\r\n${body?.text ?? ''}`;
}

/** Corrupts a text in one place, away from its ends and dots, where base64 has unused bits. */
function spoilt(random: Random, text: string): readonly [what: string, spoilt: string] {
  const safe = Array.from(text, (_, i) => i).filter((i) => /^[\w-]{5}$/.test(text.slice(i - 2, i + 3)));
  const at = safe[random.integer(Math.max(1, safe.length))] ?? 0;
  switch (random.integer(6)) {
    case 0:
      return ['cut short', text.slice(0, at)];
    case 1:
      return ['with a letter changed', text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)];
    case 2:
      return ['with garbage in it', text.slice(0, at) + garbage(random, 1 + random.integer(40)) + text.slice(at)];
    case 3:
      return ['reversed', [...text].toReversed().join('')];
    case 4:
      return ['twice', text + text];
    default:
      return [
        'with a broken percent-encoding',
        `${text.slice(0, at)}%${one(random, ['', 'z', 'E0%A4%A', 'ff', '00'])}${text.slice(at + 1)}`,
      ];
  }
}

/** A valid token with an invalid proof: code that a server runs only for clients with a token. */
function proofHeaders(random: Random, token: string, proof: string): Pick<Draft, 'name' | 'headers'> {
  const [what, text] =
    random.integer(3) === 0
      ? ['of parts that are not objects', times(1 + random.integer(5), () => jsonPart(random)).join('.')]
      : spoilt(random, proof);
  const headers = [
    ['authorization', `DPoP ${token}`],
    ['dpop', text],
  ] as const;
  return { name: `a proof ${what}`, headers };
}

function credentialHeader(random: Random, { cookie, bearer, proof }: GoodCredential): Pick<Draft, 'name' | 'headers'> {
  if (proof !== undefined && bearer !== null && random.integer(2) === 0) return proofHeaders(random, bearer, proof);
  const name = (cookie ?? 'sid=').split('=', 1)[0] ?? 'sid';
  const value = (cookie ?? 'sid=a').slice(name.length + 1);
  switch (random.integer(9)) {
    case 0:
    case 1: {
      const [what, text] = spoilt(random, bearer ?? 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmNkZSJ9.AAAAAAAAAAAAAAAA');
      return { name: `a bearer token ${what}`, headers: [['authorization', `Bearer ${text}`]] };
    }
    case 2:
    case 3: {
      const [what, text] = spoilt(random, value);
      return { name: `a cookie ${what}`, headers: [['cookie', `${name}=${text}`]] };
    }
    case 4:
      return { name: 'a cookie of garbage', headers: [['cookie', `${name}=${garbage(random, random.integer(200))}`]] };
    case 5:
      return {
        name: 'many cookies',
        headers: [
          ['cookie', times(1 + random.integer(300), (i) => `${one(random, [name, 'a', `c${i}`])}=x`).join('; ')],
        ],
      };
    case 6:
      return { name: 'an unknown scheme', headers: [['authorization', `${garbage(random, 12)} ${bearer ?? 'x'}`]] };
    case 7:
      return {
        name: 'an oversized credential',
        headers: [[one(random, ['cookie', 'authorization']), `${name}=${'a'.repeat(4_000 + random.integer(30_000))}`]],
      };
    default:
      return {
        name: 'parts of a token that are not objects',
        headers: [['authorization', `Bearer ${times(1 + random.integer(5), () => jsonPart(random)).join('.')}`]],
      };
  }
}

const jsonPart = (random: Random): string =>
  Buffer.from(
    one(random, [
      'null',
      '[]',
      '{}',
      '"x"',
      '1',
      '{"alg":null}',
      '{"alg":"none"}',
      '{"alg":{}}',
      '{"exp":1e999}',
      '{"sub":[]}',
      '{',
    ]),
  ).toString('base64url');

function wrongCredential(random: Random, credential: GoodCredential): Draft {
  const spoiltOne = credentialHeader(random, credential);
  const path = one(random, [...GUARDED, ...OPEN]);
  const isOpen = (OPEN as readonly string[]).includes(path);
  const method = random.integer(3) === 0 ? 'POST' : 'GET';
  return { ...spoiltOne, method, path, mayPass: isOpen };
}

function duplicateHeaders(random: Random, { cookie, bearer }: GoodCredential): Draft {
  const name = one(random, [
    'cookie',
    'authorization',
    'host',
    'content-type',
    'content-length',
    'x-csrf-token',
    'origin',
  ]);
  const good: (readonly [string, string])[] = [];
  if (cookie !== null) good.push(['cookie', cookie]);
  if (bearer !== null) good.push(['authorization', `Bearer ${bearer}`]);
  const extra = times(1 + random.integer(20), () => [name, one(random, ['', '1', 'x', garbage(random, 20)])] as const);
  return {
    name: `${name} many times`,
    headers: random.integer(2) === 0 ? [...good, ...extra] : [...extra, ...good],
    mayPass: true,
  };
}

function oddHeaders(random: Random): Draft {
  const headers = times(1 + random.integer(120), (i) => {
    const name = one(random, [
      'x-a',
      '__proto__',
      'constructor',
      'x-forwarded-for',
      'x-forwarded-proto',
      `x-${i}`,
      'te',
      'via',
    ]);
    return [name, garbage(random, random.integer(60))] as const;
  });
  return { name: 'odd headers', path: one(random, [...GUARDED, ...OPEN]), headers, mayPass: true };
}

const ENCODED = [
  '%00',
  '%2e%2e',
  '%2F',
  '%5c',
  '%zz',
  '%',
  '%E0%A4%A',
  '%c0%af',
  '%25',
  '..',
  '//',
  ';',
  '\\',
  '%0d%0a',
  '%u0041',
];

function oddPath(random: Random): Draft {
  const junk = times(1 + random.integer(6), () => one(random, ENCODED)).join(one(random, ['', '/', 'a']));
  const path = one(random, [
    `/${junk}`,
    `/me${junk}`,
    `/me?${junk}`,
    `/me?a[b]=${junk}&__proto__[x]=1`,
    `/admin/users/${junk}/disable`,
    `/${'a/'.repeat(random.integer(2_000))}`,
    `/me?${'a=1&'.repeat(random.integer(1_500))}`,
    'me',
    '*',
    'http://other.example/me',
  ]);
  return { name: 'an odd path', method: one(random, ['GET', 'POST']), path };
}

const METHODS = [
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'get',
  'QUERY',
  'G',
  'CONNECT',
  'PRI',
] as const;

function oddMethod(random: Random): Draft {
  const method = one(random, METHODS);
  return { name: `method ${method}`, method, path: one(random, [...GUARDED, ...OPEN]), mayPass: true };
}

function oddBody(random: Random, { cookie, bearer, csrfHeader }: GoodCredential): Draft {
  const path = one(random, ['/login', '/refresh', '/transfer']);
  const { name, type, text } = bodyOf(random);
  const headers: (readonly [string, string])[] = [];
  if (path === '/transfer') {
    if (cookie !== null) headers.push(['cookie', cookie]);
    if (bearer !== null) headers.push(['authorization', `Bearer ${bearer}`]);
    if (csrfHeader !== null) headers.push(csrfHeader);
  }
  // A body is rarely valid by chance; if it is, it may be accepted.
  return { name: `${path} with ${name}`, method: 'POST', path, headers, body: { type, text }, mayPass: true };
}

/** Invalid or barely valid HTTP, complete so that a server does not wait for more. */
function brokenHttp(random: Random, host: string): FuzzCase {
  const request = one(random, [
    `${garbage(random, 1 + random.integer(200))}\r\n\r\n`,
    `GET /me HTTP/1.1\r\nhost: ${host}\r\n${garbage(random, 30)}\r\n\r\n`,
    `GET /me HTTP/1.1\r\nhost: ${host}\r\nauthorization : Bearer x\r\n\r\n`,
    `GET /me HTTP/1.1\r\nhost: ${host}\r\nx: a\r\n folded: b\r\n\r\n`,
    `GET /me HTTP/${random.integer(10)}.${random.integer(10)}\r\nhost: ${host}\r\n\r\n`,
    `GET /me HTTP/1.1\r\n\r\n`,
    `POST /login HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${one(random, ['-1', '1e3', '0x10', '1,1', 'x', '99999999999999999999'])}\r\n\r\n`,
    `POST /login HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\n${one(random, ['zz', '-1', 'fffffffffffffffff', ''])}\r\nx\r\n0\r\n\r\n`,
    `POST /login HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `GET /me HTTP/1.1\nhost: ${host}\n\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]);
  return { name: 'what is hardly HTTP', request, mayPass: false };
}

/** Returns the case with a number. Each has its own random stream, so that it can be repeated without those before it. */
export function fuzzCase(random: Random, index: number, { host, credential }: FuzzInput): FuzzCase {
  const own = random.derive(`case ${index}`);
  const kind = own.integer(12);
  if (kind === 0) return brokenHttp(own, host);
  const draft =
    kind <= 4
      ? wrongCredential(own, credential)
      : kind <= 7
        ? oddBody(own, credential)
        : kind === 8
          ? duplicateHeaders(own, credential)
          : kind === 9
            ? oddHeaders(own)
            : kind === 10
              ? oddPath(own)
              : oddMethod(own);
  return { name: draft.name, request: write(draft, host), mayPass: draft.mayPass ?? false };
}
