/** One series over time: each run with its interval, the level between changes, and where it changed. */

import type { Series } from '../../core/results/history/history.ts';
import { type Change, changesOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { formatChange, formatSignificant } from '../../core/text/format.ts';
import { labelRoom, RIGHT_ROOM } from '../charts/shapes/panel-grid.ts';
import { axis } from '../charts/shapes/scales.ts';
import {
  bottomAxis,
  type Drawing,
  dot,
  group,
  leftAxis,
  leftLabels,
  line,
  move,
  rule,
  text,
} from '../charts/shapes/svg.ts';
import { FAINT, INK, MUTED } from '../charts/shapes/theme.ts';
import { thinTicks } from '../charts/shapes/ticks.ts';
import { html, type SafeHtml } from '../html.ts';
import { MOST_POINTS, runsText, thinned } from './thinned.ts';

const BETTER = '#13794a';
const WORSE = '#c8503c';
const COLOUR_OF = { better: BETTER, worse: WORSE, neither: MUTED } as const;

interface Level {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Pure. Places are numbers of runs, since runs come in bursts and a commit matters more than a day. */
export function levelsOf(series: Series, changes: readonly Change[]): Level[] {
  if (changes.length === 0) return [];
  const bounds = [0, ...changes.map(({ index }) => index), series.points.length];
  return bounds.slice(0, -1).map((from, i) => ({
    from: from + 0.5,
    to: (bounds[i + 1] ?? from) + 0.5,
    value: i === 0 ? (changes[0]?.before ?? Number.NaN) : (changes[i - 1]?.after ?? Number.NaN),
  }));
}

const HEIGHT = 150;
const FLAT = 1e-6;
const isFlat = (least: number, most: number) => most - least <= FLAT * Math.max(Math.abs(least), Math.abs(most));

/** Whether a chart of a series would show more than one level line. */
export function varies({ points }: Series): boolean {
  const values = points.map(({ value }) => value);
  return !isFlat(Math.min(...values), Math.max(...values));
}

/** @param width of the whole drawing, px */
export function drawTrend(series: Series, width: number): Drawing {
  const changes = changesOf(series);
  const { points } = series;
  const drawn = thinned(points);
  const amounts = drawn.flatMap(({ low, high }) => [low, high]);
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
  // Counts differ in their last digit, which no axis should show.
  const room = isFlat(least, most) ? Math.abs(most) * 0.1 || 1 : (most - least) * 0.08;
  const y = axis({ scale: 'linear', domain: [least - room, most + room], range: [HEIGHT, 0], count: 4 });
  const unit = METRICS[series.metric].unit;
  const left = labelRoom(y, unit);
  const inner = width - left - RIGHT_ROOM;
  const x = axis({ scale: 'linear', domain: [0.5, points.length + 0.5], range: [0, inner], count: 6, whole: true });
  const at = (run: number) => x.at(run);
  const marks = changes.map(({ index, better, ratio }) => {
    const colour = COLOUR_OF[better];
    const words = Number.isFinite(ratio) ? formatChange(ratio) : 'from 0';
    const line = group(
      { stroke: colour, 'stroke-width': 1.5, 'stroke-dasharray': '4,3' },
      rule(at(index + 0.5), 0, at(index + 0.5), HEIGHT),
    );
    return html`${line}${group({ fill: colour, 'font-weight': 600 }, text(at(index + 0.5) + 5, 7, words))}`;
  });
  const body = group(
    { transform: move(left, 20) },
    leftAxis(y.ticks, inner),
    leftLabels(y.ticks, unit, -12),
    bottomAxis({ ticks: thinTicks(x.ticks), title: 'run', height: HEIGHT, grid: false }),
    group(
      { stroke: FAINT },
      drawn.map(({ run, low, high }) => rule(at(run), y.at(low), at(run), y.at(high))),
    ),
    group(
      { stroke: MUTED, 'stroke-width': 2 },
      levelsOf(series, changes).map(({ from, to, value }) => rule(at(from), y.at(value), at(to), y.at(value))),
    ),
    group(
      { fill: INK },
      drawn.map(({ run, value }) => dot(at(run), y.at(value), 3.4)),
    ),
    marks,
  );
  return { width, height: HEIGHT + 60, body };
}

const SPARK = { width: 120, height: 22 } as const;

/** The course of a series in the height of a line of text; its row has the numbers. */
export function sparkline({ points }: Series): SafeHtml {
  const drawn = thinned(points, MOST_POINTS / 2);
  const values = drawn.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = isFlat(least, most) ? Number.POSITIVE_INFINITY : most - least;
  const places = drawn.map(({ run, value }) => ({
    x: points.length === 1 ? SPARK.width / 2 : (SPARK.width * (run - 1)) / (points.length - 1),
    y: Number.isFinite(span) ? SPARK.height - 2 - ((SPARK.height - 4) * (value - least)) / span : SPARK.height / 2,
  }));
  return html`<svg aria-hidden="true" width="${SPARK.width}" height="${SPARK.height}"><g fill="none" stroke="currentColor" stroke-width="1.5">${line(places)}</g></svg>`;
}

/** The chart's text alternative. */
export function trendSentence(series: Series): string {
  const last = series.points.at(-1);
  const unit = METRICS[series.metric].unit;
  const digits = (value: number) => formatSignificant(value, 4);
  const now = last === undefined ? '' : `, now ${digits(last.value)} ${unit}`;
  const changes = changesOf(series);
  if (changes.length === 0) return `${runsText(series.points.length)} without a change of level${now}.`;
  const told = changes.map(({ index, before, after, better }) => {
    const word = better === 'neither' ? '' : `, for the ${better}`;
    return `from ${digits(before)} to ${digits(after)} ${unit} at run ${index + 1}${word}`;
  });
  return `${runsText(series.points.length)}${now}. The level changed ${told.join('; ')}.`;
}
