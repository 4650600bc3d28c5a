import { plainMark } from '../../core/text/flags.ts';
import { formatValue } from '../../core/text/format.ts';
import { compareSentence } from '../../core/text/sentences.ts';
import { tollFigures } from '../view/figures.ts';
import { PART_COLOURS } from '../view/palette.ts';
import type { ReportView } from '../view/view.ts';
import type { Chart } from './shapes/chart.ts';
import { drawStacked } from './shapes/stacked.ts';
import { tipOf } from './shapes/tip.ts';

const words = {
  least: 'sends the fewest bytes',
  leastPlural: 'send the fewest bytes',
  most: 'sends the most',
  mostPlural: 'send the most',
};

function wireOf(view: ReportView) {
  const responses = tollFigures(view.run, 'response_bytes');
  return tollFigures(view.run, 'request_bytes')
    .flatMap((request) => {
      const response = responses.find((figure) => figure.arm === request.arm);
      return response === undefined ? [] : [{ arm: request.arm, request, response }];
    })
    .map((row) => ({
      ...row,
      total: {
        name: row.arm,
        value: row.request.value + row.response.value,
        low: row.request.low + row.response.low,
        high: row.request.high + row.response.high,
        unit: 'B',
      },
    }))
    .sort((a, b) => a.total.value - b.total.value);
}

/** The bytes that the credential adds to every request and response. */
export const wire: Chart = {
  id: 'wire',
  title: 'Bytes on the wire',
  experiment: 'toll',
  figures: (view) => wireOf(view).flatMap(({ request, response }) => [request, response]),
  sentence(view) {
    const guarded = wireOf(view).filter((row) => row.arm !== view.baseline?.name);
    const sentence = compareSentence(
      guarded.map((row) => row.total),
      words,
    );
    const baseline = wireOf(view).find((row) => row.arm === view.baseline?.name);
    const against = baseline === undefined ? '' : `; an unguarded exchange takes ${formatValue(baseline.total)}`;
    return sentence === null
      ? 'Only the baseline was measured.'
      : `Per request and its response, ${sentence}${against}.`;
  },
  draw(view, canvas) {
    const rows = wireOf(view);
    if (rows.length === 0) return null;
    return drawStacked(
      rows.map(({ arm, request, response, total }) => ({
        label: arm,
        text: `${formatValue(total)}${plainMark(request, response)}`,
        amounts: [request.value, response.value],
        tips: [tipOf(`${arm}, request`, request), tipOf(`${arm}, response`, response)],
      })),
      [
        { name: 'request', colour: PART_COLOURS[0] },
        { name: 'response', colour: PART_COLOURS[3] },
      ],
      canvas,
      'bytes, headers included',
    );
  },
};
