/** The address of a Redis in a server's configuration, and in the form of another client. */
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

/** The URL for node-redis: a socket, in each form that ioredis accepts, as `unix://user:password@/path?db=1`. */
export function nodeRedisUrl(url: string): string {
  const [, user = '', path = '', query = ''] =
    /^(?:(?:redis\+)?unix:(?:\/\/(?:([^/@]*)@)?)?)?(\/[^?]*)(?:\?(.*))?$/i.exec(url) ?? [];
  if (path === '') return url;
  const options = new URLSearchParams(query);
  const [username, password] = [options.get('username') ?? '', options.get('password') ?? ''];
  const login = user || (username || password ? `${encodeURIComponent(username)}:${encodeURIComponent(password)}` : '');
  const database = options.get('db');
  // In a plain path these two characters are literal; in a URL they are not.
  const escaped = url.startsWith('/') ? path.replaceAll(/[%#]/g, encodeURIComponent) : path;
  return `unix://${login === '' ? '' : `${login}@`}${escaped}${database === null ? '' : `?db=${database}`}`;
}
