/** The labels of axes, from the vega expressions in the specs. Pure. */
import { AMOUNT } from '../shapes/axes.ts';
import { isPart, notDirect } from './subset.ts';

const DIGITS = 6;

/** d3's format `,.6~r`: six significant digits without trailing zeros, with commas between thousands. */
export function sixDigits(value: number): string {
  if (value === 0) return '0';
  const exact = Math.abs(Number(value.toPrecision(DIGITS)));
  const places = DIGITS - 1 - Math.floor(Math.log10(exact));
  const [whole = '', part = ''] = exact.toFixed(Math.min(100, Math.max(0, places))).split('.');
  const tail = part.replace(/0+$/, '');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${value < 0 ? '−' : ''}${grouped}${tail === '' ? '' : `.${tail}`}`;
}

const amount = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${sixDigits(value / 1e6).replaceAll(',', '')}M`;
  return size >= 1e4 ? `${sixDigits(value / 1e3).replaceAll(',', '')}k` : sixDigits(value);
};

const LOOKED_UP = '[datum.value]';
const WITH_UNIT = `(${AMOUNT}) + `;

/**
 * @returns the label of a tick
 * @throws NotDirect for an expression other than those of `axes.ts`
 */
export function labelsOf(expression: unknown): (value: number) => string {
  if (expression === AMOUNT) return amount;
  if (typeof expression !== 'string') return notDirect('an axis without an expression for its labels');
  if (expression.startsWith(WITH_UNIT)) {
    const unit: unknown = JSON.parse(expression.slice(WITH_UNIT.length));
    return (value) => `${amount(value)}${unit}`;
  }
  if (!expression.endsWith(LOOKED_UP)) return notDirect('another expression for labels');
  const labels: unknown = JSON.parse(expression.slice(0, -LOOKED_UP.length));
  return (value) => {
    const label = isPart(labels) ? labels[value] : undefined;
    return typeof label === 'string' ? label : notDirect('a tick without a label');
  };
}
