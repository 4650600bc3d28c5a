/**
 * Public keys of an authorization server, by `kid` (RFC 7517), as jose selects them. The set is fetched for the first
 * token, when it is no longer fresh, and for a `kid` that it lacks; but never twice within the cooldown, however many
 * tokens name unknown keys and whatever the server replies. If a fetch fails, the old keys stay in use until they are
 * too old. Without any keys, the set is requested once a second.
 */
import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from 'jose';

export interface RemoteKeysOptions {
  /** The text of the set. Its promise settles within a deadline. */
  readonly fetch: () => Promise<string>;
  readonly now: () => number;
  /** After this long the set is fetched again. */
  readonly freshMs?: number;
  /** After this long without a successful fetch no key is used. */
  readonly staleMs?: number;
  /** The least time from one fetch to the next. */
  readonly cooldownMs?: number;
}

export interface RemoteKeys {
  /** The set to verify a token with, which names its key. @throws KeysUnavailable if there is no set that may be used */
  setFor(kid: string | undefined): Promise<LocalJWKSet>;
}

/** The keys could not be fetched, or not for too long. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** jose's own defaults for a remote set are the same: ten minutes and half a minute. */
const FRESH_MS = 600_000;
const COOLDOWN_MS = 30_000;
/** Without keys nothing can be verified, so they are requested more often. */
const RETRY_MS = 1_000;
/** An attacker with a withdrawn key can use it for this long, by also cutting the replicas off from the server. */
const STALE_MS = 3_600_000;
const MOST_KEYS = 100;

interface Loaded {
  readonly set: LocalJWKSet;
  readonly keyIds: ReadonlySet<string>;
  readonly askedAtMs: number;
}

/** @throws Error if it is not a key set in which every key has a different `kid` */
function read(text: string, askedAtMs: number): Loaded {
  const value = JSON.parse(text) as JSONWebKeySet;
  const set = createLocalJWKSet(value);
  const keyIds = value.keys.flatMap(({ kid }) => (typeof kid === 'string' && kid !== '' ? [kid] : []));
  const isSound = keyIds.length > 0 && keyIds.length <= MOST_KEYS && new Set(keyIds).size === value.keys.length;
  if (!isSound) throw new Error('The key set does not name each of its keys once.');
  return { set, keyIds: new Set(keyIds), askedAtMs };
}

export function remoteKeys(options: RemoteKeysOptions): RemoteKeys {
  const { now, freshMs = FRESH_MS, staleMs = STALE_MS, cooldownMs = COOLDOWN_MS } = options;
  let loaded: Loaded | null = null;
  let attemptedAtMs: number | null = null;
  let loading: Promise<void> | null = null;
  let failure: unknown = null;

  async function load(): Promise<void> {
    const askedAtMs = now();
    attemptedAtMs = askedAtMs;
    try {
      loaded = read(await options.fetch(), askedAtMs);
      failure = null;
    } catch (cause) {
      // The keys from before stay in use.
      failure = cause;
    }
  }

  /** Fetches unless that was done recently; concurrent requests wait for the same fetch. */
  function reload(): Promise<void> {
    if (loading !== null) return loading;
    const sinceMs = attemptedAtMs === null ? Number.POSITIVE_INFINITY : now() - attemptedAtMs;
    // The time is negative if the clock was set back.
    if (sinceMs >= 0 && sinceMs < (loaded === null ? RETRY_MS : cooldownMs)) return Promise.resolve();
    loading = load().finally(() => {
      loading = null;
    });
    return loading;
  }

  const ageMs = ({ askedAtMs }: Loaded) => Math.abs(now() - askedAtMs);

  return {
    async setFor(kid) {
      if (loaded === null || ageMs(loaded) >= staleMs) await reload();
      // Tokens of known keys need not wait for it.
      else if (ageMs(loaded) >= freshMs) void reload();
      if (loaded !== null && kid !== undefined && !loaded.keyIds.has(kid)) await reload();
      if (loaded === null || ageMs(loaded) >= staleMs) {
        throw new KeysUnavailable('The keys of the authorization server are not known.', { cause: failure });
      }
      return loaded.set;
    },
  };
}
