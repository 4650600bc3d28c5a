/** Scales with axes, shared by all charts. */
import { upToDecimals, withDecimals } from '../../../core/text/decimal.ts';
import type { Scale } from './chart.ts';
import { textWidth } from './theme.ts';
import { logTicks } from './ticks.ts';

export type Bounds = readonly [low: number, high: number];

/** An expression for labels of axes: `1,500`, `20k`, `0.05`. */
export const AMOUNT =
  "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, '.6~r') + 'M' : abs(datum.value) >= 1e4 ? format(datum.value / 1e3, '.6~r') + 'k' : format(datum.value, ',.6~r')";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface AxisOptions {
  readonly scale: Scale;
  readonly domain: Bounds;
  /** Distance between the ends of the axis and those of the domain, px. */
  readonly padding?: number;
  readonly title: string;
  readonly grid?: boolean;
  /** The approximate number of ticks. */
  readonly count?: number;
  /** True if only integers make sense. */
  readonly whole?: boolean;
  /** Ticks to use instead of those at round values. */
  readonly ticks?: readonly Tick[];
  /** Follows each value. */
  readonly unit?: string;
}

function ticksOf({ scale, domain, count = 4, whole = false, ticks, unit = '' }: AxisOptions) {
  if (ticks !== undefined) {
    const labels = Object.fromEntries(ticks.map(({ at, label }) => [at, label]));
    return { values: ticks.map(({ at }) => at), labelExpr: `${JSON.stringify(labels)}[datum.value]` };
  }
  const labelExpr = unit === '' ? AMOUNT : `(${AMOUNT}) + ${JSON.stringify(unit)}`;
  if (scale === 'log') return { values: logTicks(...domain), labelExpr };
  return { tickCount: count, ...(whole ? { tickMinStep: 1 } : {}), labelExpr };
}

const scaleOf = ({ scale, domain, padding = 0 }: AxisOptions) => ({
  type: scale,
  domain: [...domain],
  nice: false,
  ...(scale === 'linear' ? { zero: false } : {}),
  padding,
});

/** A horizontal axis at the bottom. */
export function bottomAxis(options: AxisOptions) {
  return {
    type: 'quantitative' as const,
    scale: scaleOf(options),
    axis: {
      title: options.title,
      titleAlign: 'left' as const,
      titleAnchor: 'start' as const,
      titleBaseline: 'top' as const,
      titleX: 0,
      titleY: 24,
      grid: options.grid ?? false,
      ticks: !(options.grid ?? false),
      tickSize: 4,
      ...ticksOf(options),
    },
  };
}

/** A vertical axis at the left; its title is above the labels. */
export function leftAxis(options: AxisOptions) {
  return {
    type: 'quantitative' as const,
    scale: scaleOf(options),
    axis: {
      title: options.title,
      titleAngle: 0,
      titleAlign: 'right' as const,
      titleBaseline: 'middle' as const,
      titleX: -7,
      titleY: -12,
      grid: true,
      ...ticksOf(options),
    },
  };
}

/** Room at the right for half of the last label. */
export const RIGHT_ROOM = 20;

/** Room at the left for the labels of the amounts. */
export function labelRoom({ domain, title, ticks, scale, count = 4 }: AxisOptions): number {
  const decimals = Math.max(0, Math.ceil(-Math.log10((domain[1] - domain[0]) / count)));
  const signed = (amount: number, write: typeof withDecimals, places: number) =>
    `${amount < 0 ? '-' : ''}${write(Math.abs(amount), places)}`;
  const amounts = (scale === 'log' ? logTicks(...domain) : domain).map((amount) =>
    Math.abs(amount) >= 10_000
      ? `${Math.round(amount / 1000)}k`
      : scale === 'log'
        ? signed(amount, upToDecimals, 6)
        : signed(amount, withDecimals, decimals),
  );
  const labels = ticks === undefined ? amounts : ticks.map(({ label }) => label);
  return Math.max(textWidth(title), ...labels.map((label) => textWidth(label))) + 12;
}
