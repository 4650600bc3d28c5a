/** Where a service returns its CSRF token after the login, and how a request sends it. Pure. */
import type { Answer } from '../../bench/gate/http.ts';
import { escapePointer } from '../../core/text/pointer.ts';
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { elementsOf } from '../flow/page.ts';

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
export function sourcesInLogin({ json, all }: Answer, cookies: readonly { readonly name: string }[]): CsrfSource[] {
  return [
    ...textsIn(json).flatMap(([pointer]): CsrfSource[] => (NAME.test(pointer) ? [{ csrf: { json: pointer } }] : [])),
    ...HEADERS.flatMap((header): CsrfSource[] => (all(header).length > 0 ? [{ csrf: { header } }] : [])),
    ...cookies.flatMap(({ name }): CsrfSource[] => (NAME.test(name) ? [{ csrf: { cookie: name } }] : [])),
  ];
}

/** In the reply to another request. @param isOwn whether the request exists only for the token, whatever its name */
export function sourcesIn(request: Request, { json, text, all, cookies }: Answer, isOwn: boolean): CsrfSource[] {
  const fits = (name: string) => NAME.test(name) || (isOwn && /token/i.test(name));
  const fields = elementsOf(text).flatMap(({ attributes }) => attributes.get('name') ?? []);
  return [
    ...textsIn(json).flatMap(([pointer]) => (fits(pointer) ? [{ json: pointer }] : [])),
    ...HEADERS.flatMap((header) => (all(header).length > 0 ? [{ header }] : [])),
    ...[...new Set(fields)].flatMap((html) => (NAME.test(html) ? [{ html }] : [])),
    ...cookies.flatMap(({ name }) => (NAME.test(name) ? [{ cookie: name }] : [])),
  ].map((csrf) => ({ after: { request, csrf } }));
}

const HEADERS = ['x-csrf-token', 'x-xsrf-token', 'csrf-token'];
const FIELDS = ['_csrf', 'csrf_token', 'csrfToken', '_token', 'csrf', 'csrfmiddlewaretoken', 'authenticity_token'];

/** A request with the token in each usual place, the field of its page first. */
export function withToken(request: Request, { after }: CsrfSource): Request[] {
  const own = after !== undefined && 'html' in after.csrf ? [after.csrf.html] : [];
  const inForm = (names: readonly string[]) => names.map((name) => ({ ...request, form: { [name]: '{{csrf}}' } }));
  return [
    ...inForm(own),
    ...HEADERS.map((header) => ({ ...request, headers: { ...request.headers, [header]: '{{csrf}}' } })),
    ...inForm(FIELDS.filter((name) => !own.includes(name))),
    ...['csrfToken', '_csrf'].map((name) => ({ ...request, json: { [name]: '{{csrf}}' } })),
  ];
}
