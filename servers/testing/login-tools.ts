/** Tools for broken logins. */
import type { RouteHandlerMethod } from 'fastify';
import { type LoginBody, ROUTES } from '../contract.ts';
import type { Scheme } from '../scheme.ts';
import { withScope } from './mutant.ts';

/** Wraps a scheme so that `look` runs before the real login handler. If it throws, that error becomes the answer. */
export function beforeLogin(real: Scheme, look: (body: LoginBody) => void): Scheme {
  return withScope(real, (scope) => {
    scope.addHook('onRoute', (route) => {
      if (route.url !== ROUTES.login.path) return;
      const handler: RouteHandlerMethod = route.handler;
      route.handler = function (request, reply) {
        look(request.body as LoginBody);
        return handler.call(this, request, reply);
      };
    });
  });
}
