/** Where a response contains values that its client needs: a token, a cookie, the code of a redirect. Pure. */
import { decodedValue } from '../../bench/gate/cookies.ts';
import type { Answer } from '../../bench/gate/http.ts';
import { valueAt } from '../../core/text/pointer.ts';
import type { KeptPlace } from '../config/request-schema.ts';
import type { ServiceCall } from './endpoint.ts';
import { actionWith, fieldIn } from './page.ts';
import { type ClientCredentials, type Cookie, NOTHING } from './requests.ts';

/** @returns null if the place is empty. A JSON number, such as an id, counts as its text. */
export function textAt(place: KeptPlace, reply: Answer): string | null {
  if ('html' in place) return fieldIn(reply.text, place.html);
  if ('form' in place) return actionWith(reply.text, place.form);
  if ('header' in place) return reply.header(place.header)?.replace(/^Bearer\s+/i, '') || null;
  if ('cookie' in place) return reply.cookies.findLast(({ name }) => name === place.cookie)?.value || null;
  if ('parameter' in place) return parameterOf(reply.header('location') ?? '', place.parameter);
  const value = valueAt(reply.json, place.json);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A parameter of a URL: in its query, or in its fragment (RFC 6749 §4.1.2, §4.2.2). */
function parameterOf(location: string, name: string): string | null {
  if (!URL.canParse(location, 'http://service')) return null;
  const { searchParams, hash } = new URL(location, 'http://service');
  return searchParams.get(name) || new URLSearchParams(hash.slice(1)).get(name) || null;
}

/**
 * The same for a value that a later request needs: a cookie is decoded, as in scripts, and a relative URL is resolved
 * against the request.
 *
 * @param asked the request
 */
export function keptAt(place: KeptPlace, reply: Answer, { path, to }: Pick<ServiceCall, 'path' | 'to'>): string | null {
  const text = textAt(place, reply);
  if (text === null) return null;
  if ('cookie' in place) return decodedValue(text);
  const isUrl = 'form' in place || ('header' in place && place.header.toLowerCase() === 'location');
  const base = `${to?.url.origin ?? 'http://service'}${path}`;
  if (!isUrl || !URL.canParse(text, base)) return text;
  const { host, pathname, search, href } = new URL(text, base);
  return host === 'service' ? pathname + search : href;
}

export function placeText(place: KeptPlace): string {
  if ('html' in place) return `form field or meta element ${place.html}`;
  if ('form' in place) return `form with a field ${place.form}`;
  if ('cookie' in place) return `cookie ${place.cookie}`;
  if ('parameter' in place) return `parameter ${place.parameter} in a redirect`;
  return 'json' in place ? `text at ${place.json}` : `header ${place.header}`;
}

/** The cookies of a request's header; the last of two with one name. */
export function cookiesIn(header: string): ClientCredentials['cookies'] {
  const pairs = header.split('; ').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at <= 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]];
  });
  return [...new Map(pairs)].map(([name, value]) => ({ name, value }));
}

type To = ServiceCall['to'];

/** Cookies of an answer replace the client's earlier ones. @param to the origin that answered, if it was not the service */
export function follow<T extends ClientCredentials>(holding: T, answer: Answer, to?: To): T {
  const host = to?.otherHost ?? null;
  // By the host that set them, and their name.
  const keyOf = (cookie: Cookie) => `${cookie.host ?? ''} ${cookie.name}`;
  const jar = new Map(holding.cookies.map((cookie) => [keyOf(cookie), cookie]));
  for (const { name, value, deletes } of answer.cookies) {
    const cookie: Cookie = { name, value, ...(host === null ? {} : { host }) };
    if (deletes) jar.delete(keyOf(cookie));
    else jar.set(keyOf(cookie), cookie);
  }
  return { ...holding, cookies: [...jar.values()] };
}

/** The client's cookies after a reply, the credential first. @param held its cookies before */
export function jarOf(
  reply: Answer,
  first: string | null,
  held: ClientCredentials['cookies'] = [],
  to?: To,
): ClientCredentials['cookies'] {
  const isFirst = ({ name, host }: Cookie) => Number(name === first && host === undefined);
  return follow({ ...NOTHING, cookies: held }, reply, to).cookies.toSorted((a, b) => isFirst(b) - isFirst(a));
}
