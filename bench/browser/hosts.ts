/** The host names of the pages. All resolve to loopback; only the browser treats them differently. */

/** The site is `tollgate.localhost`: `localhost` is the public suffix, so that is the registrable domain. */
export const APP = 'app.tollgate.localhost';

/** Origins of attacking or calling pages, by their relation to the application. */
export const ORIGINS = {
  /** Another host of the same site, so SameSite does not apply. */
  'same-site': 'evil.tollgate.localhost',
  'cross-site': 'other.localhost',
} as const;
export type Origin = keyof typeof ORIGINS;

/** The same two relations, for origins in the application's CORS list. */
export const PARTNERS: Readonly<Record<Origin, string>> = {
  'same-site': 'portal.tollgate.localhost',
  'cross-site': 'partner.localhost',
};

/** The attacker's host, which collects what an injected script sends. */
export const COLLECTOR = ORIGINS['cross-site'];

export const HOSTS: readonly string[] = [APP, ...Object.values(ORIGINS), ...Object.values(PARTNERS)];

export function urlOf(host: string, port: number, path = '/'): string {
  return `https://${host}:${port}${path}`;
}
