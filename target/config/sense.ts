/** Checks a configuration whose shape is valid for parts that contradict each other. Pure. */

import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../core/text/schema-faults.ts';
import { originFaults, originIn } from './origins.ts';
import { PLACEHOLDERS, placeholdersIn } from './placeholders.ts';
import type { Request } from './request-schema.ts';
import { headerFaults, oneRequestFaults } from './request-sense.ts';
import { PURPOSES, type Purpose, type ServiceConfig } from './schema.ts';
import type { Shaped } from './shape.ts';
import { keptBy, loginStepFaults } from './steps.ts';

/** @returns all faults in the parts whose shape is valid, in the order of the file */
export function semanticFaults(shaped: Shaped): Fault[] {
  return [
    ...reachFaults(shaped),
    ...(shaped.isRight('/headers') ? headerFaults('', shaped.config.headers) : []),
    ...originFaults(shaped),
    ...storeFaults(shaped),
    ...userFaults(shaped),
    ...loginFaults(shaped),
    ...requestFaults(shaped),
  ];
}

function reachFaults({ config, isKnown, isRight }: Shaped): Fault[] {
  const faults: Fault[] = [];
  if (isKnown('/start', '/urls') && (config.start === undefined) === (config.urls === undefined)) {
    const isMissing = config.start === undefined;
    faults.push({
      pointer: isMissing ? '' : '/urls',
      message: isMissing ? 'gives neither start nor urls' : 'is given in addition to start',
      hint: 'give either start or urls',
    });
  }
  if (isRight('/urls'))
    faults.push(
      ...urlFaults(config.urls ?? [], isKnown('/certificate') && !hasSafeOrigin(config) ? config.certificate : null),
    );
  for (const part of ['command', 'environment'] as const) {
    if (!isRight(`/start/${part}`)) continue;
    const wrong = placeholdersIn(config.start?.[part]).find((name) => name !== 'port');
    if (wrong !== undefined)
      faults.push({
        pointer: `/start/${part}`,
        message: `has {{${wrong}}}, but a command may only use {{port}}`,
        hint: 'pass secrets as {"env": "NAME"} in start.environment',
      });
  }
  return faults;
}

/** The certificate may be that of an identity provider alone. */
const hasSafeOrigin = ({ origins }: ServiceConfig): boolean =>
  Array.isArray(origins) && origins.some((text) => originIn(String(text))?.startsWith('https:'));

/** Variables that refer to an undeclared store. */
function storeFaults({ config, isKnown, isRight }: Shaped): Fault[] {
  if (!isRight('/start/environment') || !isKnown('/stores')) return [];
  return Object.entries(config.start?.environment ?? {}).flatMap(([name, value]): Fault[] => {
    if (typeof value === 'string' || !('from' in value) || config.stores?.[value.from] !== undefined) return [];
    return [
      {
        pointer: `/start/environment/${name}/from`,
        message: `refers to ${value.from}, which is not in stores`,
        hint: `add it: "stores": {"${value.from}": …}`,
      },
    ];
  });
}

function urlFaults(urls: readonly string[], certificate: string | null | undefined): Fault[] {
  const faults: Fault[] = [];
  const schemes = new Set(urls.map((url) => url.slice(0, url.indexOf(':'))));
  if (schemes.size > 1) faults.push({ pointer: '/urls', message: 'mixes http and https', hint: 'use one of them' });
  if (typeof certificate === 'string' && schemes.has('http'))
    faults.push({ pointer: '/certificate', message: 'is given for http', hint: 'use https URLs, or leave it out' });
  for (const [i, url] of urls.entries()) {
    if (urls.indexOf(url) !== i)
      faults.push({ pointer: `/urls/${i}`, message: 'is given twice', hint: 'list each replica once' });
    if (!URL.canParse(url))
      faults.push({ pointer: `/urls/${i}`, message: 'is not a URL', hint: 'http://127.0.0.1:3000' });
  }
  return faults;
}

function userFaults({ config, isKnown, isRight }: Shaped): Fault[] {
  const faults: Fault[] = [];
  if (isRight('/users') && Array.isArray(config.users)) {
    const names = config.users.map(({ username }) => username);
    for (const [i, name] of names.entries())
      if (names.indexOf(name) !== i)
        faults.push({ pointer: `/users/${i}/username`, message: 'is given twice', hint: 'list each user once' });
  }
  if (!isKnown('/requests')) return faults;
  const { admin, requests } = config;
  const purpose = (['admin', 'disable', 'enable'] as const).find((name) => requests[name] !== undefined);
  if (isKnown('/admin') && purpose !== undefined && admin === undefined)
    faults.push({ pointer: '/admin', message: 'is missing', hint: `requests.${purpose} needs a user who may make it` });
  for (const [name, other] of [
    ['disable', 'enable'],
    ['enable', 'disable'],
  ] as const)
    if (requests[name] !== undefined && requests[other] === undefined)
      faults.push({
        pointer: `/requests/${other}`,
        message: `is required with ${name}`,
        hint: 'a disabled user is enabled again, so that later runs can use it',
      });
  return faults;
}

function loginFaults(shaped: Shaped): Fault[] {
  const { config, isRight } = shaped;
  if (!isRight('/login/request')) return [];
  const { request } = config.login;
  const used = placeholdersIn(request);
  const faults = (['username', 'password'] as const).flatMap((name): Fault[] =>
    used.includes(name) || used.includes('basic') || (name === 'username' && sendsKey(request))
      ? []
      : [
          {
            pointer: '/login/request',
            message: `nowhere holds {{${name}}}`,
            hint: `add it where the service expects it, such as "json": {"${name}": "{{${name}}}"}`,
          },
        ],
  );
  if ((request.method ?? 'GET') === 'GET')
    faults.push({
      pointer: '/login/request/method',
      message: 'is GET, which puts the password in the URL',
      hint: 'use POST for a login',
    });
  return [...faults, ...loginStepFaults(shaped)];
}

/** Whether it sends the password as a key, which says by itself whose it is. */
function sendsKey({ headers = {}, json, form = {} }: Request): boolean {
  const fields = typeof json === 'object' && json !== null ? Object.entries(json) : [];
  return [...Object.entries(headers), ...fields, ...Object.entries(form)].some(
    ([name, value]) => placeholdersIn(value).includes('password') && /key|token|assertion|authorization/i.test(name),
  );
}

function requestFaults({ config, isKnown, isRight }: Shaped): Fault[] {
  if (!isKnown('/requests')) return [];
  const { requests } = config;
  const faults: Fault[] = [];
  for (const purpose of PURPOSES) {
    const at = `/requests/${purpose}`;
    const request = requests[purpose];
    if (request === undefined || !isRight(at)) continue;
    const kept = isRight('/login/before', '/login/keep', '/login/steps', '/login/after') ? keptBy(config.login) : null;
    faults.push(
      ...oneRequestFaults(
        at,
        request,
        kept === null ? null : [...placeholdersFor(purpose), ...(purpose === 'public' ? [] : kept)],
      ),
    );
    const used = placeholdersIn(request);
    for (const name of ['csrf', 'refreshToken'] as const) {
      if (!used.includes(name) || !isKnown(`/login/${name}`, '/login/after', '/login/steps')) continue;
      if (config.login[name] === undefined && (name !== 'csrf' || !givesCsrf(config.login)))
        faults.push({
          pointer: at,
          message: `has {{${name}}}, but login.${name} is missing`,
          hint: `add login.${name}, such as {"json": "/${name}"}`,
        });
    }
    if (used.includes('token') && isRight('/login/credential') && 'cookie' in config.login.credential)
      faults.push({
        pointer: at,
        message: 'has {{token}}, but the credential is a cookie',
        hint: 'cookies are sent automatically: omit {{token}}',
      });
  }
  if (isRight('/requests/guarded') && isKnown('/identity') && judgesByJsonAlone(config))
    faults.push({
      pointer: '/requests/guarded/holds/json',
      message: 'is given without identity',
      hint: 'give identity as well, a JSON pointer to the username: the load tells replies by it',
    });
  if (!isRight('/requests/guarded', '/requests/public')) return faults;
  const { guarded, public: open } = requests;
  if (open !== undefined && isDeepStrictEqual(whatIsAsked(open), whatIsAsked(guarded)))
    faults.push({
      pointer: '/requests/public',
      message: 'is the same request as guarded',
      hint: 'use a route that needs no credential, or omit it',
    });
  return faults;
}

/** What distinguishes one request from another: with GraphQL, only the body does. */
const whatIsAsked = ({ method = 'GET', path, json, form }: Request) => ({ method, path, json, form });

const judgesByJsonAlone = ({ requests: { guarded }, identity }: ServiceConfig): boolean =>
  guarded.holds !== undefined && 'json' in guarded.holds && identity === undefined;

const givesCsrf = ({ after, steps = [] }: ServiceConfig['login']): boolean =>
  after !== undefined || steps.some(({ csrf }) => csrf !== undefined);

function placeholdersFor(purpose: Purpose): readonly string[] {
  return purpose === 'public' ? ['random'] : PLACEHOLDERS;
}
