/** Amounts to pixels, with the ticks that an axis shows. Pure. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Scale } from './chart.ts';
import type { AxisTick } from './svg.ts';
import { logTicks } from './ticks.ts';

export interface Axis {
  at(amount: number): number;
  readonly ticks: readonly AxisTick[];
}

export interface AxisOptions {
  readonly scale: Scale;
  readonly domain: readonly [low: number, high: number];
  readonly range: readonly [from: number, to: number];
  /** About how many ticks. */
  readonly count: number;
  /** Only whole numbers make sense. */
  readonly whole?: boolean;
}

/** `1,500`, `20k`, `0.05`. */
export function tickLabel(amount: number): string {
  const size = Math.abs(amount);
  if (size >= 1e6) return `${Number((amount / 1e6).toPrecision(6))}M`;
  if (size >= 10_000) return `${Number((amount / 1e3).toPrecision(6))}k`;
  const text = Number(size.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 });
  return amount < 0 ? `−${text}` : text;
}

/** @param options on a logarithmic scale, a domain of positive amounts */
export function axis({ scale, domain, range, count, whole = false }: AxisOptions): Axis {
  const ends = [...range];
  if (scale === 'log') {
    const to = scaleLog()
      .domain([...domain])
      .range(ends);
    return {
      at: (amount) => to(amount),
      ticks: logTicks(...domain).map((tick) => ({ px: to(tick), label: tickLabel(tick) })),
    };
  }
  const to = scaleLinear()
    .domain([...domain])
    .range(ends);
  const ticks = to.ticks(count).filter((tick) => !whole || Number.isInteger(tick));
  return { at: (amount) => to(amount), ticks: ticks.map((tick) => ({ px: to(tick), label: tickLabel(tick) })) };
}
