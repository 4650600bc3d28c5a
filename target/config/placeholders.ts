/** Placeholders such as `{{token}}` in the requests of a service and in its command. Pure. */

/** The values of a client that a request may contain. */
export const PLACEHOLDERS = ['username', 'password', 'basic', 'token', 'csrf', 'refreshToken', 'random'] as const;

/** What a login with an authorization code makes for itself (RFC 7636). */
export const PKCE = ['codeVerifier', 'codeChallenge'] as const;

/** By name: one of those above, `port`, or what a step of the login keeps. */
export type Values = Readonly<Partial<Record<string, string>>>;

const PATTERN = /\{\{([^{}]*)\}\}/g;

/** The names of the placeholders in a value, at any depth. */
export function placeholdersIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(PATTERN)].map(([, name = '']) => name.trim());
  if (Array.isArray(value)) return value.flatMap(placeholdersIn);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(placeholdersIn);
  return [];
}

/** A placeholder without a value becomes an empty text, as for a client without that value. */
export function fill(text: string, values: Values, encode: (value: string) => string = (value) => value): string {
  return text.replaceAll(PATTERN, (_, name: string) => {
    const value = Object.entries(values).find(([key]) => key === name.trim())?.[1];
    return encode(value ?? '');
  });
}

/** Fills the placeholders in every text of a JSON value. */
export function fillAll(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fill(value, values);
  if (Array.isArray(value)) return value.map((item) => fillAll(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillAll(item, values)]));
}
