/** Parses REDIS_URL, and gives the form that every client here and in older builds understands. Pure. */
import { environmentError } from '../../../core/errors.ts';
import { authorityOf, hostOf } from '../../load/connection/authority.ts';

/** The address and credentials of a Redis. */
export interface RedisTarget {
  readonly at: { readonly host: string; readonly port: number; readonly tls: boolean } | { readonly path: string };
  /** Empty for Redis' default user. */
  readonly username: string;
  /** Empty if there is none. */
  readonly password: string;
  readonly database: number;
}

const FORMS =
  'redis://[USER:PASSWORD@]HOST:PORT[/DATABASE], rediss:// for TLS, or unix:/PATH[?db=DATABASE] for a socket';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const DEFAULT_PORT = 6379;

/** `localhost`, all of 127.0.0.0/8 and ::1. */
export const isLoopback = (host: string) => LOOPBACK.test(host);

function refuse(what: string, hint = `write it as ${FORMS}`): never {
  throw environmentError(`REDIS_URL ${what}`, hint);
}

/** The part may be a credential, so no message quotes it. */
function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse(
      `has a % in its ${name} that is not a percent-encoding`,
      'write % as %25, and : / ? # @ as %3A %2F %3F %23 %40',
    );
  }
}

function databaseOf(text: string): number {
  if (text === '') return 0;
  return /^\d{1,9}$/.test(text)
    ? Number(text)
    : refuse('names a database that is not a number', 'end it in /0, /1, …; for a socket in ?db=1');
}

function queryOf(query: URLSearchParams): Map<string, string> {
  const found = new Map(query);
  for (const name of found.keys()) {
    if (!['db', 'username', 'password'].includes(name)) refuse('has an unknown option', 'use only ?db=DATABASE');
  }
  return found;
}

/**
 * `unix:/a`, `unix:///a`, `redis+unix:/a`, `redis-socket:///a` and a plain path, with a user before it or in the
 * query.
 */
const SOCKET = /^(?:(?:unix|redis\+unix|redis-socket):(?:\/\/(?:([^/@]*)@)?)?)?(\/[^?#]*)(?:\?([^#]*))?$/i;

function socketTarget([, user = '', path = '', query = '']: RegExpExecArray, isUrl: boolean): RedisTarget {
  const options = queryOf(new URLSearchParams(query));
  const [username = '', ...password] = user.split(':');
  return {
    at: { path: isUrl ? decoded(path, 'path') : path },
    username: decoded(username, 'user') || (options.get('username') ?? ''),
    password: decoded(password.join(':'), 'password') || (options.get('password') ?? ''),
    database: databaseOf(options.get('db') ?? ''),
  };
}

/**
 * @returns the parsed address @throws TollgateError (environment) if it is not the address of a Redis; the message
 * quotes no credential
 */
export function parseRedisUrl(text: string): RedisTarget {
  const socket = SOCKET.exec(text);
  if (socket !== null) return socketTarget(socket, !text.startsWith('/'));
  const url = URL.parse(text);
  const hint = `write it as ${FORMS}, with : / ? # @ % in a password as %3A %2F %3F %23 %40 %25`;
  if (url === null || !text.includes('://')) return refuse('is not a URL', hint);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return refuse(`has the scheme ${url.protocol}`);
  if (url.hash !== '') return refuse('has a # in it', hint);
  const options = queryOf(url.searchParams);
  return {
    at: {
      host: hostOf(url) || 'localhost',
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      tls: url.protocol === 'rediss:',
    },
    username: decoded(url.username, 'user') || (options.get('username') ?? ''),
    password: decoded(url.password, 'password') || (options.get('password') ?? ''),
    database: databaseOf(url.pathname.replace(/^\//, '') || (options.get('db') ?? '')),
  };
}

/** The target as ioredis expects it: a URL for a host and port, or a path with options for a socket. */
export function clientUrl({ at, username, password, database }: RedisTarget): string {
  if ('path' in at) {
    const options = new URLSearchParams();
    if (database !== 0) options.set('db', String(database));
    if (username !== '') options.set('username', username);
    if (password !== '') options.set('password', password);
    return options.size === 0 ? at.path : `${at.path}?${options}`;
  }
  const user = username === '' && password === '' ? '' : `${encode(username)}:${encode(password)}@`;
  const path = database === 0 ? '' : `/${database}`;
  return `${at.tls ? 'rediss' : 'redis'}://${user}${authorityOf(at)}${path}`;
}

/** Encodes every character that has a meaning in a URL. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
