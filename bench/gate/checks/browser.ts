/** Checks 36–39 and 68: pages of other sites, and caches between client and server. */
import { CSRF_HEADER, ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, guards, verdict } from '../check.ts';
import { type ClientSession, headersOf } from '../client-session.ts';
import type { Answer } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { isCookie, needsCookie } from '../promises.ts';
import { isAlive, readOnceServed, writeOnceServed } from '../served.ts';
import { ALLOWED_ORIGIN } from '../stage/variants.ts';
import { type GateTarget, TRANSFER } from '../target.ts';

const FAMILY = 'cookies and browser';
const EVIL = 'https://evil.example';
/** A subdomain that an attacker may have taken over. */
const SIBLING = 'https://sibling.app.example';

/** Content types that a form or a script of another site can send without a preflight (Fetch, CORS-safelisted). */
const SIMPLE_BODIES = [
  { type: 'text/plain', text: JSON.stringify(TRANSFER) },
  { type: 'text/plain;charset=UTF-8', text: JSON.stringify(TRANSFER) },
  { type: 'application/x-www-form-urlencoded', text: 'to=somebody&amount=1' },
  {
    type: 'multipart/form-data; boundary=x',
    text: '--x\r\ncontent-disposition: form-data; name="to"\r\n\r\nsomebody\r\n--x--\r\n',
  },
] as const;

const csrf: Check = {
  id: 36,
  name: 'another site cannot make the browser change state',
  family: FAMILY,
  refs: ['ASVS 3.5.1', 'ASVS 3.5.2'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), needsCookie(arm)),
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const stranger = await target.login(0, target.freshUser());
    const { cookie = '' } = headersOf(session);
    const faults = new Set<string>();
    const refuse = async (what: string, path: string, headers: Record<string, string>, more: object) => {
      const call = { method: 'POST', path, headers: { cookie, ...headers }, ...more };
      const { status } = await onceServed(() => target.call(0, call));
      if (status < 400 || status >= 500) faults.add(`${path} ${what} returned ${status}`);
    };
    const forged = [
      ['without a CSRF token', {}],
      ['from another origin', { origin: EVIL, 'sec-fetch-site': 'cross-site' }],
      ['from a sibling domain', { origin: SIBLING, 'sec-fetch-site': 'same-site' }],
      ['with the Basic credentials that a browser remembers', { authorization: `Basic ${btoa('a:b')}` }],
      ['with an empty CSRF token', { [CSRF_HEADER]: '' }],
      ['with an invented CSRF token', { [CSRF_HEADER]: 'invented' }],
      ['with another session’s CSRF token', { [CSRF_HEADER]: stranger.csrfToken ?? 'none' }],
    ] as const;
    for (const [what, headers] of forged) {
      await refuse(what, ROUTES.transfer.path, headers, { json: TRANSFER });
      await refuse(what, ROUTES.logout.path, headers, {});
      await refuse(what, ROUTES.logoutAll.path, headers, {});
    }
    for (const body of SIMPLE_BODIES) {
      await refuse(`as ${body.type}`, ROUTES.transfer.path, { origin: EVIL }, { body });
      const login = JSON.stringify({ username: session.user.username, password: session.user.password });
      await refuse(`as ${body.type}`, ROUTES.login.path, { origin: EVIL }, { body: { ...body, text: login } });
    }
    if (!(await isAlive(target, 0, session))) faults.add('a forged request ended the session');
    const own = await writeOnceServed(target, 0, session);
    if (own.status !== 200) faults.add(`the user’s own request returned ${own.status}`);
    return verdict([...faults], 'refused without the session’s own token, and in every type that a form can send');
  },
};

const plantedCsrf: Check = {
  id: 68,
  name: 'the CSRF token of the session that a login replaces is worthless after it',
  family: FAMILY,
  refs: ['ASVS 3.5.1', 'ASVS 7.2.4'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), needsCookie(arm)),
  async run(target) {
    // An attacker plants the cookie of a session of their own, with a known CSRF token, and the victim logs in.
    const planted = await target.login(0, target.freshUser());
    const { cookie = '' } = headersOf(planted);
    const victim = await target.login(0, target.freshUser(), { headers: { cookie } });
    const { status } = await writeOnceServed(target, 0, { ...victim, csrfToken: planted.csrfToken });
    const own = await writeOnceServed(target, 0, victim);
    const faults: string[] = [];
    if (status < 400 || status >= 500) faults.push(`a request with it returned ${status}`);
    if (own.status !== 200) faults.push(`the user’s own request returned ${own.status}`);
    return verdict(faults, 'refused, and the session’s own is accepted');
  },
};

const byGet: Check = {
  id: 37,
  name: 'no state is changed by GET',
  family: FAMILY,
  refs: ['ASVS 3.5.3'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const user = target.freshUser();
    const session = await target.login(0, user);
    const admin = await target.login(0, target.admin);
    const faults: string[] = [];
    const changes: readonly (readonly [path: string, who: ClientSession])[] = [
      [`${ROUTES.transfer.path}?to=somebody&amount=1`, session],
      [ROUTES.logout.path, session],
      [ROUTES.logoutAll.path, session],
      [ROUTES.refresh.path, session],
      [`${ROUTES.login.path}?username=${user.username}&password=x`, session],
      [ROUTES.disableUser.path.replace(':id', user.record.id), admin],
    ];
    for (const [path, who] of changes) {
      for (const [method, more] of [
        ['GET', {}],
        ['GET', { 'x-http-method-override': 'POST', 'x-method-override': 'POST' }],
      ] as const) {
        const headers = { ...headersOf(who, 'write'), ...more };
        const { status } = await onceServed(() => target.call(0, { method, path, headers }));
        if (status < 400) faults.push(`${method} ${path.replace(/[?].*/, '')} returned ${status}`);
      }
    }
    if (!(await isAlive(target, 0, session))) faults.push('a GET ended the session or disabled the user');
    return verdict([...new Set(faults)], `${changes.length} state changes were asked for by GET, none happened`);
  },
};

/** Origins that a careless comparison mistakes for the allowed one. */
export const LOOKALIKES = [
  EVIL,
  'null',
  'http://app.example',
  'https://app.example.evil.example',
  'https://evil-app.example',
  'https://app.example:8443',
  'https://sub.app.example',
  'https://appxexample',
];

const cors: Check = {
  id: 38,
  name: 'only pages of allowed origins may read replies',
  family: FAMILY,
  refs: ['ASVS 3.4.2'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const faults = new Set<string>();
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': CSRF_HEADER };
    const ask = async (origin: string) => [
      await onceServed(() => target.call(0, { ...ROUTES.me, headers: { ...headersOf(session), origin } })),
      await target.call(0, { ...ROUTES.public, headers: { origin } }),
      await target.call(0, { method: 'OPTIONS', path: ROUTES.transfer.path, headers: { origin, ...preflight } }),
    ];
    for (const origin of LOOKALIKES) {
      for (const answer of await ask(origin)) {
        const allowed = answer.header('access-control-allow-origin');
        if (allowed === origin) faults.add(`${origin} is allowed`);
        if (allowed === '*' && isCookie(target.arm)) faults.add('every origin is allowed');
        // A browser accepts credentials only together with the exact origin.
        if (allowed === origin && answer.header('access-control-allow-credentials') !== null)
          faults.add(`${origin} may send cookies`);
      }
    }
    const allowed = target.settings.allowedOrigins?.includes(ALLOWED_ORIGIN) === true ? await ask(ALLOWED_ORIGIN) : [];
    for (const answer of allowed) {
      if (answer.header('access-control-allow-origin') !== ALLOWED_ORIGIN) faults.add('the allowed origin is refused');
      if (answer.all('vary').join().toLowerCase().includes('origin') === false) faults.add('Vary does not name Origin');
    }
    return verdict([...faults], `${LOOKALIKES.length} other origins were refused, the allowed one was not`);
  },
};

const noStore: Check = {
  id: 39,
  name: 'authenticated replies are not cached',
  family: FAMILY,
  refs: ['ASVS 14.3.2'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const renew = (refreshToken: string) => onceServed(() => target.refresh(0, refreshToken));
    const answers = [
      [ROUTES.login.path, session.reply],
      [ROUTES.me.path, await readOnceServed(target, 0, session)],
      [ROUTES.admin.path, await readOnceServed(target, 0, session, ROUTES.admin.path)],
      [ROUTES.transfer.path, await writeOnceServed(target, 0, session)],
      ['a refused request', await onceServed(() => target.call(0, ROUTES.me))],
      ...(await settingCookies(target, session)),
      ...(session.refreshToken === null ? [] : [[ROUTES.refresh.path, await renew(session.refreshToken)] as const]),
      [ROUTES.logout.path, await writeOnceServed(target, 0, session, ROUTES.logout.path)],
      [
        ROUTES.logoutAll.path,
        await writeOnceServed(target, 0, await target.login(0, session.user), ROUTES.logoutAll.path),
      ],
    ] as const;
    const kept = answers.flatMap(([what, answer]) => (forbidsStoring(answer.all('cache-control')) ? [] : [what]));
    return verdict(
      kept.map((what) => `${what} may be stored`),
      `${answers.length} replies say no-store`,
    );
  },
};

/**
 * Public replies to a client with a credential that set a cookie: it is the user's, and a cache would serve it to
 * others.
 */
async function settingCookies(target: GateTarget, session: ClientSession): Promise<(readonly [string, Answer])[]> {
  const routes = [ROUTES.public.path, ROUTES.healthz.path];
  const answers = await Promise.all(
    routes.map(async (path) => [path, await readOnceServed(target, 0, session, path)] as const),
  );
  return answers.filter(([, { cookies }]) => cookies.length > 0);
}

function forbidsStoring(values: readonly string[]): boolean {
  const directives = values.flatMap((value) => value.split(',')).map((directive) => directive.trim().toLowerCase());
  return directives.includes('no-store');
}

export const BROWSER: readonly Check[] = [csrf, plantedCsrf, byGet, cors, noStore];
