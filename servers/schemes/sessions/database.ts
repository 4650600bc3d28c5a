/**
 * The hand-tuned session in a SQL database instead of Redis: each request reads the session with one prepared
 * statement. Its use is recorded once per 30th of the idle timeout, or always with `noteEveryUse`. Each replica
 * counts failed logins by itself.
 */
import type { CompanionKind } from '../../contract.ts';
import { companionOf, type SchemeFactory, type SchemeSettings } from '../../scheme.ts';
import { deferredSessions, type OpenSessions } from '../../stores/sql/deferred.ts';
import { leanSessions } from '../session-lean.ts';

type Open = (url: string, settings: SchemeSettings, now: () => number) => Promise<OpenSessions>;

/** @param kind of the companion used as database */
export function databaseSessions(kind: CompanionKind, open: Open): SchemeFactory {
  return (context) => {
    const { settings, now } = context;
    const opened = deferredSessions(() => open(companionOf(context, kind).url, settings, now));
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
}
