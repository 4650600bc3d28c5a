/** The setups shown to the browser: an arm, its cookie and defences, and where a page stores a token. */

import type { Factors } from '../../core/results/schema.ts';
import type { ServerSettings } from '../../servers/configuration.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { ThirdPartyCookies } from './chromium.ts';
import type { Storage } from './pages.ts';

type SameSite = NonNullable<ServerSettings['cookieSameSite']>;

export interface Setup {
  readonly arm: ArmInfo;
  readonly storage: Storage;
  /** Null if the credential is not a cookie. */
  readonly cookie: {
    readonly sameSite: SameSite;
    /** Whether state changes need a CSRF token. */
    readonly csrf: boolean;
    /** Whether bodies of HTML forms are parsed, or only JSON. */
    readonly forms: boolean;
  } | null;
  /** Whether the browser sends third-party cookies at all, whatever their SameSite. */
  readonly thirdPartyCookies: ThirdPartyCookies;
  /** Whether scripts are injected; once per arm and storage is enough. */
  readonly xss: boolean;
  /** Whether other pages send requests in the user's name: all requests, only state changes, or none. */
  readonly csrf: 'all' | 'changes' | 'none';
  /** Whether honest pages of other origins call the API too. */
  readonly partners: boolean;
  /** Setups with a smaller rank are measured first, since time may run out: the most informative come first. */
  readonly rank: number;
}

/** The factors of a setup's figures, with the same words in page, charts and claims. */
export function factorsOf({ storage, cookie, thirdPartyCookies }: Setup): Factors {
  return {
    storage,
    same_site: cookie?.sameSite ?? 'no-cookie',
    csrf: cookie === null ? 'no-cookie' : cookie.csrf ? 'on' : 'off',
    bodies: cookie?.forms === false ? 'json' : 'forms',
    third_party_cookies: thirdPartyCookies,
  };
}

/** Token arms parse forms too, so that the body's type does not stop an attack on them. */
export function settingsOf({ cookie }: Setup): ServerSettings {
  return {
    formBodies: cookie?.forms ?? true,
    ...(cookie === null ? {} : { cookieSameSite: cookie.sameSite, csrfProtection: cookie.csrf }),
  };
}

const SAME_SITES: readonly SameSite[] = ['unset', 'none', 'lax', 'strict'];

const isReference = ({ tags = [] }: ArmInfo) => tags.includes('reference');

/** How a browser handles a cookie does not depend on its content, so only the reference covers the whole grid. */
const showsWholeGrid = (arm: ArmInfo) => isReference(arm) && arm.needsCsrfProtection;
/**
 * The reference covers every place where a page may keep a token; the others cover the most common and the most
 * careful.
 */
const showsEveryStorage = (arm: ArmInfo) => isReference(arm) && arm.readableByScript;

interface CookieOptions {
  readonly csrf?: boolean;
  readonly forms?: boolean;
  readonly thirdPartyCookies?: Setup['thirdPartyCookies'];
}

function cookieSetups(arm: ArmInfo): Setup[] {
  const isGrid = showsWholeGrid(arm);
  const setup = (sameSite: SameSite, options: CookieOptions): Setup => {
    const { csrf = false, forms = true, thirdPartyCookies = 'allowed' } = options;
    return {
      arm,
      storage: 'httponly-cookie',
      cookie: { sameSite, csrf, forms },
      thirdPartyCookies,
      xss: sameSite === 'lax' && csrf,
      // A read needs neither a CSRF token nor a body.
      csrf: isGrid && !csrf && forms ? 'all' : 'changes',
      partners: isGrid && !csrf && forms,
      // The other kind of cookie comes next: it contains a token.
      rank: isGrid ? 0 : arm.variant === 'cookie' ? 1 : 3,
    };
  };
  // The arm as it is, and the protection that remains with the cookie alone.
  const ends = [setup('lax', { csrf: true }), setup('none', {})];
  if (!isGrid) return ends;
  return [
    ...ends,
    ...SAME_SITES.filter((sameSite) => sameSite !== 'none').map((sameSite) => setup(sameSite, {})),
    setup('none', { csrf: true }),
    setup('none', { forms: false }),
    setup('none', { thirdPartyCookies: 'blocked' }),
  ];
}

function tokenSetups(arm: ArmInfo): Setup[] {
  const isGrid = showsEveryStorage(arm);
  const storages: readonly Storage[] = isGrid
    ? ['memory', 'local-storage', 'session-storage', 'readable-cookie']
    : ['memory', 'local-storage'];
  return storages.map((storage) => ({
    arm,
    storage,
    cookie: null,
    thirdPartyCookies: 'allowed',
    xss: true,
    csrf: storage === 'memory' || storage === 'readable-cookie' ? 'changes' : 'none',
    partners: isGrid && storage === 'memory',
    rank: isGrid ? 1 : 2,
  }));
}

/** An arm's cookie is out of scripts' reach and needs CSRF protection; its token is within reach. `dual` has both. */
export function setupsOf(arms: readonly ArmInfo[]): Setup[] {
  return arms
    .filter((arm) => !arm.baseline)
    .flatMap((arm) => [
      ...(arm.needsCsrfProtection ? cookieSetups(arm) : []),
      ...(arm.readableByScript ? tokenSetups(arm) : []),
    ]);
}
