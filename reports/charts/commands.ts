import { plainMark } from '../../core/text/flags.ts';
import { formatEstimate } from '../../core/text/format.ts';
import { compareSentence } from '../../core/text/sentences.ts';
import { tollFigures } from '../view/figures.ts';
import type { ReportView } from '../view/view.ts';
import type { Chart } from './shapes/chart.ts';
import { drawRanked } from './shapes/ranked.ts';
import { tipOf } from './shapes/tip.ts';

const words = {
  least: 'sends the fewest commands',
  leastPlural: 'send the fewest commands',
  most: 'sends the most',
  mostPlural: 'send the most',
};

/** Arms without Redis are omitted: all their values are zero. */
function commandsOf(view: ReportView) {
  return tollFigures(view.run, 'redis_commands_per_request')
    .filter((figure) => figure.value > 0)
    .sort((a, b) => a.value - b.value);
}

export const commands: Chart = {
  id: 'commands',
  title: 'Redis commands per request',
  experiment: 'toll',
  appendix: true,
  figures: commandsOf,
  sentence(view) {
    const [only, ...others] = commandsOf(view);
    if (only !== undefined && others.length === 0) {
      return `Only ${only.arm} uses Redis: ${formatEstimate(only)} per request.`;
    }
    const sentence = compareSentence(
      commandsOf(view).map((figure) => ({ ...figure, name: figure.arm })),
      words,
    );
    return sentence === null ? 'No measured arm uses Redis.' : `Among the arms that use Redis, ${sentence}.`;
  },
  draw(view, canvas) {
    const rows = commandsOf(view).map((figure) => ({
      ...figure,
      label: figure.arm,
      tip: tipOf(figure.arm, figure),
      colour: view.arms.find((arm) => arm.name === figure.arm)?.colour ?? '',
      text: `${formatEstimate(figure)}${plainMark(figure)}`,
    }));
    if (rows.length === 0) return null;
    return drawRanked(rows, canvas, { axisTitle: 'commands per request', scale: 'linear', whole: true });
  },
};
