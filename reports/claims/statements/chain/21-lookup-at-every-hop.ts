import { isPlainSession, isPlainToken } from '../../../../core/results/arms.ts';
import type { Bounds } from '../../../../core/stats/interval.ts';
import { formatEstimate } from '../../../../core/text/format.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../../claim.ts';
import type { Evidence } from '../../evidence.ts';

const SLOPE = 'chain_toll_per_hop_us';
const DIFFERENCE = 'chain_difference_per_hop_us';

/** A difference of two arms with checks at every hop is recorded once, from either of them. */
function betweenEveryHop(evidence: Evidence, arm: string, against: string) {
  const own = evidence.one(arm, 'chain', DIFFERENCE, { checks: 'every-hop', against });
  if (own !== null) return { figure: own, low: own.low, high: own.high };
  const other = evidence.one(against, 'chain', DIFFERENCE, { checks: 'every-hop', against: arm });
  return other === null ? null : { figure: other, low: -other.high, high: -other.low };
}

const isLess = ({ high }: Bounds) => high < 0;
const isMore = ({ low }: Bounds) => low > 0;

export const lookupAtEveryHop: Claim = {
  number: 21,
  id: 'lookup-at-every-hop',
  statement: 'In a chain of services, a token saves a lookup at every hop.',
  experiments: ['chain'],
  charts: ['chain'],
  judge(evidence) {
    const arms = { session: evidence.armWhere(isPlainSession), token: evidence.armWhere(isPlainToken) };
    const session = evidence.one(arms.session, 'chain', SLOPE, { checks: 'every-hop' });
    const token = evidence.one(arms.token, 'chain', SLOPE, { checks: 'every-hop' });
    if (session === null || token === null) return null;
    const difference = betweenEveryHop(evidence, arms.session, arms.token);
    if (difference === null) return null;
    const edge = evidence.one(arms.session, 'chain', SLOPE, { checks: 'edge' });
    const passedOn = evidence.one(arms.session, 'chain', DIFFERENCE, { checks: 'edge', against: arms.token });
    const passed =
      edge === null
        ? ''
        : ` If only the edge looks up ${arms.session} and passes on a signed identity, a further hop costs ${formatEstimate(edge)}.`;
    const grounds = {
      because: `Checked at every hop, each further hop costs ${formatEstimate(session)} of CPU time with ${arms.session}, its store included, and ${formatEstimate(token)} with ${arms.token}.${passed}`,
      figures: [
        { label: `${arms.session} at every hop, CPU time per further hop`, figure: session },
        { label: `${arms.token} at every hop, CPU time per further hop`, figure: token },
        {
          label: `${difference.figure.arm} minus ${difference.figure.factors.against}, CPU time per further hop`,
          figure: difference.figure,
        },
        ...(edge === null ? [] : [{ label: `${arms.session} at the edge, CPU time per further hop`, figure: edge }]),
      ],
      turns:
        'This changes with the cost of verifying the token, as with RS256 or many roles, and with the distance of the store, which adds latency at every hop.',
    };
    if (isLess(difference)) return doesNotHold(grounds);
    if (!isMore(difference)) return inconclusive(grounds);
    // A session that is looked up once saves the later lookups too.
    if (passedOn !== null && isLess(passedOn))
      return holdsOnlyIf('every service has to check the credential of the user itself', grounds);
    return holds(grounds);
  },
};
