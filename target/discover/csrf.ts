/** Where a service returns its CSRF token, and how a request sends it. Pure. */
import type { Answer } from '../../bench/gate/http.ts';
import { escapePointer } from '../../core/text/pointer.ts';
import type { CsrfPlace, Request, Step } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { elementsOf } from '../flow/page.ts';
import { textAt } from '../flow/places.ts';
import type { Cookie } from '../flow/requests.ts';

/** The part of a login that says where the token is. */
export type CsrfSource = Pick<ServiceConfig['login'], 'csrf' | 'after'>;

const NAME = /csrf|xsrf|authenticity/i;

/** Of a JSON value. A credential is near the top of a reply, and replies may be of any depth and size. */
const MOST_VALUES = 10_000;
const MOST_LEVELS = 5;

/** Texts in a JSON value, with their pointers: those in its first levels and its first ten thousand values. */
export function textsIn(json: unknown): [pointer: string, text: string][] {
  const texts: [string, string][] = [];
  let left = MOST_VALUES;
  const visit = (value: unknown, at: string, level: number): void => {
    left--;
    if (typeof value === 'string') texts.push([at, value]);
    if (typeof value !== 'object' || value === null || level === MOST_LEVELS) return;
    for (const [name, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      if (left <= 0) return;
      visit(inner, `${at}/${escapePointer(String(name))}`, level + 1);
    }
  };
  visit(json, '', 0);
  return texts;
}

/** In the reply to the login. @param cookies that its client holds */
export function sourcesInLogin(reply: Answer, cookies: readonly Cookie[]): CsrfSource[] {
  const inReply = [
    ...textsIn(reply.json).flatMap(([pointer]) => (NAME.test(pointer) ? [{ json: pointer }] : [])),
    ...HEADERS.map((header) => ({ header })),
  ].filter((place) => textAt(place, reply) !== null);
  const inJar = cookies.filter(({ name, value }) => NAME.test(name) && value !== '');
  return [...inReply, ...inJar.map(({ name }) => ({ cookie: name }))].map((csrf) => ({ csrf }));
}

/** A request whose reply has a token. */
export type TokenStep = Step & { readonly csrf: CsrfPlace };

/**
 * In the reply to another request, each with a text: a script may fill the others later.
 *
 * @param isOwn whether the request exists only for the token, whatever its name
 */
export function tokensIn(request: Request, reply: Answer, isOwn: boolean): TokenStep[] {
  const { json, text, cookies } = reply;
  const fits = (name: string) => NAME.test(name) || (isOwn && /token/i.test(name));
  const fields = elementsOf(text).flatMap(({ attributes }) => attributes.get('name') ?? []);
  return [
    ...textsIn(json).flatMap(([pointer]) => (fits(pointer) ? [{ json: pointer }] : [])),
    ...HEADERS.map((header) => ({ header })),
    ...[...new Set(fields)].flatMap((html) => (NAME.test(html) ? [{ html }] : [])),
    ...cookies.flatMap(({ name, deletes }) => (NAME.test(name) && !deletes ? [{ cookie: name }] : [])),
  ]
    .filter((place) => textAt(place, reply) !== null)
    .map((csrf) => ({ request, csrf }));
}

const HEADERS = ['x-csrf-token', 'x-xsrf-token', 'csrf-token', 'x-csrftoken'];
const FIELDS = ['_csrf', 'csrf_token', 'csrfToken', '_token', 'csrf', 'csrfmiddlewaretoken', 'authenticity_token'];

/** Where a request has its token: in a header, or in a field of its form or its JSON. */
export type Carrier = { readonly header: string } | { readonly form: string } | { readonly json: string };

/** The carriers of a token, the most likely one first: the field of its page, or the header with its name. */
export function carriersOf(place: CsrfPlace): Carrier[] {
  const [[kind, name] = ['', '']] = Object.entries(place) as [string, string][];
  const own = kind === 'json' ? name.slice(name.lastIndexOf('/') + 1) : name;
  // XSRF-TOKEN goes into X-XSRF-TOKEN, as in Angular and axios; csrftoken into X-CSRFToken, as in Django.
  const isNamesake = (header: string) =>
    [own, `x-${own}`].some((text) => header === text.toLowerCase().replaceAll('_', '-'));
  const headers = HEADERS.toSorted((a, b) => Number(isNamesake(b)) - Number(isNamesake(a)));
  const fields = kind === 'html' ? [own] : [];
  const ownJson = kind === 'json' && own !== '' ? [own] : [];
  return [
    ...fields.map((form) => ({ form })),
    ...headers.map((header) => ({ header })),
    ...[...new Set([...ownJson, ...FIELDS])].filter((form) => !fields.includes(form)).map((form) => ({ form })),
    ...[...new Set([...ownJson, 'csrfToken', '_csrf'])].map((json) => ({ json })),
  ];
}

/** A request with its token there; null if it has a body of the other kind. */
export function carrying(request: Request, carrier: Carrier): Request | null {
  if ('header' in carrier) return { ...request, headers: { ...request.headers, [carrier.header]: '{{csrf}}' } };
  if ('form' in carrier)
    return request.json === undefined ? { ...request, form: { ...request.form, [carrier.form]: '{{csrf}}' } } : null;
  const { json = {} } = request;
  if (request.form !== undefined || typeof json !== 'object' || json === null) return null;
  return { ...request, json: { ...json, [carrier.json]: '{{csrf}}' } };
}

/** A request with the token in each usual place, the most likely first. */
export function withToken(request: Request, { csrf, after }: CsrfSource): Request[] {
  const place = csrf ?? after?.csrf;
  return place === undefined ? [] : carriersOf(place).flatMap((carrier) => carrying(request, carrier) ?? []);
}
