/** The requests that an external load generator has to send: from a configuration, or for a built-in arm. Pure. */
import { type ArmInfo, ROUTES } from '../../servers/contract.ts';
import { withHeaders } from '../config/common-headers.ts';
import { originIn } from '../config/origins.ts';
import type { Request } from '../config/request-schema.ts';
import type { Secret, ServiceConfig } from '../config/schema.ts';

/** A user whose password is in a variable of the generator's environment. */
export interface FlowUser {
  readonly username: string;
  readonly passwordVariable: string;
}

export interface Flow {
  readonly name: string;
  readonly title: string;
  /** The URL, unless the environment specifies another one. */
  readonly url: string;
  /** Other origins that paths may name. */
  readonly origins: readonly string[];
  /** A list, or the variable that contains one as JSON: `[{"username": "…", "password": "…"}]`. */
  readonly users: readonly FlowUser[] | { readonly variable: string };
  /** Null if no login is needed. */
  readonly login: ServiceConfig['login'] | null;
  readonly guarded: Request;
  readonly public: Request | null;
  readonly identity: string | null;
}

const USUAL_URL = 'http://127.0.0.1:3000';

/** The variable of a secret: its configured one, or a name derived from its purpose. */
function variableOf(secret: Secret, otherwise: string): string {
  return 'env' in secret ? secret.env : otherwise.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

export function flowOf(config: ServiceConfig): Flow {
  const { users, urls, identity } = config;
  const { login, requests } = withHeaders(config);
  return {
    name: config.name,
    title: config.title ?? config.name,
    url: urls?.[0] ?? USUAL_URL,
    origins: (config.origins ?? []).flatMap((text) => originIn(text) ?? []),
    users: Array.isArray(users)
      ? users.map(({ username, password }) => ({
          username,
          passwordVariable: variableOf(password, `password_${username}`),
        }))
      : { variable: 'env' in users ? users.env : 'USERS' },
    login,
    guarded: requests.guarded,
    public: requests.public ?? null,
    identity: identity ?? null,
  };
}

/** The standard request of an arm. Clients need not know its scheme. */
export function flowOfArm(arm: ArmInfo): Flow {
  const login: ServiceConfig['login'] = {
    request: { ...request('login'), json: { username: '{{username}}', password: '{{password}}' } },
    // Any name: a client keeps every cookie.
    credential: arm.needsCsrfProtection ? { cookie: 'session' } : { json: '/accessToken' },
  };
  return {
    name: arm.name,
    title: arm.title,
    url: USUAL_URL,
    origins: [],
    users: { variable: 'USERS' },
    login: arm.baseline ? null : login,
    guarded: request('me'),
    public: request('public'),
    identity: '/username',
  };
}

function request(route: 'login' | 'me' | 'public'): Request {
  const { method, path } = ROUTES[route];
  return { method, path };
}
