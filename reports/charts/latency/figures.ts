/** The figures of `latency` by arm, load and quantile, and which of them may be compared. Shared by its charts. */
import type { Flag } from '../../../core/results/flags.ts';
import { list } from '../../../core/text/format.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { SeriesPoint } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

/** `corrected` counts from the intended send time, `service` from the actual one; `machine` is no request at all. */
export type Timing = 'corrected' | 'service' | 'machine';

/**
 * With these flags the load that was sent or answered is not the requested one, so the latency belongs to no known
 * load.
 */
const SPOILT: readonly Flag[] = ['rate-missed', 'generator-saturated', 'unexpected-responses'];

/** `{quantile: 'p99.9'}` → 99.9; null for anything else. */
export function quantileOf(figure: ArmFigure): number | null {
  const match = /^p(\d+(?:\.\d+)?)$/.exec(String(figure.factors.quantile ?? ''));
  const percent = Number(match?.[1]);
  return match !== null && percent > 0 && percent < 100 ? percent : null;
}

export function loadOf(figure: ArmFigure): number {
  return factorNumber(figure, 'load_pct') ?? 0;
}

/** Latencies of all loads and quantiles. Those that are not positive have no place on a logarithmic axis. */
export function latencyFigures(view: ReportView, timing: Timing): ArmFigure[] {
  const all = figuresOf(view.run, 'latency', timing === 'machine' ? 'machine_lateness_us' : 'latency_us');
  return all
    .filter(hasArm)
    .filter((figure) => timing === 'machine' || figure.factors.timing === timing)
    .filter((figure) => factorNumber(figure, 'load_pct') !== null)
    .filter((figure) => quantileOf(figure) !== null && figure.low > 0);
}

export function atQuantile(figures: readonly ArmFigure[], percent: number): ArmFigure[] {
  return figures.filter((figure) => quantileOf(figure) === percent);
}

/** Whether its load was really offered, and answered correctly. */
export function isSound(figure: ArmFigure): boolean {
  return !figure.flags.some((flag) => SPOILT.includes(flag));
}

/** Whether it can be ranked: a single slice has no interval. */
function hasInterval(figure: ArmFigure): boolean {
  return figure.blocks > 1;
}

/**
 * The load at which to compare arms: where most arms have valid figures, and the highest of several such loads. Null
 * for no figures.
 */
export function comparedLoad(figures: readonly ArmFigure[]): number | null {
  const loads = [...new Set(figures.map(loadOf))].sort((a, b) => b - a);
  const soundArms = (load: number) =>
    new Set(figures.filter((figure) => loadOf(figure) === load && isSound(figure)).map(({ arm }) => arm)).size;
  const most = Math.max(0, ...loads.map(soundArms));
  return loads.find((load) => soundArms(load) === most) ?? null;
}

/** One unit for all: a sentence that switches from µs to ms is misleading. */
export function inMs(figure: ArmFigure) {
  const { arm: name, value, low, high } = figure;
  return { name, unit: 'ms', value: value / 1000, low: low / 1000, high: high / 1000 };
}

export function pointAt(x: number, figure: ArmFigure): SeriesPoint {
  const what = `${figure.arm}, ${figure.factors.quantile} at ${loadOf(figure)} % load`;
  return { ...inMs(figure), x, flagged: figure.flags.length > 0, tip: tipOf(what, figure) };
}

/** The figures that may be ranked, and a sentence about the others; null if all may. */
export function setAside(figures: readonly ArmFigure[]): { ranked: ArmFigure[]; aside: string | null } {
  const ranked = figures.filter((figure) => isSound(figure) && hasInterval(figure));
  const names = (some: readonly ArmFigure[]) => list(some.map(({ arm }) => arm));
  const spoilt = figures.filter((figure) => !isSound(figure));
  const single = figures.filter((figure) => isSound(figure) && !hasInterval(figure));
  const parts = [
    spoilt.length > 0 ? `the scheduled load of ${names(spoilt)} was not fully sent and answered` : null,
    single.length > 0
      ? `${names(single)} ${single.length === 1 ? 'has' : 'have'} a single measurement and so no interval`
      : null,
  ].filter((part) => part !== null);
  return { ranked, aside: parts.length === 0 ? null : `Not ranked: ${parts.join('; ')}.` };
}
