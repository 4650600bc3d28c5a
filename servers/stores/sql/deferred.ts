/**
 * A store that is passed to a scheme before it is open: a scheme is created synchronously, and installed
 * asynchronously.
 */
import type { Accounts } from '../accounts.ts';
import type { LeanStore } from '../lean-store.ts';

export interface OpenSessions {
  readonly store: LeanStore;
  readonly accounts: Accounts;
  close(): void | Promise<void>;
}

export interface DeferredSessions extends OpenSessions {
  /** Call this once, before the first request. */
  open(): Promise<void>;
}

export function deferredSessions(connect: () => Promise<OpenSessions>): DeferredSessions {
  let opened: OpenSessions | null = null;
  function open(): OpenSessions {
    if (opened === null) throw new TypeError('The sessions are used before they are open.');
    return opened;
  }
  return {
    async open() {
      opened = await connect();
    },
    async close() {
      await opened?.close();
    },
    store: {
      read: (sessionId, found, failed) => open().store.read(sessionId, found, failed),
      begin: (sessionId, record) => open().store.begin(sessionId, record),
      endPrevious: (sessionId) => open().store.endPrevious(sessionId),
      end: (userId, sessionId) => open().store.end(userId, sessionId),
      endAllOf: (userId) => open().store.endAllOf(userId),
    },
    accounts: {
      isDisabled: (userId) => open().accounts.isDisabled(userId),
      disable: (userId) => open().accounts.disable(userId),
    },
  };
}
