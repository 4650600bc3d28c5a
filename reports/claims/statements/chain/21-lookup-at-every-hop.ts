import { isPlainSession, isPlainToken } from '../../../../core/results/arms.ts';
import { formatEstimate } from '../../../../core/text/format.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../../claim.ts';
import { above } from '../../evidence.ts';

const SLOPE = 'chain_toll_per_hop_us';

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
    const edge = evidence.one(arms.session, 'chain', SLOPE, { checks: 'edge' });
    const passed =
      edge === null
        ? ''
        : ` If only the edge looks up ${arms.session} and passes on a signed identity, a further hop costs ${formatEstimate(edge)}.`;
    const grounds = {
      because: `Checked at every hop, each further hop costs ${formatEstimate(session)} of CPU time with ${arms.session}, its store included, and ${formatEstimate(token)} with ${arms.token}.${passed}`,
      figures: [
        { label: `${arms.session} at every hop, CPU time per further hop`, figure: session },
        { label: `${arms.token} at every hop, CPU time per further hop`, figure: token },
        ...(edge === null ? [] : [{ label: `${arms.session} at the edge, CPU time per further hop`, figure: edge }]),
      ],
      turns:
        'This changes with the cost of verifying the token, as with RS256 or many roles, and with the distance of the store, which adds latency at every hop.',
    };
    if (above(token, session)) return doesNotHold(grounds);
    if (!above(session, token)) return inconclusive(grounds);
    // A session that is looked up once saves the later lookups too.
    if (edge !== null && !above(edge, token))
      return holdsOnlyIf('every service has to check the credential of the user itself', grounds);
    return holds(grounds);
  },
};
