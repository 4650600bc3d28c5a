/** One series over time: each run with its interval, the levels, and the changes between them. */
import type { TopLevelSpec } from 'vega-lite';
import type { Series } from '../../core/results/history/series.ts';
import type { Level } from '../../core/results/history/steps.ts';
import { type Change, changesOf, movesOf, trendOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { changeLabel, changePhrase, changePlace } from '../../core/text/changes.ts';
import { counted, formatSignificant } from '../../core/text/format.ts';
import { mixedSentence, ofKind } from '../../core/text/kinds.ts';
import { bottomAxis, labelRoom, leftAxis, RIGHT_ROOM } from '../charts/shapes/axes.ts';
import { type Drawing, pixels, plain } from '../charts/shapes/drawing.ts';
import { CHART_CONFIG, FAINT, INK, MUTED } from '../charts/shapes/theme.ts';
import { html, type SafeHtml } from '../html.ts';
import { MOST_POINTS, thinned } from './thinned.ts';

const BETTER = '#13794a';
const WORSE = '#c8503c';
const COLOUR_OF = { better: BETTER, worse: WORSE, neither: MUTED } as const;

/**
 * The levels of a series, in runs. The x axis counts runs, since they come in bursts and a commit matters more than a
 * day.
 */
export const levelsOf = (series: Series): Level[] =>
  trendOf(series).levels.map(({ from, to, value, end }) => ({ from: from + 0.5, to: to + 0.5, value, end }));

const HEIGHT = 150;
const FLAT = 1e-6;
const isFlat = (least: number, most: number) => most - least <= FLAT * Math.max(Math.abs(least), Math.abs(most));

/** Whether a chart of a series would show more than one level line. */
export function varies({ points }: Series): boolean {
  const values = points.map(({ value }) => value);
  return !isFlat(Math.min(...values), Math.max(...values));
}

/** The runs of each kind, and those of none: a run that was set aside is drawn, too. */
export function kindsOf(series: Series): readonly number[][] | undefined {
  const { mixed } = trendOf(series);
  if (mixed === null) return undefined;
  const kinds = [mixed.upper, ...mixed.middle.map(({ runs }) => runs), mixed.lower];
  const known = new Set(kinds.flat());
  // Each run that was set aside may be of any kind, so none of them is drawn with another.
  const others = [...series.points.keys()].filter((i) => !known.has(i));
  return [...kinds.map((runs) => [...runs]), ...others.map((run) => [run])];
}

/** @param width of the whole drawing, px @param label the text at a change of level; default: the change */
export function drawTrend(series: Series, width: number, label: (change: Change) => string = changeLabel): Drawing {
  const changes = changesOf(series);
  const { points } = series;
  const drawn = thinned(points, MOST_POINTS, kindsOf(series));
  const ends = drawn.flatMap(({ low, high }) => [low, high]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  // Counts may differ in their last digit due to rounding, which no axis should show.
  const room = isFlat(least, most) ? Math.abs(most) * 0.1 || 1 : (most - least) * 0.08;
  const amounts = { scale: 'linear', domain: [least - room, most + room], title: METRICS[series.metric].unit } as const;
  const left = labelRoom(amounts);
  const inner = width - left - RIGHT_ROOM;
  const span = [0.5, points.length + 0.5] as const;
  const x = bottomAxis({ scale: 'linear', domain: span, title: 'run', count: 6, whole: true });
  const y = leftAxis(amounts);
  const marks = changes.map((change) => ({
    at: (inner * change.index) / points.length,
    from: 0,
    to: HEIGHT,
    colour: COLOUR_OF[change.better],
    text: label(change),
  }));
  const at = { x: { field: 'run', ...x }, y: { field: 'value', ...y } };
  const intervals = {
    data: { values: drawn },
    mark: { type: 'rule', color: FAINT, aria: false },
    encoding: { x: at.x, y: { field: 'low', ...y }, y2: { field: 'high' } },
  };
  const changed = [
    {
      data: { values: levelsOf(series) },
      mark: { type: 'rule', color: MUTED, strokeWidth: 2, aria: false },
      encoding: { x: { field: 'from', ...x }, x2: { field: 'to' }, y: at.y, y2: { field: 'end' } },
    },
    {
      data: { values: marks },
      mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5, aria: false },
      encoding: { x: pixels('at'), y: pixels('from'), y2: { field: 'to' }, color: plain('colour') },
    },
    {
      data: { values: marks },
      mark: { type: 'text', align: 'left', dx: 5, baseline: 'middle', fontWeight: 600, aria: false },
      encoding: {
        x: pixels('at'),
        y: { value: 7 },
        text: { field: 'text', type: 'nominal' },
        color: plain('colour'),
      },
    },
  ];
  const dots = {
    data: { values: drawn },
    mark: { type: 'point', filled: true, size: 36, color: INK, opacity: 1, aria: false },
    encoding: at,
  };
  const layer = [intervals, ...(trendOf(series).levels.length === 0 ? [] : changed), dots];
  return {
    width,
    height: HEIGHT + 60,
    left,
    top: 20,
    spec: { width: inner, height: HEIGHT, config: CHART_CONFIG, layer } as TopLevelSpec,
  };
}

const tenth = (px: number) => Math.round(px * 10) / 10;
const SPARK = { width: 120, height: 22 } as const;

/** A sparkline in the height of a line of text; its row has the numbers. */
export function sparkline({ points }: Series): SafeHtml {
  const drawn = thinned(points, MOST_POINTS / 2);
  const values = drawn.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = isFlat(least, most) ? Number.POSITIVE_INFINITY : most - least;
  const places = drawn.map(({ run, value }) => ({
    x: points.length === 1 ? SPARK.width / 2 : (SPARK.width * (run - 1)) / (points.length - 1),
    y: Number.isFinite(span) ? SPARK.height - 2 - ((SPARK.height - 4) * (value - least)) / span : SPARK.height / 2,
  }));
  return html`<svg aria-hidden="true" width="${SPARK.width}" height="${SPARK.height}"><polyline fill="none" stroke="currentColor" stroke-width="1.5" points="${places.map(({ x, y }) => `${tenth(x)},${tenth(y)}`).join(' ')}"/></svg>`;
}

/** The chart's text alternative. */
export function trendSentence(series: Series): string {
  const last = series.points.at(-1);
  const unit = METRICS[series.metric].unit;
  const digits = (value: number) => formatSignificant(value, 4);
  const now = last === undefined ? '' : `, now ${digits(last.value)} ${unit}`;
  const { mixed } = trendOf(series);
  const changes = movesOf(series);
  const kinds = mixed === null ? '' : ` ${mixedSentence(mixed)}`;
  if (changes.length === 0) return `${counted(series.points.length, 'run')} without a change of level${now}.${kinds}`;
  const phrase = (change: Change) => `${changePhrase(change, series.metric)} ${changePlace(change)}${ofKind(change)}`;
  const levels = changes.filter(({ slope }) => slope === null).map(phrase);
  const bends = changes.filter(({ slope }) => slope !== null).map(phrase);
  const sentences = [
    ...(levels.length === 0 ? [] : [` The level changed ${levels.join('; ')}.`]),
    ...(bends.length === 0 ? [] : [` The trend ${bends.join('; ')}.`]),
  ];
  return `${counted(series.points.length, 'run')}${now}.${sentences.join('')}${kinds}`;
}
