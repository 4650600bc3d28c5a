/** Headers of every request to a service, such as those that a proxy in front of it adds. Pure. */
import { mapRequests, type Requests } from './origins.ts';
import type { Request } from './request-schema.ts';
import type { ServiceConfig } from './schema.ts';

/** A request's own headers take precedence. */
export function withHeaders({ login, requests, headers }: ServiceConfig): Requests {
  if (headers === undefined) return { login, requests };
  const common = Object.entries(headers);
  const having = <T extends Request>(request: T): T => {
    const own = new Set(Object.keys(request.headers ?? {}).map((name) => name.toLowerCase()));
    const more = common.filter(([name]) => !own.has(name.toLowerCase()));
    return { ...request, headers: { ...Object.fromEntries(more), ...request.headers } };
  };
  return mapRequests({ login, requests }, having);
}
