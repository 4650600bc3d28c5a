/** The names that pages are served under. All lead to loopback; what tells them apart is what a browser makes of them. */

/** The site is `tollgate.localhost`: `localhost` is the public suffix, so that is the registrable domain. */
export const APP = 'app.tollgate.localhost';

/** Whose pages attack, or call from elsewhere, and how a browser sees them from the application. */
export const ORIGINS = {
  /** Another host of the same site: for SameSite no stranger. */
  'same-site': 'evil.tollgate.localhost',
  'cross-site': 'other.localhost',
} as const;
export type Origin = keyof typeof ORIGINS;

/** The same two, named in the application's CORS list. */
export const PARTNERS: Readonly<Record<Origin, string>> = {
  'same-site': 'portal.tollgate.localhost',
  'cross-site': 'partner.localhost',
};

/** Where the attacker collects what an injected script sends. */
export const COLLECTOR = ORIGINS['cross-site'];

export const HOSTS: readonly string[] = [APP, ...Object.values(ORIGINS), ...Object.values(PARTNERS)];

export function urlOf(host: string, port: number, path = '/'): string {
  return `https://${host}:${port}${path}`;
}
