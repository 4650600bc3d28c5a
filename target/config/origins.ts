/** Other origins that take part in a login, such as an identity provider. Pure. */
import type { Fault } from '../../core/text/schema-faults.ts';
import type { Request as Configured } from './request-schema.ts';
import type { Purpose, ServiceConfig } from './schema.ts';
import type { Shaped } from './shape.ts';
import { placedSteps } from './steps.ts';

export interface Origin {
  readonly url: URL;
  /** PEM; null for http, and if the system's certificates suffice. */
  readonly certificate: string | null;
  /** Its host, if that is not the service's: cookies go only to the host that set them, whatever its port. */
  readonly otherHost: string | null;
}

/** A request of a service, with the origins that its path may name. */
export type Request = Configured & { readonly origins?: readonly Origin[] };

/** Replicas answer these, because their cost is measured and their access is checked. */
const OF_SERVICE: readonly Purpose[] = ['guarded', 'public', 'critical', 'admin'];

/** The origin of a path that is a URL; null for any other. */
export function originIn(path: string): string | null {
  const start = /^https?:\/\/[^/]+/i.exec(path)?.[0];
  return start !== undefined && URL.canParse(start) ? new URL(start).origin : null;
}

export function originsOf({ origins = [], urls, start }: ServiceConfig, certificate: string | null): Origin[] {
  const [first = ''] = urls ?? [];
  const own = start === undefined && URL.canParse(first) ? new URL(first).hostname : '127.0.0.1';
  return origins.flatMap((text): Origin[] => {
    if (!URL.canParse(text)) return [];
    const url = new URL(text);
    return [{ url, certificate, otherHost: url.hostname === own ? null : url.hostname }];
  });
}

/** All requests of a service. */
export type Requests = Pick<ServiceConfig, 'login' | 'requests'>;

/** Adds the origins to every request, so that its path can name one of them. */
export function withOrigins({ login, requests }: Requests, origins: readonly Origin[]): Requests {
  if (origins.length === 0) return { login, requests };
  return mapRequests({ login, requests }, (request) => ({ ...request, origins }));
}

/** Every request of a configuration, replaced by what `change` makes of it. */
export function mapRequests({ login, requests }: Requests, change: <T extends Configured>(request: T) => T): Requests {
  const step = <T extends { readonly request: Configured }>(one: T): T => ({ ...one, request: change(one.request) });
  const { before, steps, after } = login;
  return {
    login: {
      ...login,
      request: change(login.request),
      ...(before === undefined ? {} : { before: Array.isArray(before) ? before.map(step) : step(before) }),
      ...(steps === undefined ? {} : { steps: steps.map(step) }),
      ...(after === undefined ? {} : { after: step(after) }),
    },
    requests: {
      guarded: change(requests.guarded),
      ...Object.fromEntries(Object.entries(requests).map(([purpose, request]) => [purpose, change(request)])),
    },
  };
}

export function originFaults(shaped: Shaped): Fault[] {
  const { config, isRight } = shaped;
  if (!isRight('/origins')) return [];
  const { origins = [] } = config;
  const faults: Fault[] = [];
  const known = origins.map((text) => originIn(text));
  const own = isRight('/urls') ? (config.urls ?? []).map((text) => originIn(text)) : [];
  for (const [i, origin] of known.entries()) {
    const pointer = `/origins/${i}`;
    if (origin === null) faults.push({ pointer, message: 'is not a URL', hint: 'http://127.0.0.1:9000' });
    else if (known.indexOf(origin) !== i)
      faults.push({ pointer, message: 'is given twice', hint: 'list each origin once' });
    else if (own.includes(origin))
      faults.push({ pointer, message: 'is also in urls', hint: 'leave it out: paths go to the service' });
  }
  for (const [at, path, isOwn] of pathsOf(shaped)) {
    const origin = originIn(path);
    if (!/^https?:/i.test(path)) continue;
    if (isOwn)
      faults.push({ pointer: at, message: 'is at another origin', hint: 'give a path: the service itself answers it' });
    else if (origin === null || !known.includes(origin))
      faults.push({
        pointer: at,
        message: origin === null ? 'is not a URL' : `is at ${origin}, which is not in origins`,
        hint: `add it: "origins": ["${origin ?? 'http://127.0.0.1:9000'}"]`,
      });
  }
  return faults;
}

/** The path of each request whose shape is right, and whether only the service may answer it. */
function pathsOf({ config, isRight, isKnown }: Shaped): [pointer: string, path: string, isOwn: boolean][] {
  const steps = isRight('/login/before', '/login/steps', '/login/after')
    ? placedSteps(config.login).map(([at, { request }]) => [`${at}/request/path`, request.path, false] as const)
    : [];
  const login = isRight('/login/request') ? [['/login/request/path', config.login.request.path, false] as const] : [];
  const purposes = isKnown('/requests') ? (Object.keys(config.requests) as Purpose[]) : [];
  const others = purposes.flatMap((purpose) => {
    const at = `/requests/${purpose}`;
    const path = isRight(at) ? config.requests[purpose]?.path : undefined;
    return path === undefined ? [] : [[`${at}/path`, path, OF_SERVICE.includes(purpose)] as const];
  });
  return [...login, ...steps, ...others].map(([at, path, isOwn]) => [at, path, isOwn]);
}
