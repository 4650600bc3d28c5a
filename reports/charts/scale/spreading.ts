import { ownValue } from '../../../core/own-value.ts';
import { counted, formatEstimate, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import { factorNumber } from '../../view/figures.ts';
import { scaleFigures, settingOf } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawPanels, type Series } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

const HOW: Readonly<Record<string, string>> = {
  connection: 'by connection',
  request: 'by request',
  sticky: 'sticky, by user',
};

const howOf = (figure: ArmFigure) => String(figure.factors.spreading ?? 'connection');
const wayOf = (figure: ArmFigure) => ownValue(HOW, howOf(figure)) ?? howOf(figure);

/** Refused requests of arms that were measured with several ways of spreading requests over replicas. */
function refused(view: ReportView): ArmFigure[] {
  const all = scaleFigures(view.run, 'refused_pct').filter(
    (figure) =>
      factorNumber(figure, 'replicas') !== null && Object.keys(settingOf(figure)).every((name) => name === 'spreading'),
  );
  const several = new Set(all.filter((figure) => howOf(figure) !== 'connection').map(({ arm }) => arm));
  return all.filter(({ arm }) => several.has(arm));
}

function seriesIn(view: ReportView): Series[] {
  const groups = Map.groupBy(refused(view), (figure) => `${figure.arm}\n${howOf(figure)}`);
  return [...groups.values()].flatMap((own) => {
    const first = own[0];
    if (first === undefined) return [];
    const points = own
      .map((figure) => ({
        x: factorNumber(figure, 'replicas') ?? 0,
        value: figure.value,
        low: figure.low,
        high: figure.high,
        flagged: false,
        tip: tipOf(
          `${figure.arm}, ${counted(factorNumber(figure, 'replicas') ?? 0, 'replica')}, ${wayOf(figure)}`,
          figure,
        ),
      }))
      .sort((a, b) => a.x - b.x);
    const colour = view.arms.find(({ name }) => name === first.arm)?.colour ?? '';
    // The way comes first: the panels differ in it, and titles may be cut.
    return [{ name: `${wayOf(first)}, ${first.arm}`, arm: first.arm, colour, points }];
  });
}

/** What happens to an arm with per-process state if requests do not return to the same process. */
export const scaleSpreading: Chart = {
  id: 'scale-spreading',
  title: 'Requests refused without sticky routing',
  experiment: 'scale',
  note: 'Every request has a valid credential. By connection: each user keeps one connection, to any replica. By request: each request goes to any replica. Sticky: to the replica where the user logged in. Grey: the other arms.',
  figures: refused,
  sentence(view) {
    const all = refused(view);
    // Only numbers of replicas at which all ways were measured, since one may extend further.
    const compared = all.filter((figure) => howOf(figure) !== 'connection');
    const most = Math.max(0, ...compared.map((figure) => factorNumber(figure, 'replicas') ?? 0));
    const there = all.filter((figure) => factorNumber(figure, 'replicas') === most);
    if (there.length === 0) return 'Requests were spread over replicas in only one way.';
    const arms = [...Map.groupBy(there, ({ arm }) => arm)].map(([arm, own]) => {
      const ways = own.map((figure) => `${formatEstimate(figure)} ${wayOf(figure)}`);
      return `${arm} refuses ${list(ways)}`;
    });
    return `On ${counted(most, 'replica')}, ${arms.join('; ')}.`;
  },
  draw(view, canvas) {
    const series = seriesIn(view);
    if (series.length === 0) return null;
    return drawPanels(series, canvas, { xTitle: 'replicas', yTitle: '% refused' });
  },
};
