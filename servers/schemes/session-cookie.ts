/** The session cookie's name and attributes, the same in every session arm. */
import type { SchemeSettings } from '../scheme.ts';

/** Behind TLS the `__Host-` prefix makes browsers refuse the cookie from a subdomain or without `Secure` (RFC 6265bis §4.1.3). */
export function sessionCookieName(settings: SchemeSettings): string {
  return settings.secureCookies ? '__Host-sid' : 'sid';
}

/** Returns the attributes after `name=value` in a cookie that authenticates. */
export function cookieAttributes({ cookieSameSite, secureCookies }: SchemeSettings): string {
  const sameSite =
    cookieSameSite === 'unset'
      ? ''
      : `; SameSite=${cookieSameSite.slice(0, 1).toUpperCase()}${cookieSameSite.slice(1)}`;
  return `; Path=/; HttpOnly${sameSite}${secureCookies ? '; Secure' : ''}`;
}

/** Returns the same attributes as an object, for plugins. */
export function cookieOptions({ cookieSameSite, secureCookies }: SchemeSettings) {
  return {
    path: '/',
    httpOnly: true,
    secure: secureCookies,
    // Without this the plugins would use their own default.
    sameSite: cookieSameSite === 'unset' ? false : cookieSameSite,
  } as const;
}

/** Returns a `Set-Cookie` value that deletes the cookie in the browser. */
export function expiredCookie(name: string, attributes: string): string {
  return `${name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes}`;
}

/**
 * Returns the value of the first cookie of this name, or null. It reads one cookie, where a general parser reads all. The first
 * of duplicates counts, so two cookies are never mixed.
 */
export function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  let start = 0;
  while (start < header.length) {
    while (header.charCodeAt(start) === 0x20) start += 1;
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    if (header.startsWith(name, start) && header.charCodeAt(start + name.length) === 0x3d)
      return header.slice(start + name.length + 1, end).trim();
    start = end + 1;
  }
  return null;
}
