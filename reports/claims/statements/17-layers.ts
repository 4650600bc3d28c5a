import { isPlainSession, isPlainToken } from '../../../core/results/arms.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holds, inconclusive } from '../claim.ts';
import type { Shown } from '../shown.ts';

/** The layers by their names in the experiment. */
const LAYERS = [
  { layers: 'tls', title: 'TLS' },
  { layers: 'rate-limit-local', title: 'a rate limit in the process' },
  { layers: 'rate-limit-redis', title: 'a rate limit in Redis' },
] as const;

export const layersOnBoth: Claim = {
  number: 17,
  id: 'layers-on-both',
  statement: 'HTTPS and rate limiting go on top of both.',
  experiments: ['layers'],
  charts: ['layers'],
  judge(evidence) {
    const schemes = { session: evidence.armWhere(isPlainSession), token: evidence.armWhere(isPlainToken) };
    const tolls = LAYERS.flatMap(({ layers, title }) => {
      const [session, token] = [schemes.session, schemes.token].map((arm) =>
        evidence.one(arm, 'layers', 'layer_toll_us', { layers }),
      );
      return session && token ? [{ layers, title, session, token }] : [];
    });
    if (tolls.length === 0) return null;
    const ratios = evidence
      .of(schemes.session, 'layers', 'scheme_ratio')
      .filter((ratio) => otherArmOf(ratio) === schemes.token);
    const figures: Shown[] = [
      ...tolls.flatMap(({ title, session, token }) => [
        { label: `${title} on ${schemes.session}`, figure: session },
        { label: `${title} on ${schemes.token}`, figure: token },
      ]),
      ...ratios.map((figure) => ({
        label: `${schemes.session} over ${schemes.token}, with ${figure.factors.layers}`,
        figure,
      })),
    ];
    const grounds = {
      because: `CPU time that each layer adds per request: ${tolls.map(({ title, session, token }) => `${title} ${formatEstimate(session)} with ${schemes.session} and ${formatEstimate(token)} with ${schemes.token}`).join('; ')}.`,
      figures,
      turns: beside(ratios, schemes),
    };
    const broken = tolls.flatMap(({ layers, session, token }) =>
      [session, token].filter(isBroken).map((toll) => ({ toll, layers })),
    );
    // The toll also has the flags of the bare server that it is compared with: its own wrong responses are no fault
    // of a layer.
    const underLayer = broken.filter(({ toll, layers }) => {
      const cost = evidence.one(toll.arm ?? '', 'layers', 'cpu_us_per_request', { layers });
      return cost === null || isBroken(cost);
    });
    if (underLayer.length > 0) return doesNotHold(grounds);
    return broken.length > 0 ? inconclusive(grounds) : holds(grounds);
  },
};

const isBroken = ({ flags }: Figure) => flags.includes('unexpected-responses');

interface Schemes {
  readonly session: string;
  readonly token: string;
}

/** Whether the choice of scheme still matters with every layer on. */
function beside(ratios: readonly Figure[], schemes: Schemes): string | null {
  const all = ratios.find(({ factors }) => factors.layers === 'all');
  if (all === undefined) return null;
  const shows = all.low > 1 || all.high < 1;
  return `With all layers on, ${schemes.session} takes ${formatEstimate(all)} the CPU time of ${schemes.token}: ${shows ? 'the choice of scheme still matters' : 'whether the choice of scheme still matters is inconclusive'}.`;
}
