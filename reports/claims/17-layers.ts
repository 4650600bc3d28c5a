import { formatEstimate, list } from '../format.ts';
import { overlaps } from '../rank.ts';
import { type Claim, holds, holdsOnlyIf, type Shown } from './claim.ts';

const SESSION = 'session-redis';
const TOKEN = 'jwt-hs256';

export const layersOnBoth: Claim = {
  number: 17,
  id: 'layers-on-both',
  statement: 'HTTPS and rate limiting go on top of both alike.',
  experiments: ['layers'],
  charts: ['layers'],
  judge(evidence) {
    const tolls = evidence.of(SESSION, 'layers', 'layer_toll_us').flatMap((session) => {
      const { layer } = session.factors;
      const token = layer === undefined ? null : evidence.one(TOKEN, 'layers', 'layer_toll_us', { layer });
      return token === null ? [] : [{ layer: String(layer), session, token }];
    });
    if (tolls.length === 0) return null;
    const ratios = evidence.of(SESSION, 'layers', 'scheme_ratio');
    const figures: Shown[] = [
      ...tolls.flatMap(({ layer, session, token }) => [
        { label: `${layer} on ${SESSION}`, figure: session },
        { label: `${layer} on ${TOKEN}`, figure: token },
      ]),
      ...ratios.map((figure) => ({
        label: `${SESSION} over ${figure.factors.than ?? TOKEN}, with ${figure.factors.layer ?? figure.factors.layers ?? 'these layers'}`,
        figure,
      })),
    ];
    const differing = tolls.filter(({ session, token }) => !overlaps(session, token));
    const grounds = {
      because: `What a layer adds to each request: ${tolls.map(({ layer, session, token }) => `${layer} ${formatEstimate(session)} with ${SESSION} and ${formatEstimate(token)} with ${TOKEN}`).join('; ')}.`,
      figures,
    };
    if (differing.length === 0)
      return holds({
        ...grounds,
        turns: 'Turns where a layer is told apart on the two: here the intervals overlap for each.',
      });
    const names = list(
      differing.map(
        ({ layer, session, token }) => `${layer} (dearer on ${session.value > token.value ? SESSION : TOKEN})`,
      ),
    );
    return holdsOnlyIf(`alike does not mean at the same cost: ${names}`, grounds);
  },
};
