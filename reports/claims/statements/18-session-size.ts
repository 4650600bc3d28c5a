import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holdsOnlyIf } from '../claim.ts';
import {
  bytesPerSession,
  limitText,
  MEDIUM_USERS,
  NODE_BYTES,
  NODE_TEXT,
  redisLimit,
  roundedCount,
  SECONDS_BETWEEN_REQUESTS,
} from '../size.ts';

export const sessionSize: Claim = {
  number: 18,
  id: 'session-size',
  statement: 'Sessions suit small and medium user bases.',
  experiments: ['toll', 'store'],
  charts: ['scale-wall', 'scale-redis', 'store-bytes'],
  judge(evidence) {
    const load = redisLimit(evidence);
    if (load === null) return null;
    const { cpu } = load;
    const bytes = bytesPerSession(evidence);
    const rps = load.rps.value;
    const active = rps * SECONDS_BETWEEN_REQUESTS;
    const fitting = bytes === null ? Number.POSITIVE_INFINITY : NODE_BYTES / bytes.value;
    const limit = Math.min(active, fitting);
    const memory =
      bytes === null
        ? ' Memory per session was not measured in this run (experiment store).'
        : ` At ${formatEstimate(bytes)} per session, ${NODE_TEXT} hold ${roundedCount(fitting)} sessions.`;
    const grounds = {
      because: `A request takes ${formatEstimate(cpu)} of Redis CPU time. One Redis thus serves ${limitText(load)}: ${roundedCount(active)} users who send one every ${SECONDS_BETWEEN_REQUESTS} s.${memory}`,
      figures: [
        { label: `${cpu.arm}, Redis CPU time per request`, figure: cpu },
        ...(bytes === null ? [] : [{ label: `${bytes.arm ?? 'a session'}, memory of one session`, figure: bytes }]),
      ],
    };
    if (limit < MEDIUM_USERS) return doesNotHold(grounds);
    return holdsOnlyIf(`at most about ${roundedCount(limit)} users per Redis are active at once`, {
      ...grounds,
      turns: `This changes at ${active <= fitting ? `${roundedCount(rps)} requests per second, where the core of Redis is fully used` : `${roundedCount(fitting)} live sessions, where the memory of Redis is full`}; a cluster, or a cache in front of Redis, raises that limit.`,
    });
  },
};
