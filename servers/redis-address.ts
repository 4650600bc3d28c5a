/** The address of a Redis as a server is given it, and in the form that another client wants. */
import type { Static } from 'typebox';
import { Type } from './schema.ts';

export const RedisAddress = Type.Object({
  /** `redis://[:password@]host:port`; for a cluster any node, which names the others. */
  url: Type.String(),
  keyPrefix: Type.String(),
  /** True for a Redis Cluster; absent for a single server. */
  cluster: Type.Optional(Type.Literal(true)),
});
export type RedisAddress = Static<typeof RedisAddress>;

/**
 * The URL of an address as node-redis wants it: a socket, in each form that ioredis takes, as
 * `unix://user:password@/path?db=1`.
 */
export function nodeRedisUrl(url: string): string {
  const [, user = '', path = '', query = ''] =
    /^(?:(?:redis\+)?unix:(?:\/\/(?:([^/@]*)@)?)?)?(\/[^?]*)(?:\?(.*))?$/i.exec(url) ?? [];
  if (path === '') return url;
  const options = new URLSearchParams(query);
  const [username, password] = [options.get('username') ?? '', options.get('password') ?? ''];
  const login = user || (username || password ? `${encodeURIComponent(username)}:${encodeURIComponent(password)}` : '');
  const database = options.get('db');
  // In a plain path these two mean themselves; in a URL they do not.
  const escaped = url.startsWith('/') ? path.replaceAll(/[%#]/g, encodeURIComponent) : path;
  return `unix://${login === '' ? '' : `${login}@`}${escaped}${database === null ? '' : `?db=${database}`}`;
}
