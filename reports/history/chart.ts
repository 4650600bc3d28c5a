/** One series over time: each run with its interval, the level between changes, and where it changed. */

import type { TopLevelSpec } from 'vega-lite';
import type { Series } from '../../core/results/history/history.ts';
import { type Change, changesOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { formatChange, formatSignificant } from '../../core/text/format.ts';
import { CHART_CONFIG, FAINT, INK, MUTED } from '../charts/shapes/theme.ts';

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

export function trendSpec(series: Series, width: number): TopLevelSpec {
  const changes = changesOf(series);
  const data = series.points.map((point, i) => ({
    run: i + 1,
    value: point.value,
    low: point.low,
    high: point.high,
  }));
  const marks = changes.map(({ index, better, ratio }) => ({
    run: index + 0.5,
    colour: COLOUR_OF[better],
    text: Number.isFinite(ratio) ? formatChange(ratio) : 'from 0',
  }));
  const x = {
    field: 'run',
    type: 'quantitative' as const,
    title: 'run',
    scale: { domain: [0.5, data.length + 0.5], nice: false },
    axis: { tickMinStep: 1, format: 'd', grid: false },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: METRICS[series.metric].unit,
    scale: { zero: false },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: width - 70,
    height: 150,
    config: CHART_CONFIG,
    layer: [
      {
        data: { values: data },
        mark: { type: 'rule', color: FAINT },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: levelsOf(series, changes) },
        mark: { type: 'rule', color: MUTED, strokeWidth: 2 },
        encoding: { x: { ...x, field: 'from' }, x2: { field: 'to' }, y },
      },
      {
        data: { values: data },
        mark: { type: 'point', filled: true, size: 36, color: INK, opacity: 1 },
        encoding: { x, y },
      },
      {
        data: { values: marks },
        mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5 },
        encoding: { x, color: { field: 'colour', type: 'nominal', scale: null } },
      },
      {
        data: { values: marks },
        mark: { type: 'text', align: 'left', dx: 5, baseline: 'top', fontWeight: 600 },
        encoding: {
          x,
          y: { value: 2 },
          text: { field: 'text', type: 'nominal' },
          color: { field: 'colour', type: 'nominal', scale: null },
        },
      },
    ],
  };
}

/** The chart's text alternative. */
export function trendSentence(series: Series): string {
  const last = series.points.at(-1);
  const unit = METRICS[series.metric].unit;
  const digits = (value: number) => formatSignificant(value, 4);
  const now = last === undefined ? '' : `, now ${digits(last.value)} ${unit}`;
  const changes = changesOf(series);
  if (changes.length === 0) return `${series.points.length} runs without a change of level${now}.`;
  const told = changes.map(({ index, before, after, better }) => {
    const word = better === 'neither' ? '' : `, for the ${better}`;
    return `from ${digits(before)} to ${digits(after)} ${unit} at run ${index + 1}${word}`;
  });
  return `${series.points.length} runs${now}. The level changed ${told.join('; ')}.`;
}
