import { formatCount } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawPanels } from '../shapes/panels.ts';
import { atMostRoles, roleFigures } from './series.ts';

const words = {
  least: 'sends the fewest bytes',
  leastPlural: 'send the fewest bytes',
  most: 'sends the most',
  mostPlural: 'send the most',
};

/** Name and value of one cookie together: the limit of browsers (RFC 6265bis). */
const COOKIE_LIMIT_BYTES = 4096;

/** The first cookie that a browser would drop, in words; empty if there was none. */
function firstLimit(view: ReportView): string {
  const met = figuresOf(view.run, 'payload', 'limit_roles')
    .filter(hasArm)
    .filter(({ factors, flags }) => factors.limit === 'cookie' && !flags.includes('search-ended'))
    .sort((a, b) => a.value - b.value)[0];
  if (met === undefined) return '';
  return ` With more than ${formatCount(met.value)} roles, the cookie of ${met.arm} is too large for a browser.`;
}

/** The size of every request, over the number of the user's roles. */
export const payloadBytes: Chart = {
  id: 'payload-bytes',
  title: 'Cost of roles: request bytes',
  experiment: 'payload',
  note: 'Dashed: 4,096 bytes, the most that a browser stores in one cookie. A bearer token has no such limit. Grey: the other arms. Hollow: flagged.',
  figures: (view) => roleFigures(view, 'request_bytes'),
  sentence(view) {
    const { roles, figures } = atMostRoles(view, 'request_bytes');
    const sentence = compareSentence(
      figures.map((figure) => ({ ...figure, name: figure.arm })),
      words,
    );
    if (sentence === null) return 'Only the baseline was measured.';
    return `With ${roles} roles, ${sentence}.${firstLimit(view)}`;
  },
  scales: ['linear', 'log'],
  draw(view, canvas, scale) {
    const series = armSeries(view, roleFigures(view, 'request_bytes'), 'roles');
    if (series.length === 0) return null;
    return drawPanels(series, canvas, {
      xTitle: 'roles',
      yTitle: 'bytes',
      level: COOKIE_LIMIT_BYTES,
      ...(scale === undefined ? {} : { scale }),
    });
  },
};
