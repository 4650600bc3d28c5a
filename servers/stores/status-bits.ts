/**
 * One bit for each token in Redis, which is set when the token is revoked. Indices are allocated in turn, and reused
 * once every token that had them has expired.
 */
import { orUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';
import { CLOCK_MARGIN_MS, NOW } from './redis-clock.ts';
import { enterSession, indexKey } from './session-index.ts';

export interface StatusBits {
  /** An index for a token; null if the user is disabled. @throws StoreUnavailable, also if every index is in use */
  allocate(userId: string, endsAtMs: number): Promise<number | null>;
  /** @throws StoreUnavailable */
  revoke(userId: string, index: number): Promise<void>;
  /** Revokes every token of the user that may still be alive. @throws StoreUnavailable */
  revokeAllOf(userId: string): Promise<void>;
  /** @throws StoreUnavailable */
  isRevoked(index: number): Promise<boolean>;
  /** All bits in the layout of a status list: the first index is the least significant bit of the first byte. */
  read(): Promise<Buffer>;
}

/** Places of a list: 1,165 logins a second for a quarter of an hour. */
const PLACES = 2 ** 20;
/** Indices are freed in segments of this size. */
const SEGMENT = 4_096;
const SEGMENTS = PLACES / SEGMENT;
const PLACES_PER_SCRIPT = 500;

/**
 * KEYS: the number of allocated indices, when each segment was begun, the bits. ARGV: how long a token may live after
 * its allocation, by any clock. A segment is cleared one before it is begun, so that replicas have a list without its
 * old bits by then; its last token came before the one after it was begun. Returns the index, or -1 if none is free.
 */
const ALLOCATE = `${NOW}
local place = (tonumber(redis.call('GET', KEYS[1])) or 0) % ${PLACES}
if place % ${SEGMENT} == 0 then
  local segment = place / ${SEGMENT}
  local after = redis.call('HGET', KEYS[2], (segment + 2) % ${SEGMENTS})
  if after and after + ARGV[1] > now then return -1 end
  redis.call('HSET', KEYS[2], segment, string.format('%.0f', now))
  redis.call('SETRANGE', KEYS[3], (segment + 1) % ${SEGMENTS} * ${SEGMENT / 8}, string.rep('\\0', ${SEGMENT / 8}))
end
redis.call('INCR', KEYS[1])
return place
`;

const REVOKE = `
for _, place in ipairs(ARGV) do redis.call('SETBIT', KEYS[1], place, 1) end
`;

/** Redis counts bits from the most significant one of a byte; a status list from the least. */
const bitOf = (index: number): number => (index & ~7) | (7 - (index & 7));

export function statusBits(redis: RedisStore, lifetimeMs: number): StatusBits {
  const { client, prefix } = redis;
  const [given, segments, bits] = ['given', 'segments', 'bits'].map((name) => `${prefix}{status}:${name}`) as [
    string,
    string,
    string,
  ];

  async function revokePlaces(userId: string, places: readonly string[]): Promise<void> {
    for (let first = 0; first < places.length; first += PLACES_PER_SCRIPT) {
      const batch = places.slice(first, first + PLACES_PER_SCRIPT);
      await orUnavailable(client.eval(REVOKE, 1, bits, ...batch.map((place) => bitOf(Number(place)))));
      // An entry leaves the index after its bit is set, so that a retry finds the rest.
      await orUnavailable(client.zrem(indexKey(redis, userId), ...batch));
    }
  }

  return {
    async allocate(userId, endsAtMs) {
      const keys = [given, segments, bits] as const;
      // Twice the margin: revoking all tokens considers indices for one margin longer than their tokens live.
      const args = [lifetimeMs + 2 * CLOCK_MARGIN_MS, redis.clock()] as const;
      const place = Number(await orUnavailable(client.eval(ALLOCATE, keys.length, ...keys, ...args)));
      if (place < 0) await orUnavailable(Promise.reject(new Error('Every place of the status list is taken.')));
      return (await enterSession(redis, userId, String(place), endsAtMs)) ? place : null;
    },
    revoke: (userId, index) => revokePlaces(userId, [String(index)]),
    async revokeAllOf(userId) {
      // An older index may belong to somebody else's token.
      const since = Date.now() - CLOCK_MARGIN_MS;
      await revokePlaces(userId, await orUnavailable(client.zrangebyscore(indexKey(redis, userId), since, '+inf')));
    },
    isRevoked: async (index) => (await orUnavailable(client.getbit(bits, bitOf(index)))) === 1,
    async read() {
      const found = (await orUnavailable(client.getBuffer(bits))) ?? Buffer.alloc(0);
      const all = Buffer.alloc(PLACES / 8);
      found.copy(all);
      return all;
    },
  };
}
