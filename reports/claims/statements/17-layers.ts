import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate, list } from '../../../core/text/format.ts';
import { overlaps } from '../../../core/text/rank.ts';
import { type Claim, doesNotHold, holds, type Shown } from '../claim.ts';

/** As the experiment names them. */
const LAYERS = [
  { layers: 'tls', title: 'TLS' },
  { layers: 'rate-limit-local', title: 'a rate limit in the process' },
  { layers: 'rate-limit-redis', title: 'a rate limit in Redis' },
] as const;

const SESSION = 'session-redis';
const TOKEN = 'jwt-hs256';

export const layersOnBoth: Claim = {
  number: 17,
  id: 'layers-on-both',
  statement: 'HTTPS and rate limiting go on top of both.',
  experiments: ['layers'],
  charts: ['layers'],
  judge(evidence) {
    const tolls = LAYERS.flatMap(({ layers, title }) => {
      const [session, token] = [SESSION, TOKEN].map((arm) => evidence.one(arm, 'layers', 'layer_toll_us', { layers }));
      return session && token ? [{ title, session, token }] : [];
    });
    if (tolls.length === 0) return null;
    const ratios = evidence.of(SESSION, 'layers', 'scheme_ratio', { than: TOKEN });
    const figures: Shown[] = [
      ...tolls.flatMap(({ title, session, token }) => [
        { label: `${title} on ${SESSION}`, figure: session },
        { label: `${title} on ${TOKEN}`, figure: token },
      ]),
      ...ratios.map((figure) => ({ label: `${SESSION} over ${TOKEN}, with ${figure.factors.layers}`, figure })),
    ];
    const grounds = {
      because: `What a layer adds to each request: ${tolls.map(({ title, session, token }) => `${title} ${formatEstimate(session)} with ${SESSION} and ${formatEstimate(token)} with ${TOKEN}`).join('; ')}. ${differences(tolls)}`,
      figures,
      turns: beside(ratios),
    };
    const broken = tolls.flatMap(({ session, token }) => [session, token]).filter(isBroken);
    return broken.length > 0 ? doesNotHold(grounds) : holds(grounds);
  },
};

const isBroken = ({ flags }: Figure) => flags.includes('unexpected-responses');

interface Toll {
  readonly title: string;
  readonly session: Figure;
  readonly token: Figure;
}

function differences(tolls: readonly Toll[]): string {
  const differing = tolls.filter(({ session, token }) => !overlaps(session, token));
  if (differing.length === 0) return 'For no layer can the two be told apart.';
  const names = differing.map(
    ({ title, session, token }) => `${title} on ${session.value > token.value ? SESSION : TOKEN}`,
  );
  return `Dearer beyond doubt: ${list(names)}.`;
}

/** Whether the choice of scheme still shows with every layer on. */
function beside(ratios: readonly Figure[]): string | null {
  const all = ratios.find(({ factors }) => factors.layers === 'all');
  if (all === undefined) return null;
  const shows = all.low > 1 || all.high < 1;
  return `With all layers on, ${SESSION} takes ${formatEstimate(all)} the CPU of ${TOKEN}: ${shows ? 'the choice of scheme still shows' : 'whether the choice of scheme still shows cannot be told'}.`;
}
