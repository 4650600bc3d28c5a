/**
 * The tokens issued by the authorization server, in memory: a restart ends them all. A token is stored by its hash,
 * so that reading the memory, or a dump of it, does not reveal it.
 */
import { hash } from 'node:crypto';
import type { Identity } from '../contract.ts';
import { newSessionId } from '../ids.ts';

/** The data of a token; never the token itself. */
export interface StoredToken {
  /** The hash of the token in base64url, which identifies it. */
  readonly id: string;
  readonly user: Identity;
  readonly issuedAtMs: number;
  readonly endsAtMs: number;
}

export interface TokenStore {
  /** @returns the token, or null if the user is disabled */
  issue(user: Identity, lifetimeMs: number): { readonly token: string; readonly stored: StoredToken } | null;
  /** Returns the data of a valid token; null for any other text. */
  find(token: string): StoredToken | null;
  /** Finds a token by its name. */
  findById(id: string): StoredToken | null;
  end(id: string): void;
  endAllOf(userId: string): void;
  /** Ends the user's tokens too. */
  disable(userId: string): void;
  isDisabled(userId: string): boolean;
  /** Removes expired tokens. */
  sweep(): void;
  readonly size: number;
}

/** The name of a token. */
export const idOf = (token: string): string => hash('sha256', token, 'base64url');

/** @param now in ms since the epoch */
export function createTokenStore(now: () => number): TokenStore {
  const tokens = new Map<string, StoredToken>();
  const byUser = new Map<string, Set<string>>();
  const disabled = new Set<string>();

  function end(id: string): void {
    const stored = tokens.get(id);
    if (stored === undefined) return;
    tokens.delete(id);
    const own = byUser.get(stored.user.id);
    own?.delete(id);
    if (own?.size === 0) byUser.delete(stored.user.id);
  }

  function endAllOf(userId: string): void {
    for (const id of byUser.get(userId) ?? []) end(id);
  }

  function findById(id: string): StoredToken | null {
    const stored = tokens.get(id);
    return stored !== undefined && now() < stored.endsAtMs ? stored : null;
  }

  return {
    issue(user, lifetimeMs) {
      if (disabled.has(user.id)) return null;
      const token = newSessionId();
      const stored = { id: idOf(token), user, issuedAtMs: now(), endsAtMs: now() + lifetimeMs };
      tokens.set(stored.id, stored);
      const own = byUser.get(user.id) ?? new Set();
      byUser.set(user.id, own.add(stored.id));
      return { token, stored };
    },
    find: (token) => findById(idOf(token)),
    findById,
    end,
    endAllOf,
    disable(userId) {
      disabled.add(userId);
      endAllOf(userId);
    },
    isDisabled: (userId) => disabled.has(userId),
    sweep() {
      for (const { id, endsAtMs } of tokens.values()) if (endsAtMs <= now()) end(id);
    },
    get size() {
      return tokens.size;
    },
  };
}
