/** Derives a login from a page with a form. Pure. */
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { type Element, elementsOf } from '../flow/page.ts';

type Login = Pick<ServiceConfig['login'], 'request' | 'before'>;

const CSRF = /csrf|xsrf|token|nonce|authenticity/i;
const NAME_TYPES = ['text', 'email', 'tel', undefined];

/**
 * @param path of the page
 *
 * @param html the page as a client without cookies gets it
 *
 * @returns null if it has no form with a password
 */
export function loginIn(path: string, html: string): Login | null {
  for (const [form, ...fields] of formsOf(elementsOf(html))) {
    const named = fields.filter(({ attributes }) => attributes.has('name'));
    const typeOf = ({ attributes }: Element) => attributes.get('type')?.toLowerCase();
    const password = named.find((field) => typeOf(field) === 'password');
    const user = named.find((field) => field.tag === 'input' && NAME_TYPES.includes(typeOf(field)));
    const action = actionOf(path, form?.attributes.get('action') ?? '');
    if (form === undefined || password === undefined || user === undefined || action === null) continue;
    const csrf = named.find(
      (field) => typeOf(field) === 'hidden' && CSRF.test(nameOf(field)) && (field.attributes.get('value') ?? '') !== '',
    );
    const values = named.flatMap((field): [string, string][] => {
      const name = nameOf(field);
      if (field === password) return [[name, '{{password}}']];
      if (field === user) return [[name, '{{username}}']];
      if (field === csrf) return [[name, '{{csrf}}']];
      return typeOf(field) === 'hidden' ? [[name, field.attributes.get('value') ?? '']] : [];
    });
    return {
      // The page may set a cookie that the login needs, whether or not the form has a token.
      before: { request: { path }, ...(csrf === undefined ? {} : { csrf: { html: nameOf(csrf) } }) },
      request: { method: 'POST', path: action, form: Object.fromEntries(values) },
    };
  }
  return null;
}

/** The request of a form with the token in its empty field, which a script would fill; null if it has none. */
export function withScriptToken(request: Request): Request | null {
  const { form = {} } = request;
  const field = Object.keys(form).find((name) => form[name] === '' && CSRF.test(name));
  return field === undefined ? null : { ...request, form: { ...form, [field]: '{{csrf}}' } };
}

const nameOf = ({ attributes }: Element): string => attributes.get('name') ?? '';

/** Each form with its fields. */
function formsOf(elements: readonly Element[]): Element[][] {
  const forms: Element[][] = [];
  for (const element of elements) {
    if (element.tag === 'form') forms.push([element]);
    else forms.at(-1)?.push(element);
  }
  return forms;
}

/** @returns the path that a form is submitted to; null if that is another host, or no URL */
export function actionOf(page: string, action: string): string | null {
  const base = new URL(page, 'http://service');
  if (!URL.canParse(action, base)) return null;
  const { host, pathname, search } = new URL(action, base);
  return host === 'service' ? pathname + search : null;
}
