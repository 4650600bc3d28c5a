/** Faults of a configuration whose shape is right: parts that do not fit together. Pure. */
import { PLACEHOLDERS, type Placeholder, placeholdersIn } from './placeholders.ts';
import type { Purpose, Request, ServiceConfig } from './schema.ts';
import type { Fault } from './shape.ts';

/** The client sends these by itself. */
const OWN_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'cookie', 'accept-encoding'];
/** One of latin1 without a line break; a placeholder's value is checked when it is known. */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

export function statusesOf({ status = 200 }: Pick<Request, 'status'>): readonly number[] {
  return typeof status === 'number' ? [status] : status;
}

/** @returns every fault, in the order of the file */
export function faultsOfSense(config: ServiceConfig): Fault[] {
  return [...reachFaults(config), ...userFaults(config), ...loginFaults(config), ...requestFaults(config)];
}

function reachFaults({ start, urls, certificate }: ServiceConfig): Fault[] {
  const faults: Fault[] = [];
  if ((start === undefined) === (urls === undefined))
    faults.push({
      pointer: start === undefined ? '' : '/urls',
      message:
        start === undefined ? 'says neither how to start the service nor where it runs' : 'is given beside start',
      hint: 'give either start or urls',
    });
  const schemes = new Set(urls?.map((url) => url.slice(0, url.indexOf(':'))));
  if (schemes.size > 1) faults.push({ pointer: '/urls', message: 'mixes http and https', hint: 'use one of them' });
  if (certificate !== undefined && schemes.has('http'))
    faults.push({ pointer: '/certificate', message: 'is given for http', hint: 'use https URLs, or leave it out' });
  for (const [i, url] of (urls ?? []).entries()) {
    if (urls?.indexOf(url) !== i)
      faults.push({ pointer: `/urls/${i}`, message: 'is given twice', hint: 'name each replica once' });
    const { port } = URL.canParse(url) ? new URL(url) : { port: null };
    if (port === null) faults.push({ pointer: `/urls/${i}`, message: 'is not a URL', hint: 'http://127.0.0.1:3000' });
  }
  const wrong = [...placeholdersIn(start?.command), ...placeholdersIn(start?.environment)].filter(
    (name) => name !== 'port',
  );
  if (wrong.length > 0)
    faults.push({
      pointer: '/start',
      message: `has {{${wrong[0]}}}, and a command knows {{port}} alone`,
      hint: 'pass secrets as {"env": "NAME"} in start.environment',
    });
  return faults;
}

function userFaults({ users, admin, requests }: ServiceConfig): Fault[] {
  const faults: Fault[] = [];
  if (Array.isArray(users)) {
    const names = users.map(({ username }) => username);
    for (const [i, name] of names.entries())
      if (names.indexOf(name) !== i)
        faults.push({ pointer: `/users/${i}/username`, message: 'is given twice', hint: 'name each user once' });
  }
  if (requests.admin !== undefined && admin === undefined)
    faults.push({ pointer: '/admin', message: 'is missing', hint: 'requests.admin needs a user who may make it' });
  return faults;
}

function loginFaults({ login }: ServiceConfig): Fault[] {
  const used = placeholdersIn(login.request);
  const faults = (['username', 'password'] as const).flatMap((name): Fault[] =>
    used.includes(name)
      ? []
      : [
          {
            pointer: '/login/request',
            message: `nowhere holds {{${name}}}`,
            hint: `put it where the service expects it, such as "json": {"${name}": "{{${name}}}"}`,
          },
        ],
  );
  if ((login.request.method ?? 'GET') === 'GET')
    faults.push({
      pointer: '/login/request/method',
      message: 'is GET, which puts the password into URLs',
      hint: 'a login is a POST',
    });
  return faults;
}

const OF_LOGIN: readonly Placeholder[] = ['username', 'password', 'random'];

function requestFaults(config: ServiceConfig): Fault[] {
  const { login, requests } = config;
  const faults = oneRequestFaults('/login/request', login.request, OF_LOGIN);
  for (const [purpose, request] of Object.entries(requests)) {
    const at = `/requests/${purpose}`;
    faults.push(...oneRequestFaults(at, request, placeholdersFor(purpose as Purpose)));
    const used = placeholdersIn(request);
    for (const [name, source] of [
      ['csrf', login.csrf],
      ['refreshToken', login.refreshToken],
    ] as const) {
      if (used.includes(name) && source === undefined)
        faults.push({
          pointer: at,
          message: `has {{${name}}}, and login.${name} does not say where that stands`,
          hint: `add login.${name}, such as {"json": "/${name}"}`,
        });
    }
    if (used.includes('token') && 'cookie' in login.credential)
      faults.push({
        pointer: at,
        message: 'has {{token}}, and the credential is a cookie',
        hint: 'cookies are sent by themselves: leave {{token}} out',
      });
  }
  const { guarded, public: open } = requests;
  if (open !== undefined && open.path === guarded.path && (open.method ?? 'GET') === (guarded.method ?? 'GET'))
    faults.push({
      pointer: '/requests/public',
      message: 'is the same request as guarded',
      hint: 'name a route that needs no credential, or leave it out',
    });
  return faults;
}

function placeholdersFor(purpose: Purpose): readonly Placeholder[] {
  return purpose === 'public' ? ['random'] : PLACEHOLDERS;
}

function oneRequestFaults(at: string, request: Request, allowed: readonly Placeholder[]): Fault[] {
  const faults: Fault[] = [];
  for (const name of new Set(placeholdersIn(request))) {
    if (!allowed.some((known) => known === name))
      faults.push({ pointer: at, message: `has {{${name}}}`, hint: `it may hold {{${allowed.join('}}, {{')}}}` });
  }
  if (request.json !== undefined && request.form !== undefined)
    faults.push({ pointer: `${at}/form`, message: 'is given beside json', hint: 'a request has one body' });
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (OWN_HEADERS.includes(name.toLowerCase()))
      faults.push({ pointer: `${at}/headers/${name}`, message: 'is set by the client', hint: 'leave it out' });
    if (!HEADER_TEXT.test(value))
      faults.push({
        pointer: `${at}/headers/${name}`,
        message: 'holds a line break or another such character',
        hint: 'use latin1',
      });
  }
  for (const status of statusesOf(request)) {
    if (status >= 400)
      faults.push({
        pointer: `${at}/status`,
        message: `is ${status}, which refuses`,
        hint: 'status is that of success',
      });
  }
  return faults;
}
