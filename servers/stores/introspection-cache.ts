/**
 * Replies of the authorization server, up to a maximum age. Only valid tokens are cached: unknown ones must not evict
 * them, and may become valid at any time. Concurrent requests with one token share one lookup.
 */
import { LRUCache } from 'lru-cache';
import type { Identity } from '../contract.ts';

interface Answer {
  readonly user: Pick<Identity, 'id'>;
  /** In ms since the epoch. */
  readonly endsAtMs: number;
}

export interface IntrospectionCache<A extends Answer> {
  /** Asks only if there is no answer within the bound. */
  find(token: string): Promise<A | null>;
  /** Always asks, and caches the reply. */
  ask(token: string): Promise<A | null>;
  delete(token: string): void;
  deleteAllOf(userId: string): void;
}

export interface IntrospectionCacheOptions<A extends Answer> {
  readonly ask: (token: string) => Promise<A | null>;
  readonly stalenessMs: number;
  readonly now: () => number;
}

/** Entries take about 500 B, so this is a few MB. */
const MOST_ENTRIES = 10_000;

interface Kept<A> {
  readonly answer: A;
  /** When the request was sent, not answered: the token may have ended in between. */
  readonly askedAtMs: number;
}

export function introspectionCache<A extends Answer>(options: IntrospectionCacheOptions<A>): IntrospectionCache<A> {
  const { stalenessMs, now } = options;
  const entries = new LRUCache<string, Kept<A>>({ max: MOST_ENTRIES });
  /** Lookups in progress that later requests may share. */
  const asked = new Map<string, Promise<A | null>>();
  /** Incremented whenever tokens end here: a reply to an earlier lookup is not cached. */
  let endings = 0;

  async function ask(token: string): Promise<A | null> {
    const [askedAtMs, endingsBefore] = [now(), endings];
    const answer = await options.ask(token);
    if (answer === null) entries.delete(token);
    else if (endings === endingsBefore) entries.set(token, { answer, askedAtMs });
    return answer;
  }

  function kept(token: string): A | null {
    const entry = entries.get(token);
    if (entry === undefined) return null;
    const nowMs = now();
    const ageMs = nowMs - entry.askedAtMs;
    // The age is negative if the clock was set back; it is then unknown.
    return ageMs >= 0 && ageMs < stalenessMs && nowMs < entry.answer.endsAtMs ? entry.answer : null;
  }

  return {
    ask,
    find(token) {
      const answer = kept(token);
      if (answer !== null) return Promise.resolve(answer);
      const shared = asked.get(token);
      if (shared !== undefined) return shared;
      const question = ask(token).finally(() => {
        if (asked.get(token) === question) asked.delete(token);
      });
      asked.set(token, question);
      return question;
    },
    delete(token) {
      endings++;
      entries.delete(token);
      asked.delete(token);
    },
    deleteAllOf(userId) {
      endings++;
      asked.clear();
      for (const [token, { answer }] of entries.entries()) if (answer.user.id === userId) entries.delete(token);
    },
  };
}
