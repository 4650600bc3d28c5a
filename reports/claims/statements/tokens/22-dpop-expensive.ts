import { isPlainToken } from '../../../../core/results/arms.ts';
import { formatEstimate } from '../../../../core/text/format.ts';
import { isBoundToken, isSessionInRedis } from '../../arms.ts';
import { type Claim, doesNotHold, holds, inconclusive } from '../../claim.ts';
import { differenceOf } from '../../difference.ts';
import { type Evidence, shownPair } from '../../evidence.ts';

/**
 * A request with a proof counts as too expensive at this multiple of one with a session in Redis, all processes
 * included.
 */
const TOO_EXPENSIVE = 2;
/** A cost below this share of a request is small compared with the work of the service. */
const SMALL_PART = 0.1;

/** The CPU time of a service's own work of which the difference is a tenth, and therefore small. */
function smallBeside(evidence: Evidence, bound: string, session: string): string {
  const [own, other] = [bound, session].map((arm) => evidence.toll(arm, 'total_cpu_us_per_request'));
  if (!own || !other) return '';
  const { value, low, high } = differenceOf(own, other);
  if (low <= 0) return '';
  const times = 1 / SMALL_PART;
  const work = formatEstimate({ value: times * value, low: times * low, high: times * high, unit: 'µs' });
  return ` In a service whose own work takes ${work} of CPU time or more per request, the difference from a session is less than a tenth.`;
}

/** Its cost on the wire, compared with the plain token. */
function bytesText(evidence: Evidence, bound: string, plain: string): string {
  const [own, other] = [bound, plain].map((arm) => evidence.toll(arm, 'request_bytes'));
  if (!own || !other) return '';
  const more = formatEstimate({ ...differenceOf(own, other), unit: 'B' });
  return ` A request is ${more} longer than with ${plain}.`;
}

export const dpopExpensive: Claim = {
  number: 22,
  id: 'dpop-expensive',
  statement: 'DPoP is too expensive.',
  experiments: ['toll'],
  charts: ['toll', 'toll-parts', 'wire'],
  judge(evidence) {
    const { costs } = evidence;
    // Redis remembers used proofs, so its CPU time must be included.
    if (costs === null || !costs.includesRedis) return null;
    const bound = evidence.armWhere(isBoundToken);
    const session = evidence.armWhere(isSessionInRedis);
    const plain = evidence.armWhere(isPlainToken);
    const beside = costs.between(bound, session);
    if (beside === null || beside.outcome === 'one sample') return null;
    const alone = costs.between(bound, plain);
    const ratioOf = ({ value, low, high }: { value: number; low: number; high: number }) =>
      formatEstimate({ value, low, high, unit: '×' });
    const withPlain = alone === null ? '' : `, and ${ratioOf(alone.ratio)} that of ${plain}`;
    const isRefused = evidence.passed(bound, /stolen token/) > 0;
    const bought = isRefused ? ' In return, a stolen token alone was refused, as the security checks showed.' : '';
    const bytes = bytesText(evidence, bound, plain);
    const grounds = {
      because: `With a proof for each request, ${bound} takes ${ratioOf(beside.ratio)} the CPU time of ${session}${withPlain}, Redis included.${bytes}${bought}`,
      figures: [shownPair(beside), ...(alone === null ? [] : [shownPair(alone)])],
      turns: `This changes if a verified proof costs less than ${TOO_EXPENSIVE} × a session, or more: each request imports a key and verifies an ES256 signature.${smallBeside(evidence, bound, session)}`,
    };
    if (beside.ratio.high < TOO_EXPENSIVE) return doesNotHold(grounds);
    return beside.ratio.low > TOO_EXPENSIVE ? holds(grounds) : inconclusive(grounds);
  },
};
