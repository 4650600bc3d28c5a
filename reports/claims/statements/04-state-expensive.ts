import { formatBytes, formatCount, formatEstimate } from '../../../core/text/format.ts';
import { type Claim, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { above, mostOf } from '../evidence.ts';
import type { Shown } from '../shown.ts';
import { bytesPerSession, NODE_BYTES, NODE_TEXT, roundedCount } from '../size.ts';

/** The number of users that counts as many here. */
const MANY = 1_000_000;
/** Lookups count as growing if their cost rises by more than this factor from the fewest sessions to the most. */
const GROWN = 1.5;

export const stateExpensive: Claim = {
  number: 4,
  id: 'state-expensive',
  statement: 'Session state is expensive with many users.',
  experiments: ['store'],
  charts: ['store-bytes', 'store-lookup'],
  judge(evidence) {
    const bytes = bytesPerSession(evidence);
    if (bytes === null) return null;
    const figures: Shown[] = [{ label: `${bytes.arm ?? 'a session'}, memory of one session`, figure: bytes }];
    // Costs of the same arm, and not while many entries expire at once.
    const costs = evidence
      .all('store', 'redis_cpu_us_per_command', { kind: 'session' })
      .filter(({ arm, factors }) => arm === bytes.arm && factors.phase === undefined);
    const bySize = costs.toSorted((a, b) => Number(a.factors.sessions) - Number(b.factors.sessions));
    const [fewest, most] = [bySize[0], bySize.at(-1)];
    let lookup = '';
    let grows = false;
    if (fewest !== undefined && most !== undefined && fewest !== most) {
      const [few, many] = [mostOf([fewest], 'sessions') ?? 0, mostOf([most], 'sessions') ?? 0];
      figures.push(
        { label: `one lookup among ${formatCount(few)}`, figure: fewest },
        { label: `one lookup among ${formatCount(many)}`, figure: most },
      );
      grows = above(most, { value: fewest.value, low: fewest.low * GROWN, high: fewest.high * GROWN });
      lookup = ` A lookup takes ${formatEstimate(fewest)} of Redis CPU time among ${formatCount(few)} sessions and ${formatEstimate(most)} among ${formatCount(many)}.`;
    }
    const fit = roundedCount(NODE_BYTES / bytes.high);
    const grounds = {
      because: `A session takes ${formatEstimate(bytes)} of memory in Redis, so a million take ${formatBytes(MANY * bytes.value)}.${lookup}`,
      figures,
    };
    if (bytes.low * MANY > NODE_BYTES || grows)
      return holds({ ...grounds, turns: 'This would change with smaller sessions.' });
    if (bytes.high * MANY > NODE_BYTES) return inconclusive(grounds);
    return holdsOnlyIf(`more than ${fit} users are logged in at once, the number that fills a node of ${NODE_TEXT}`, {
      ...grounds,
      turns: `This changes at about ${fit} live sessions per node; a cluster adds nodes.`,
    });
  },
};
