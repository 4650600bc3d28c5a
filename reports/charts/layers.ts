import { otherArmOf } from '../../core/results/other-arm.ts';
import type { Figure } from '../../core/results/schema.ts';
import { plainMark } from '../../core/text/flags.ts';
import { formatEstimate, formatValue } from '../../core/text/format.ts';
import { type ArmFigure, figuresOf, hasArm } from '../view/figures.ts';
import { PART_COLOURS } from '../view/palette.ts';
import type { ReportView } from '../view/view.ts';
import type { Chart } from './shapes/chart.ts';
import { drawStacked } from './shapes/stacked.ts';
import { NEUTRAL } from './shapes/theme.ts';
import { tipOf } from './shapes/tip.ts';

/** The layers drawn, which together make up `all`. */
const DRAWN = [
  { name: 'tls', title: 'TLS', colour: PART_COLOURS[0] },
  { name: 'rate-limit-redis', title: 'rate limit in Redis', colour: PART_COLOURS[1] },
  { name: 'headers', title: 'security headers', colour: PART_COLOURS[2] },
] as const;

interface Row {
  readonly arm: string;
  readonly bare: Figure;
  readonly tolls: readonly (Figure | null)[];
  readonly all: Figure | null;
}

const ofLayer = (figures: readonly ArmFigure[], arm: string, layers: string) =>
  figures.find((figure) => figure.arm === arm && figure.factors.layers === layers) ?? null;

function rowsOf(view: ReportView): Row[] {
  const cpu = figuresOf(view.run, 'layers', 'cpu_us_per_request').filter(hasArm);
  const tolls = figuresOf(view.run, 'layers', 'layer_toll_us').filter(hasArm);
  return view.arms.flatMap(({ name: arm }) => {
    const bare = ofLayer(cpu, arm, 'bare');
    if (bare === null) return [];
    const own = DRAWN.map(({ name }) => ofLayer(tolls, arm, name));
    return [{ arm, bare, tolls: own, all: ofLayer(cpu, arm, 'all') }];
  });
}

/** The ratios of one arm to another with these layers. */
function schemeRatios(view: ReportView, layers: string): ArmFigure[] {
  return figuresOf(view.run, 'layers', 'scheme_ratio')
    .filter(hasArm)
    .filter(({ factors }) => factors.layers === layers);
}

/** What each layer adds to each arm. */
export const layersChart: Chart = {
  id: 'layers',
  title: 'Cost of TLS, rate limiting and security headers',
  experiment: 'layers',
  note: 'CPU time of the replica; each layer was measured separately. The figure at the end of a row is all three together, as measured.',
  figures: (view) =>
    rowsOf(view).flatMap(({ bare, tolls, all }) => [bare, ...tolls, all].filter((figure) => figure !== null)),
  sentence(view) {
    const [bare] = schemeRatios(view, 'bare');
    if (bare === undefined) return 'No schemes were compared.';
    const all = schemeRatios(view, 'all').find(
      (ratio) => ratio.arm === bare.arm && otherArmOf(ratio) === otherArmOf(bare),
    );
    const apart = `Without layers, ${bare.arm} takes ${formatEstimate(bare)} the CPU time of ${otherArmOf(bare)}`;
    if (all === undefined) return `${apart}.`;
    const shows = all.low > 1 || all.high < 1;
    const left = shows
      ? `it takes ${formatEstimate(all)}`
      : `their difference is inconclusive (${formatEstimate(all)})`;
    return `${apart}; with TLS, a shared rate limit and security headers ${left}.`;
  },
  draw(view, canvas) {
    const rows = rowsOf(view);
    if (rows.length === 0) return null;
    return drawStacked(
      rows.map(({ arm, bare, tolls, all }) => {
        const figures = [bare, ...tolls, all].filter((figure) => figure !== null);
        return {
          label: arm,
          text: all === null ? '' : `${formatValue(all)}${plainMark(...figures)}`,
          amounts: [bare.value, ...tolls.map((toll) => toll?.value ?? 0)],
          tips: [
            tipOf(`${arm}, by itself`, bare),
            ...tolls.map((toll, i) => (toll === null ? '' : tipOf(`${arm}, ${DRAWN[i]?.title}`, toll))),
          ],
        };
      }),
      [
        { name: 'the arm without layers', colour: NEUTRAL },
        ...DRAWN.map(({ title, colour }) => ({ name: title, colour })),
      ],
      canvas,
      'CPU, µs per request',
    );
  },
};
