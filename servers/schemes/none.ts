/** The baseline: the same endpoints, unguarded. Every request acts as the directory's first administrator. */
import type { SchemeFactory } from '../scheme.ts';

export const none: SchemeFactory = ({ directory }) => {
  const everyone = directory.firstAdmin ?? { id: '0', username: 'nobody', roles: [] };
  return {
    challenge: null,
    coversPublicRoutes: false,
    install: async () => {},
    issue: async () => ({}),
    authenticate(request, _reply, done) {
      request.identity = everyone;
      done();
    },
    verifyCsrf: null,
    recheck: null,
    refresh: null,
    end: async () => {},
    endAll: async () => {},
    terminate: async () => {},
  };
};
