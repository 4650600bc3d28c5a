/** The figures of `scale`, by series: an arm with its setting, over the number of replicas. Pure. */
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure, Run } from '../../core/results/schema.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from './figures.ts';

/** Factors that identify a point or a parameter of a model, rather than the setting of a series. */
const WITHIN = new Set(['replicas', 'model', 'quantile']);

export function settingOf({ factors }: ArmFigure): Factors {
  return Object.fromEntries(Object.entries(factors).filter(([name]) => !WITHIN.has(name)));
}

/** `` for the plain series; `10 % critical, cluster of three` for others. The chart itself states the Redis share. */
function settingName(setting: Factors): string {
  const parts = Object.entries(setting).flatMap(([name, level]) => {
    if (name === 'redis_share') return [];
    if (name === 'critical_fraction') return [`${Math.round(Number(level) * 100)} % critical`];
    if (name === 'redis') return [String(level)];
    if (name === 'spreading') return [`by ${level === 'sticky' ? 'user' : level}`];
    return [`${name} ${level}`];
  });
  return parts.join(', ');
}

export function seriesName(arm: string, setting: Factors): string {
  const name = settingName(setting);
  return name === '' ? arm : `${arm}, ${name}`;
}

/** Whether figures belong to one series. */
function sameSetting(a: Factors, b: Factors): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

/**
 * Whether a figure belongs to a series without other factors than the number of replicas, which the short answers
 * quote.
 */
export function isPlain(figure: Figure): boolean {
  return factorNumber(figure, 'replicas') !== null && Object.keys(figure.factors).length === 1;
}

export interface ScaleSeries {
  readonly arm: string;
  readonly setting: Factors;
}

/** Figures in the order of the run's arms: fleets are started, and so recorded, in random order. */
export function scaleFigures(run: Run, metric: Metric): ArmFigure[] {
  const places = new Map(run.arms.map(({ name }, index) => [name, index]));
  const place = ({ arm }: ArmFigure) => places.get(arm) ?? places.size;
  return figuresOf(run, 'scale', metric)
    .filter(hasArm)
    .toSorted((a, b) => place(a) - place(b));
}

/** Series in the order of the run's arms, without those of an open load. */
export function scaleSeries(run: Run): ScaleSeries[] {
  const found: ScaleSeries[] = [];
  for (const figure of scaleFigures(run, 'throughput_rps')) {
    const series = { arm: figure.arm, setting: settingOf(figure) };
    // An open load does not give the throughput at saturation.
    if (factorNumber(figure, 'replicas') === null || series.setting.load_pct !== undefined) continue;
    if (!found.some(({ arm, setting }) => arm === series.arm && sameSetting(setting, series.setting))) {
      found.push(series);
    }
  }
  return found;
}

/** Figures of one series, by increasing number of replicas; without factor `model` unless one is named. */
export function ofSeries(run: Run, metric: Metric, series: ScaleSeries, model?: string): ArmFigure[] {
  return scaleFigures(run, metric)
    .filter(
      (figure) =>
        figure.arm === series.arm && sameSetting(settingOf(figure), series.setting) && figure.factors.model === model,
    )
    .sort((a, b) => (factorNumber(a, 'replicas') ?? 0) - (factorNumber(b, 'replicas') ?? 0));
}
