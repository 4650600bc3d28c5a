import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import { figuresOf } from '../../view/figures.ts';
import { PART_COLOURS } from '../../view/palette.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawRanked } from '../shapes/ranked.ts';
import { tipOf } from '../shapes/tip.ts';

const words = { least: 'is fastest', leastPlural: 'are fastest', most: 'is slowest', mostPlural: 'are slowest' };
/** Beyond this ratio, small values would be invisible on a linear axis. */
const LINEAR_RATIO = 30;

function primitivesOf(view: ReportView) {
  return figuresOf(view.run, 'hot-path', 'primitive_us').sort((a, b) => a.value - b.value);
}

/** Each isolated operation of the hot path: the dot is wall-clock time, the ring is CPU time. */
export const primitives: Chart = {
  id: 'primitives',
  title: 'Operations of authentication, timed in isolation',
  experiment: 'hot-path',
  appendix: true,
  note: 'Dot: wall-clock time, with its confidence interval as a thick line. Ring: CPU time, drawn without its interval.',
  figures: (view) => [...primitivesOf(view), ...figuresOf(view.run, 'hot-path', 'primitive_cpu_us')],
  sentence(view) {
    const named = primitivesOf(view).map((figure) => ({ ...figure, name: String(figure.factors.primitive) }));
    const sentence = compareSentence(named, words);
    if (sentence === null) return 'No operation was timed.';
    return `Of ${named.length} operations, ${sentence}.`;
  },
  draw(view, canvas) {
    const figures = primitivesOf(view);
    const [first, last] = [figures[0], figures.at(-1)];
    if (first === undefined || last === undefined) return null;
    const cpu = new Map(
      figuresOf(view.run, 'hot-path', 'primitive_cpu_us').map((figure) => [figure.factors.primitive, figure]),
    );
    const rows = figures.map((figure) => {
      const second = cpu.get(figure.factors.primitive);
      return {
        label: String(figure.factors.primitive),
        tip: tipOf(
          `${figure.factors.primitive}, wall-clock and CPU time`,
          figure,
          ...(second === undefined ? [] : [second]),
        ),
        value: figure.value,
        low: figure.low,
        high: figure.high,
        colour: PART_COLOURS[0],
        text: `${formatEstimate(figure)}${plainMark(figure)}`,
        ...(second === undefined ? {} : { second: second.value }),
      };
    });
    const scale =
      figures.every((figure) => figure.low > 0) && last.value / first.value > LINEAR_RATIO ? 'log' : 'linear';
    const axisTitle = `µs per operation${scale === 'log' ? ', logarithmic' : ''}`;
    return drawRanked(rows, canvas, { axisTitle, scale });
  },
};
