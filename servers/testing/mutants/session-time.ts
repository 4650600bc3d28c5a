/** Mutants of timeouts: schemes whose sessions end too late, or too early. */
import { redisOf, type SchemeContext } from '../../scheme.ts';
import type { Mutant } from '../mutant.ts';

/** Returns the context with reads that do not extend the time to live. */
function withoutExtension(context: SchemeContext): SchemeContext {
  const redis = redisOf(context);
  // In the same batches: a separate read would time out sooner on a busy machine, which is another vulnerability.
  const getex = async (key: string) => (await redis.reads.mget([key]))[0] ?? null;
  return { ...context, redis: { ...redis, reads: { ...redis.reads, getex } } };
}

export const SESSION_TIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'idle-session-lives-on',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'An unused session lives until its absolute timeout.',
    settings: { idleTimeoutMs: 3_600_000 },
  },
  {
    name: 'use-does-not-extend',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'The idle timeout counts from login, however much the session is used.',
    context: withoutExtension,
    alsoFails: { 28: 'a session in use ends before its absolute timeout' },
  },
  {
    name: 'no-absolute-end',
    arm: 'session-redis-lean',
    check: 28,
    hole: 'A session in use never ends.',
    settings: { absoluteTimeoutMs: 3_600_000 },
  },
];
