import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holdsOnlyIf } from '../claim.ts';
import {
  bytesPerSession,
  NODE_BYTES,
  NODE_TEXT,
  REDIS_FILL,
  redisCpuPerRequest,
  redisRps,
  roundedCount,
  SECONDS_BETWEEN_REQUESTS,
} from '../size.ts';

/** Fewer than this many at once is not even a medium user base. */
const MEDIUM = 10_000;

export const sessionSize: Claim = {
  number: 18,
  id: 'session-size',
  statement: 'Sessions suit small and medium user bases.',
  experiments: ['toll', 'store'],
  charts: ['scale-wall', 'scale-redis', 'store-bytes'],
  judge(evidence) {
    const cpu = redisCpuPerRequest(evidence);
    if (cpu === null) return null;
    const bytes = bytesPerSession(evidence);
    const rps = redisRps(cpu.high);
    const active = rps * SECONDS_BETWEEN_REQUESTS;
    const fitting = bytes === null ? Number.POSITIVE_INFINITY : NODE_BYTES / bytes.high;
    const limit = Math.min(active, fitting);
    const memory =
      bytes === null
        ? ' What sessions take in memory was not measured in this run (experiment store).'
        : ` At ${formatEstimate(bytes)} each, ${NODE_TEXT} hold ${roundedCount(fitting)}.`;
    const grounds = {
      because: `A request takes ${formatEstimate(cpu)} of Redis’ one core, which at ${REDIS_FILL * 100} % carries ${roundedCount(rps)} requests a second: ${roundedCount(active)} users who send one every ${SECONDS_BETWEEN_REQUESTS} s.${memory}`,
      figures: [
        { label: `${cpu.arm}, Redis’ CPU per request`, figure: cpu },
        ...(bytes === null ? [] : [{ label: `${bytes.arm ?? 'a session'}, memory of one session`, figure: bytes }]),
      ],
    };
    if (limit < MEDIUM) return doesNotHold(grounds);
    return holdsOnlyIf(`no more than about ${roundedCount(limit)} are active at once per Redis`, {
      ...grounds,
      turns: `Turns at ${active <= fitting ? `${roundedCount(rps)} requests a second, where Redis’ core is full` : `${roundedCount(fitting)} live sessions, where its memory is`}; a cluster, or a cache in front of it, moves that further.`,
    });
  },
};
