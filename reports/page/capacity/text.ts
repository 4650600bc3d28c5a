/**
 * A capacity in words and digits, the same on the built page and in the browser, which runs this file with its types
 * stripped: it imports types alone.
 */

import type { Capacity } from '../../../core/model/capacity.ts';
import type { Interval } from '../../../core/stats/interval.ts';

/** `1,234`, `56.7`: three digits, or whole. */
function digits(value: number): string {
  const decimals = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `12 [11–13]`; a range of nothing is told as one number. */
function ranged(range: Interval, show: (value: number) => string): string {
  const [value, low, high] = [show(range.value), show(range.low), show(range.high)];
  return low === high ? value : `${value} [${low}–${high}]`;
}

const SCALES = [
  { by: 1e12, name: 'T' },
  { by: 1e9, name: 'G' },
  { by: 1e6, name: 'M' },
  { by: 1e3, name: 'k' },
];

/** `1.50 GB [1.40–1.60]`: all three in the unit of the first. */
export function bytesText(range: Interval | null, unit: string): string {
  if (range === null) return 'not measured';
  const scale = SCALES.find(({ by }) => range.value >= by) ?? { by: 1, name: '' };
  const scaled = { value: range.value / scale.by, low: range.low / scale.by, high: range.high / scale.by };
  const [first, ...interval] = ranged(scaled, digits).split(' ');
  return [`${first}\u202f${scale.name}${unit}`, ...interval].join(' ');
}

function whole(value: number): string {
  return Math.max(1, Math.ceil(value)).toLocaleString('en-US');
}

/** In the order of the table's columns. */
export function capacityCells(capacity: Capacity): string[] {
  const { replicas, redisNodes, redisBytes, wireBytesPerSecond, oneRedisRps } = capacity;
  const none = redisNodes.value === 0;
  return [
    ranged(replicas, whole),
    none ? 'none' : ranged(redisNodes, whole),
    redisBytes !== null && redisBytes.value === 0 ? 'none' : bytesText(redisBytes, 'B'),
    bytesText(wireBytesPerSecond, 'B/s'),
    oneRedisRps === null
      ? 'no Redis'
      : ranged(oneRedisRps, (value) => Number(value.toPrecision(3)).toLocaleString('en-US')),
  ];
}

/** `10,000`, `2.5 million`: of a load or a number of sessions. */
export function amountText(amount: number): string {
  return amount >= 1e6 ? `${digits(amount / 1e6)} million` : amount.toLocaleString('en-US');
}
