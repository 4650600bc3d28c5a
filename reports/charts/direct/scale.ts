/** Linear and logarithmic scales and their ticks, with the same results as d3 and vega, to the last bit. Pure. */
import { notDirect, numberOf, numbersOf, type Part, partOf } from './subset.ts';

export interface AxisScale {
  readonly isLog: boolean;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** @returns px; NaN or infinite for an amount that the scale cannot show */
  at(amount: number): number;
}

const pairOf = (value: unknown, what: string): readonly [number, number] => {
  const [first, last, ...more] = numbersOf(value, what);
  if (first === undefined || last === undefined || more.length > 0) return notDirect(`${what} is no pair`);
  return [first, last];
};

/** The domain, widened so that its original ends are `padding` px inside the range. */
function padded(
  [low, high]: readonly [number, number],
  span: number,
  padding: number,
  isLog: boolean,
): [number, number] {
  if (padding === 0) return [low, high];
  const [lift, ground] = isLog ? [Math.log, Math.exp] : [(one: number) => one, (one: number) => one];
  const by = span / (span - 2 * padding);
  const [from, to] = [lift(low), lift(high)];
  const middle = (from + to) / 2;
  return [ground(middle + (from - middle) * by), ground(middle + (to - middle) * by)];
}

/**
 * @param spec of a channel, with a domain
 * @param whole the range in px if the spec has none
 * @throws NotDirect
 */
export function scaleOf(spec: unknown, whole: readonly [number, number]): AxisScale {
  const keys = ['type', 'domain', 'nice', 'zero', 'padding', 'range'];
  const { type, domain: given, nice, zero, padding, range: own }: Part = partOf(spec, keys, 'a scale');
  const isLog = type === 'log';
  if (!isLog && (type !== 'linear' || zero !== false)) notDirect('another type of scale');
  if (nice !== false) notDirect('a nice scale');
  const range = own === undefined ? whole : pairOf(own, 'a range');
  const span = Math.abs(range[1] - range[0]);
  const domain = padded(pairOf(given, 'a domain'), span, numberOf(padding ?? 0, 'a padding'), isLog);
  const unit = isLog ? Math.log : (one: number) => one;
  const [from, to] = [unit(domain[0]), unit(domain[1])];
  if (!(from < to)) notDirect('a domain that does not rise');
  return {
    isLog,
    domain,
    range,
    at(amount) {
      const share = (unit(amount) - from) / (to - from);
      return range[0] * (1 - share) + range[1] * share;
    },
  };
}

const [E10, E5, E2] = [Math.sqrt(50), Math.sqrt(10), Math.sqrt(2)];

interface Steps {
  /** Ticks are multiples of it; if it is negative, multiples of 1 / −step. */
  readonly step: number;
  readonly first: number;
  readonly last: number;
}

/** d3's choice of round steps, `tickSpec` of d3-array. */
function stepsOf(low: number, high: number, count: number): Steps {
  const step = (high - low) / Math.max(0, count);
  const power = Math.floor(Math.log10(step));
  const error = step / 10 ** power;
  const factor = error >= E10 ? 10 : error >= E5 ? 5 : error >= E2 ? 2 : 1;
  const isFraction = power < 0;
  const by = isFraction ? 10 ** -power / factor : 10 ** power * factor;
  const scaled = (value: number) => (isFraction ? value * by : value / by);
  const back = (index: number) => (isFraction ? index / by : index * by);
  let [first, last] = [Math.round(scaled(low)), Math.round(scaled(high))];
  if (back(first) < low) first++;
  if (back(last) > high) last--;
  if (last < first && 0.5 <= count && count < 2) return stepsOf(low, high, count * 2);
  return { step: isFraction ? -by : by, first, last };
}

/** The size of a step, as by `tickStep` of d3-array. */
function stepSize(low: number, high: number, count: number): number {
  const { step } = stepsOf(low, high, count);
  return step < 0 ? 1 / -step : step;
}

/** About this many round amounts of a linear domain. */
export function roundTicks([low, high]: readonly [number, number], about: number, leastStep?: number): number[] {
  let count = about;
  if (leastStep !== undefined) {
    count = Math.min(count, Math.floor((high - low) / leastStep || 1) + 1);
    while (count > 1 && stepSize(low, high, count) < leastStep) --count;
  }
  if (!(count > 0)) return [];
  const { step, first, last } = stepsOf(low, high, count);
  if (!(last >= first)) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => (step < 0 ? (first + i) / -step : (first + i) * step));
}

/** The values within the range, in its order. */
export function ticksWithin(values: readonly number[], { range, at }: AxisScale): number[] {
  const [low, high] = [Math.floor(Math.min(...range)), Math.ceil(Math.max(...range))];
  const sign = range[0] > range[1] ? -1 : 1;
  return values
    .map((value) => ({ value, px: at(value) }))
    .filter(({ px }) => low <= px && px <= high)
    .sort((a, b) => sign * (a.px - b.px))
    .map(({ value }) => value);
}
