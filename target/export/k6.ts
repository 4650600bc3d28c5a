/** A k6 script that sends the requests of a service at a rate, and fails if a limit is exceeded. Pure. */
import type { Threshold } from '../../core/thresholds/judge.ts';
import type { Request, Step } from '../config/request-schema.ts';
import { statusesOf } from '../config/request-sense.ts';
import type { Flow } from './flow.ts';
import { K6_REQUESTS } from './k6-requests.ts';

export interface K6Options {
  /** Guarded requests per second. */
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly limits: readonly Threshold[];
}

/**
 * Clients per request per second. A client has one request in flight, so this suffices if a request takes a tenth of
 * a second.
 */
const CLIENTS_PER_RATE = 0.1;
const LEAST_CLIENTS = 10;

const json = (value: unknown, indent = 0): string =>
  // Old engines take these two characters for the end of a line.
  JSON.stringify(value, null, 2)
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
    .replaceAll('\n', `\n${' '.repeat(indent)}`);

/** One line of a comment, whatever characters a title contains. */
const comment = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\u2027\u202a-\uffff]+/g, ' ');

const QUANTILE = /^p(\d{1,2}(?:\.\d+)?)$/;

/** @returns a limit as k6 writes it, in ms; null if k6 does not measure its metric */
function k6Limit({ expression }: Pick<Threshold, 'expression'>): string | null {
  const { metric, factors, operator, limit } = expression;
  const { quantile, timing, ...others } = factors;
  const percentile = QUANTILE.exec(String(quantile))?.[1];
  // Its durations begin when a request is sent, not when it was scheduled.
  const isSeen = metric === 'latency_us' && (timing === undefined || timing === 'service');
  if (!isSeen || percentile === undefined || Object.keys(others).length > 0) return null;
  return `p(${percentile})${operator}${limit / 1000}`;
}

function shownLimit({ expression: { metric, factors, operator, limit } }: Threshold): string {
  const pairs = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return `${metric}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${operator} ${limit}`;
}

const forScript = (request: Request) => ({ ...request, method: request.method ?? 'GET', status: statusesOf(request) });

const stepsOf = (steps: readonly Step[]) => steps.map((step) => ({ ...step, request: forScript(step.request) }));

function usersOf({ users, login }: Flow): string {
  if (login === null) return '[]';
  if ('variable' in users) return `JSON.parse(needed(${json(users.variable)}))`;
  const rows = users.map(
    ({ username, passwordVariable }) =>
      `  { username: ${json(username)}, password: needed(${json(passwordVariable)}) },`,
  );
  return `[\n${rows.join('\n')}\n]`;
}

function variablesOf({ users, login }: Flow): readonly string[] {
  if (login === null) return [];
  return 'variable' in users ? [users.variable] : [...new Set(users.map(({ passwordVariable }) => passwordVariable))];
}

export function k6Script(flow: Flow, { ratePerSecond, seconds, limits }: K6Options): string {
  const clients = Math.max(LEAST_CLIENTS, Math.ceil(ratePerSecond * CLIENTS_PER_RATE));
  const kept = limits.flatMap((limit) => k6Limit(limit) ?? []);
  const unseen = limits.filter((limit) => k6Limit(limit) === null).map((limit) => `//   ${comment(shownLimit(limit))}`);
  const sides = flow.public === null ? ['guarded'] : ['guarded', 'open'];
  const variables = variablesOf(flow).map((name) => ` -e ${name}="$${name}"`);
  const scenarios = Object.fromEntries(
    sides.map((exec) => [
      exec,
      {
        executor: 'constant-arrival-rate',
        exec,
        rate: ratePerSecond,
        timeUnit: '1s',
        duration: `${seconds}s`,
        preAllocatedVUs: clients,
        maxVUs: 10 * clients,
      },
    ]),
  );
  const thresholds = {
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    ...(kept.length === 0 ? {} : { 'http_req_duration{purpose:guarded}': kept }),
  };
  return `// The flow of ${comment(flow.title)} for k6, as Tollgate sends it: each client logs in once, and repeats the guarded request.
//
//   k6 run -e BASE_URL=${comment(flow.url)}${variables.join('')} FILE
//
// Only load servers that you own.${unseen.length === 0 ? '' : `\n// Limits that k6 cannot see, and that npm run bench or npm run target judges:\n${unseen.join('\n')}`}
import http from 'k6/http';
import { check, fail } from 'k6';
import exec from 'k6/execution';
import crypto from 'k6/crypto';
import { b64encode } from 'k6/encoding';

export const options = ${json({ noCookiesReset: true, scenarios, thresholds })};

/** @param {string} name @returns {string} */
function needed(name) {
  const value = __ENV[name];
  if (!value) throw new Error('set ' + name + ': k6 run -e ' + name + '=…');
  return value;
}

const BASE_URL = (__ENV.BASE_URL || ${json(flow.url)}).replace(/[/]$/, '');
/** @type {string[]} */
const ORIGINS = ${json(flow.origins)};
/** @type {{ username: string, password: string }[]} */
const USERS = ${usersOf(flow)};
/** @typedef {{ json?: string, header?: string, cookie?: string, parameter?: string, html?: string, form?: string }} Place */
/** @typedef {{ request: Asked, csrf?: Place, keep?: Record<string, Place> }} Step */
/** @type {Place | null} */
const CREDENTIAL = ${json(flow.login?.credential ?? null)};
/** @type {Place | null} */
const CSRF = ${json(flow.login?.csrf ?? null)};
/** @type {Step[]} */
const BEFORE = ${json(stepsOf([flow.login?.before ?? []].flat()))};
/** @type {Record<string, Place>} */
const KEEP = ${json(flow.login?.keep ?? {})};
/** @type {Step[]} */
const STEPS = ${json(stepsOf(flow.login?.steps ?? []))};
/** @type {Step[]} */
const AFTER = ${json(stepsOf([flow.login?.after ?? []].flat()))};
/** @type {string | null} */
const IDENTITY = ${json(flow.identity)};
/**
 * @typedef {{ method: string, path: string, headers?: Record<string, string>, json?: any, form?: Record<string, string>,
 *   status: number[], holds?: { json?: string, text?: string, location?: string } }} Asked
 */
/** @type {Asked | null} */
const LOGIN = ${json(flow.login === null ? null : forScript(flow.login.request))};
/** @type {Asked} */
const GUARDED = ${json(forScript(flow.guarded))};
/** @type {Asked | null} */
const PUBLIC = ${json(flow.public === null ? null : forScript(flow.public))};

${K6_REQUESTS}/** @param {Step} step @param {Record<string, string>} values */
function take(step, values) {
  const reply = send(step.request, values, 'login');
  if (!succeeds(step.request, reply)) fail(step.request.method + ' ' + step.request.path + ' returned ' + reply.status);
  if (step.csrf !== undefined) values.csrf = textAt(reply, step.csrf);
  keep(reply, step.keep || {}, values);
  return reply;
}

/**
 * @param {import('k6/http').RefinedResponse<any>} reply
 * @param {Record<string, Place>} places
 * @param {Record<string, string>} values
 */
function keep(reply, places, values) {
  for (const name of Object.keys(places)) {
    const place = places[name] || {};
    const text = textAt(reply, place);
    const isUrl = place.form !== undefined || (place.header || '').toLowerCase() === 'location';
    // A path is one of the origin that gave it.
    values[name] = isUrl && text.charAt(0) === '/' ? originOf(reply.url) + text : text;
  }
}

/** @type {Record<string, string> | null} */
let held = null;

/** @returns {Record<string, string>} what this client holds, once it has logged in */
function client() {
  if (held !== null) return held;
  const user = USERS.length === 0 ? null : USERS[exec.vu.idInTest % USERS.length];
  if (LOGIN === null || !user) {
    held = {};
    return held;
  }
  const { username, password } = user;
  const random = String(exec.vu.idInTest) + '-' + String(Date.now());
  const basic = b64encode(username + ':' + password);
  const codeVerifier = b64encode(crypto.randomBytes(32), 'rawurl');
  const codeChallenge = crypto.sha256(codeVerifier, 'base64rawurl');
  /** @type {Record<string, string>} */
  const values = { username, password, basic, random, codeVerifier, codeChallenge };
  for (const step of BEFORE) take(step, values);
  let reply = send(LOGIN, values, 'login');
  if (!succeeds(LOGIN, reply)) fail('the login of ' + user.username + ' returned ' + reply.status);
  keep(reply, KEEP, values);
  for (const step of STEPS) reply = take(step, values);
  if (CSRF !== null) values.csrf = textAt(reply, CSRF);
  if (CREDENTIAL !== null && CREDENTIAL.cookie === undefined) values.token = textAt(reply, CREDENTIAL);
  for (const step of AFTER) take(step, values);
  held = values;
  return held;
}

export function guarded() {
  const values = client();
  const reply = send(GUARDED, values, 'guarded');
  check(reply, {
    'the guarded request succeeds': (answer) => succeeds(GUARDED, answer),
    'it is for its user': (answer) =>
      IDENTITY === null || LOGIN === null || valueAt(bodyOf(answer), IDENTITY) === values.username,
  });
}

export function open() {
  if (PUBLIC === null) return;
  const asked = PUBLIC;
  check(send(asked, {}, 'public'), { 'the public request succeeds': (answer) => succeeds(asked, answer) });
}
`;
}
