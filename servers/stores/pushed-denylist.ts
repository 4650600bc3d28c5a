/**
 * A denylist that is pushed to the replicas, instead of being read at each request. Redis numbers and publishes every
 * entry; a replica keeps all of them in memory, beginning with a snapshot. A broken channel looks like one without
 * revocations. So a replica periodically reads the last number: once it has received everything up to it, its list is
 * proven as of the time of the read. Missed entries show as a gap, and cause a new snapshot. A list that has not been
 * proven for longer than the bound is not trusted.
 */
import { Cluster, type Redis } from 'ioredis';
import { orUnavailable, StartError, StoreUnavailable } from '../errors.ts';
import { type DeniableToken, DeniedTokens } from './denied-tokens.ts';
import { patiently, type RedisStore } from './redis.ts';
import { CLOCK_MARGIN_MS, NOW } from './redis-clock.ts';
import { Sequence } from './sequence.ts';

export interface PushedDenylist {
  /** Subscribes and takes the first snapshot. @throws StoreUnavailable, or StartError if the user may not subscribe */
  start(): Promise<void>;
  stop(): void;
  /** Whether this replica has received a denial of it. It costs no command. */
  isDenied(token: DeniableToken): boolean;
  /** Whether everything that was revoked longer ago than the bound is known. */
  isCurrent(): boolean;
  /** Asks Redis itself. @throws StoreUnavailable */
  isDeniedNow(token: DeniableToken): Promise<boolean>;
  /** @param endsAtMs when the token expires, in ms since the epoch. @throws StoreUnavailable */
  deny(jti: string, endsAtMs: number): Promise<void>;
  /** Denies the user's tokens issued up to now. @throws StoreUnavailable */
  denyAllOf(userId: string): Promise<void>;
  /** The number of entries in memory. */
  readonly size: number;
}

export interface PushedDenylistOptions {
  /** The lifetime of every token. */
  readonly lifetimeMs: number;
  /** The maximum age of a list. */
  readonly stalenessMs: number;
  /** Milliseconds since the epoch, by the clock that ends tokens. */
  readonly now: () => number;
}

/** The number of proofs within the bound, so that one slow reply does not end its use. */
const PROOFS_PER_BOUND = 4;

/**
 * Shared by the scripts. KEYS: denied ids by the expiry of their token, users by the date up to which their tokens
 * are denied, the last number. The number starts from the time, so that it keeps increasing after Redis has lost it.
 * By default, Lua writes integers of this size with an exponent.
 */
const PUBLISH = `${NOW}
local function publish(channel, entry)
  redis.call('SET', KEYS[3], string.format('%.0f', now * 1000), 'NX')
  local number = string.format('%.0f', redis.call('INCR', KEYS[3]))
  redis.call('PUBLISH', channel, number .. ' ' .. entry)
end
`;

/** ARGV: channel, id, expiry of the token, how long to keep it beyond. Expired ids are dropped here. */
const DENY = `${PUBLISH}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[4]))
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
publish(ARGV[1], 'id ' .. ARGV[3] .. ' ' .. ARGV[2])
`;

/** ARGV: channel, user, how long a date can deny a token. The date only increases. Returns it. */
const DENY_ALL = `${PUBLISH}
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - ARGV[3]))
redis.call('ZADD', KEYS[2], 'GT', string.format('%.0f', now), ARGV[2])
local date = redis.call('ZSCORE', KEYS[2], ARGV[2])
publish(ARGV[1], 'user ' .. date .. ' ' .. ARGV[2])
return date
`;

/** Atomic: a number from before the lists could cover an entry that they lack. */
const SNAPSHOT = `
return {
  redis.call('GET', KEYS[3]) or '0',
  redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'),
  redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'),
}
`;

/** ARGV: id, user, date of issue. Returns 1 if the token is denied. */
const IS_DENIED = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
local date = redis.call('ZSCORE', KEYS[2], ARGV[2])
return date and tonumber(ARGV[3]) <= tonumber(date) and 1 or 0
`;

const ENTRY = /^(\d+) (id|user) (\d+) (.+)$/s;

type Snapshot = readonly [number: string, ids: readonly string[], users: readonly string[]];

function* pairsOf(flat: readonly string[]): Generator<readonly [member: string, score: number]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i] ?? '', Number(flat[i + 1])];
}

export function pushedDenylist(redis: RedisStore, options: PushedDenylistOptions): PushedDenylist {
  const { client, prefix } = redis;
  const { lifetimeMs, stalenessMs, now } = options;
  // One hash tag, so that a script may touch all of them in a cluster.
  const keys = [`${prefix}{denied}:ids`, `${prefix}{denied}:users`, `${prefix}{denied}:number`];
  const [, , numberKey = ''] = keys;
  const channel = `${prefix}{denied}`;
  /** How long a date can deny a token, issued by a clock that may differ. */
  const datesLastMs = lifetimeMs + CLOCK_MARGIN_MS;
  const denied = new DeniedTokens();

  const sequence = new Sequence();
  let isResyncing = false;
  let timer: NodeJS.Timeout | undefined;
  // A subscribed connection can do nothing else. A cluster's client has a separate one for that.
  const listener: Redis | Cluster = client instanceof Cluster ? client : client.duplicate();

  const run = (script: string, ...args: (string | number)[]) =>
    orUnavailable(client.eval(script, keys.length, ...keys, ...args));

  function enter(kind: string, ms: number, name: string): void {
    if (kind === 'id') denied.denyToken(name, ms);
    else denied.denyUser(name, ms, ms + datesLastMs);
  }

  function hear(message: string): void {
    const [, number = '', kind = '', ms = '', name = ''] = ENTRY.exec(message) ?? [];
    if (name === '') return;
    enter(kind, Number(ms), name);
    if (sequence.hear(Number(number)) === 'gap') resync();
  }

  async function takeSnapshot(): Promise<void> {
    const askedAtMs = performance.now();
    const snapshot = patiently(() => client.eval(SNAPSHOT, keys.length, ...keys));
    const [number, ids, users] = (await orUnavailable(snapshot)) as Snapshot;
    // Entries are added to the existing ones: what Redis lost is still denied by this replica.
    for (const [jti, endsAtMs] of pairsOf(ids)) denied.denyToken(jti, endsAtMs);
    for (const [userId, untilMs] of pairsOf(users)) denied.denyUser(userId, untilMs, untilMs + datesLastMs);
    sequence.restart(Number(number), askedAtMs);
  }

  /** Takes a new snapshot, unless one is in progress. If it fails, the next proof requests another. */
  function resync(): void {
    if (isResyncing) return;
    isResyncing = true;
    takeSnapshot()
      .catch(() => {})
      .finally(() => {
        isResyncing = false;
      });
  }

  /** Requests the last number, which shows whether anything was missed. */
  async function askForProof(): Promise<void> {
    denied.sweep(now());
    const askedAtMs = performance.now();
    const knownBefore = sequence.known;
    const number = Number((await client.get(numberKey)) ?? 0);
    if (sequence.asked({ number, askedAtMs, knownBefore }) === 'gap') resync();
  }

  return {
    get size() {
      return denied.size;
    },

    async start() {
      listener.on('message', (from: string, message: string) => {
        if (from === channel) hear(message);
      });
      if (listener !== client) {
        listener.on('error', () => {}); // It reconnects by itself; what it missed meanwhile shows as a gap.
        await orUnavailable(listener.connect());
      }
      await patiently(() => listener.subscribe(channel)).catch((cause: unknown) => {
        if (!/NOPERM/.test(String(cause))) throw new StoreUnavailable(cause);
        throw new StartError(
          'REDIS_NOPERM',
          'Redis does not permit this user to subscribe: allow its channels (ACL: &*), or use another user in REDIS_URL.',
          { cause },
        );
      });
      // After the subscription, so that nothing falls between the two; and again after each reconnection.
      await takeSnapshot();
      if (listener !== client) listener.on('ready', () => void listener.subscribe(channel).then(resync, () => {}));
      timer = setInterval(() => void askForProof().catch(() => {}), stalenessMs / PROOFS_PER_BOUND);
    },

    stop() {
      clearInterval(timer);
      if (listener !== client) listener.disconnect();
    },

    isDenied: (token) => denied.has(token),
    isCurrent: () => performance.now() - sequence.provenAtMs <= stalenessMs,

    async isDeniedNow({ jti, userId, issuedMs }) {
      return (await run(IS_DENIED, jti, userId, issuedMs)) === 1;
    },

    async deny(jti, endsAtMs) {
      await run(DENY, channel, jti, endsAtMs, CLOCK_MARGIN_MS, redis.clock());
      denied.denyToken(jti, endsAtMs);
    },

    async denyAllOf(userId) {
      const untilMs = Number(await run(DENY_ALL, channel, userId, datesLastMs, redis.clock()));
      denied.denyUser(userId, untilMs, untilMs + datesLastMs);
    },
  };
}
