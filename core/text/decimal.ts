/**
 * Writes numbers as `Intl.NumberFormat('en-US')` does; tests compare the two on many thousands of numbers. The first
 * `Intl.NumberFormat` of a process loads the data of all languages, which takes longer than Node takes to start. Pure.
 */

/** The shortest decimal that stands for a number: its digits, and how many of them precede the decimal point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function shortest(value: number): Decimal {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** Adds one to a whole number: `129` → `130`, `99` → `100`, nothing → `1`. */
function nextUp(digits: string): string {
  const nines = /9*$/.exec(digits)?.[0].length ?? 0;
  const head = digits.slice(0, digits.length - nines);
  const raised = head === '' ? '1' : `${head.slice(0, -1)}${Number(head.at(-1)) + 1}`;
  return `${raised}${'0'.repeat(nines)}`;
}

/** Rounds half up, by the decimal: 1.005 has the binary value 1.00499…, and is 1.01 to two places. */
function inUnits({ digits, point }: Decimal, places: number): string {
  const kept = point + places;
  if (kept < 0) return '0';
  const head = digits.slice(0, kept).padEnd(kept, '0');
  const isUp = (digits[kept] ?? '0') >= '5';
  return (isUp ? nextUp(head) : head) || '0';
}

/** @param places decimals; negative ones round to tens, hundreds … @param least decimals that are kept if they are 0 */
function write(value: number, decimal: Decimal, places: number, least: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : '∞';
  const units = inUnits(decimal, places);
  const decimals = Math.max(0, places);
  const all = units === '0' ? units : units.padEnd(units.length - Math.min(0, places), '0');
  const padded = all.padStart(decimals + 1, '0');
  const whole = padded.slice(0, padded.length - decimals).replace(/\B(?=(?:\d{3})+$)/g, ',');
  const fraction = padded.slice(padded.length - decimals);
  const end = fraction.replace(/0+$/, '').padEnd(least, '0');
  return end === '' ? whole : `${whole}.${end}`;
}

/** This many decimals, such as `1,234.50`. @param value not negative */
export function withDecimals(value: number, decimals: number): string {
  return write(value, shortest(value), decimals, decimals);
}

/** At most this many decimals, without trailing zeros, such as `1,234.5`. @param value not negative */
export function upToDecimals(value: number, decimals: number): string {
  return write(value, shortest(value), decimals, 0);
}

/** At most this many significant digits, without trailing zeros, such as `1,230` or `0.0123`. @param value not negative */
export function significantDigits(value: number, digits: number): string {
  const decimal = shortest(value);
  return write(value, decimal, digits - decimal.point, 0);
}
