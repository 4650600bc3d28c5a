/** Checks 32–35 and 40: the cookie itself. */
import { ROUTES } from '../../../servers/contract.ts';
import { splitSignature } from '../attacks/alter.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../check.ts';
import { type ClientSession, headersOf } from '../client-session.ts';
import { decodedValue, type SetCookie } from '../cookies.ts';
import { endOnceServed } from '../end-credential.ts';
import { onceServed } from '../once-served.ts';
import { homeOf, needsCookie } from '../promises.ts';
import { readOnceServed, writeOnceServed } from '../served.ts';
import { type GateTarget, isFor, TRANSFER } from '../target.ts';

const FAMILY = 'cookies and browser';
const refersToCookie = (arm: Parameters<typeof guards>[0]) => allOf(guards(arm), needsCookie(arm));

/** Returns what the browser holds after a login and a read. */
async function given(
  target: GateTarget,
): Promise<{ session: ClientSession; cookies: readonly SetCookie[]; bodies: string[] }> {
  const session = await target.login(0, target.freshUser());
  const me = await readOnceServed(target, 0, session);
  const cookies = [session.reply, me].flatMap((answer) => answer.cookies.filter(({ deletes }) => !deletes));
  if (cookies.length === 0) throw new Error('the login set no cookie');
  return { session, cookies, bodies: [session.reply.text, me.text] };
}

const ATTEMPTS = 3;

/**
 * The cookies that a logout deletes.
 * @throws Error if a logout fails, or if each was done although its answer was 503: the next then says nothing
 */
async function deletionsOf(target: GateTarget): Promise<SetCookie[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const session = await target.login(0, target.freshUser());
    const { answer, hasEnded } = await endOnceServed(() => target.write(0, session, ROUTES.logout.path));
    if (answer.status === 204) return answer.cookies.filter(({ deletes }) => deletes);
    if (!hasEnded) throw new Error(`the logout returned ${answer.status}`);
  }
  throw new Error('no logout was answered with 204: try again when the machine is quiet');
}

/** The faults of all cookies, prefixed with the cookie's name; each once, since a cookie may come with every reply. */
export function faultsOf(cookies: readonly SetCookie[], faultOf: (cookie: SetCookie) => string | null): string[] {
  const faults = cookies.flatMap((cookie) => {
    const fault = faultOf(cookie);
    return fault === null ? [] : [`${cookie.name} ${fault}`];
  });
  return [...new Set(faults)];
}

const secure: Check = {
  id: 32,
  name: 'behind TLS, cookies are Secure and prefixed __Host-',
  family: FAMILY,
  refs: ['ASVS 3.3.1', 'ASVS 3.3.3', 'RFC 6265bis §4.1.3'],
  quick: false,
  variant: 'tls',
  appliesTo: refersToCookie,
  async run(target) {
    const { cookies } = await given(target);
    const deletions = await deletionsOf(target);
    const faultOf = ({ name, attributes }: SetCookie) => {
      if (!attributes.has('secure')) return 'has no Secure';
      if (!name.startsWith('__Host-')) return 'has no __Host- prefix';
      if (attributes.get('path') !== '/') return 'has another Path than /, so browsers drop it';
      return attributes.has('domain') ? 'has a Domain, so browsers drop it' : null;
    };
    const faults = [
      ...faultsOf(cookies, faultOf),
      // A browser ignores a deletion without these: the cookie would stay after logout.
      ...faultsOf(deletions, faultOf).map((fault) => `the deletion of ${fault}`),
    ];
    return verdict(faults, `${cookies.map(({ name }) => name).join(', ')} can only come from this host, and over TLS`);
  },
};

/** How a script could read the cookie, given the bodies that it can read; null if it cannot. */
export function readableFault({ value, attributes }: SetCookie, bodies: readonly string[]): string | null {
  if (!attributes.has('httponly')) return 'has no HttpOnly';
  const plain = decodedValue(value);
  // Every text contains an empty one.
  const parts = [value, plain, splitSignature(plain)[0]].filter((part) => part !== '');
  return bodies.some((body) => parts.some((part) => body.includes(part))) ? 'is in a body' : null;
}

export function sameSiteFault({ attributes }: SetCookie): string | null {
  const value = attributes.get('samesite')?.toLowerCase();
  return value === 'lax' || value === 'strict' ? null : `has SameSite=${value ?? '(none)'}`;
}

const httpOnly: Check = {
  id: 33,
  name: 'scripts cannot read the cookie, and no body contains its value',
  family: FAMILY,
  refs: ['ASVS 3.3.4'],
  quick: true,
  variant: 'standard',
  appliesTo: refersToCookie,
  async run(target) {
    const { cookies, bodies, session } = await given(target);
    const transfer = await writeOnceServed(target, 0, session);
    const texts = [...bodies, transfer.text];
    const faults = faultsOf(cookies, (cookie) => readableFault(cookie, texts));
    return verdict(faults, 'HttpOnly, and its value in no body');
  },
};

const sameSite: Check = {
  id: 34,
  name: 'the cookie is SameSite',
  family: FAMILY,
  refs: ['ASVS 3.3.2'],
  quick: true,
  variant: 'standard',
  appliesTo: refersToCookie,
  async run(target) {
    const { cookies } = await given(target);
    const faults = faultsOf(cookies, sameSiteFault);
    return verdict(faults, `SameSite=${cookies[0]?.attributes.get('samesite') ?? ''}`);
  },
};

/** The size that every browser accepts (RFC 6265bis §5.6). */
export const MOST_BYTES = 4_096;

const size: Check = {
  id: 35,
  name: 'the cookie is small enough for every browser',
  family: FAMILY,
  refs: ['ASVS 3.3.5', 'RFC 6265bis §5.6'],
  quick: false,
  variant: 'standard',
  appliesTo: refersToCookie,
  async run(target) {
    const { cookies } = await given(target);
    const largest = Math.max(...cookies.map(({ pairBytes }) => pairBytes));
    const detail = `name and value take ${largest} of ${MOST_BYTES} bytes`;
    return largest <= MOST_BYTES ? pass(detail) : fail(detail);
  },
};

const duplicates: Check = {
  id: 40,
  name: 'of two cookies with one name, one counts, always the same, for all purposes',
  family: FAMILY,
  refs: ['RFC 6265bis §5.8.3'],
  quick: false,
  variant: 'standard',
  appliesTo: refersToCookie,
  async run(target) {
    const user = await target.login(0, target.freshUser());
    const admin = await target.login(0, target.admin);
    const faults = new Set<string>();
    for (const [first, second] of [
      [user, admin],
      [admin, user],
    ] as const) {
      const cookie = [first, second].map((session) => headersOf(session).cookie).join('; ');
      const winners = new Set<string>();
      for (const which of [...homeOf(target.arm, 0), ...homeOf(target.arm, 0)]) {
        const ask = (path: string) =>
          onceServed(() => target.call(which, { method: 'GET', path, headers: { cookie } }));
        const [me, area] = [await ask(ROUTES.me.path), await ask(ROUTES.admin.path)];
        const winner = [user, admin].find((session) => isFor(me, session.user));
        winners.add(winner?.user.username ?? String(me.status));
        if (winner === undefined && me.status !== 401) faults.add(`they got ${me.status}`);
        const expected = winner === undefined ? 401 : winner === admin ? 200 : 403;
        if (area.status !== expected) faults.add('one decides who is asking, the other what is allowed');
        // The CSRF token of the ignored cookie must not work with the other one.
        const loser = winner === user ? admin : user;
        const headers = { ...headersOf(loser, 'write'), cookie };
        const transfer = await onceServed(() => target.call(which, { ...ROUTES.transfer, headers, json: TRANSFER }));
        if (transfer.status < 400) faults.add('the CSRF token of one lets the other act');
      }
      if (winners.size > 1) faults.add('which of them counts differs from request to request');
    }
    return verdict([...faults], 'one counts, in both orders, on each replica, and only with its own CSRF token');
  },
};

export const COOKIES: readonly Check[] = [secure, httpOnly, sameSite, size, duplicates];
