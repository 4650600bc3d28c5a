/**
 * The hand-tuned session in PostgreSQL instead of Redis: each request reads the session with one prepared statement. Its use
 * is noted once per 30th of the idle timeout, or always where `noteEveryUse` asks for it. Failed logins are counted by each
 * replica for itself.
 */
import { companionOf, type SchemeFactory } from '../../scheme.ts';
import { deferredSessions } from '../../stores/sql/deferred.ts';
import { openPostgresSessions } from '../../stores/sql/postgres.ts';
import { leanSessions } from '../session-lean.ts';

export const postgresSessions: SchemeFactory = (context) => {
  const { settings, now } = context;
  const opened = deferredSessions(() => openPostgresSessions(companionOf(context, 'postgres').url, settings, now));
  const sessions = leanSessions({ ...context, accounts: opened.accounts }, opened.store);
  return {
    ...sessions,
    accounts: opened.accounts,
    async install(scope) {
      await sessions.install(scope);
      await opened.open();
      scope.addHook('onClose', () => opened.close());
    },
  };
};
