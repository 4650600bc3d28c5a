/**
 * The inputs of the what-if panel, shared by the built page and the browser, which runs this file with its types
 * stripped: it imports only types and functions of the advice.
 */
import { CLIENTS, type Needs, OUTAGES, STORES } from '../../../core/advise/needs.ts';
import { amountText, durationText, percentText } from '../../../core/advise/words.ts';

const DAY = 86_400_000;

function series(low: number, high: number, digits: readonly number[]): number[] {
  const found: number[] = [];
  for (let power = low; power <= high; power *= 10)
    found.push(...digits.map((digit) => Number((digit * power).toPrecision(2))));
  return found.filter((value) => value <= high);
}

export type SliderKey =
  | 'users'
  | 'requestsPerSecond'
  | 'criticalShare'
  | 'rttMs'
  | 'revokeWithinMs'
  | 'criticalWithinMs'
  | 'utilisation'
  | 'p99Ms';

export interface Slider {
  readonly key: SliderKey;
  readonly label: string;
  /** The values of its steps; null for no limit. */
  readonly values: readonly (number | null)[];
  readonly text: (value: number) => string;
  /** The label of a null step. */
  readonly none: string;
}

const DEADLINES = [
  0,
  100,
  1000,
  2000,
  5000,
  10_000,
  30_000,
  60_000,
  120_000,
  300_000,
  600_000,
  900_000,
  3_600_000,
  DAY / 2,
  DAY,
  7 * DAY,
  30 * DAY,
  null,
];
const deadlineText = (value: number) => (value === 0 ? 'at once' : `within ${durationText(value)}`);

export const SLIDERS: readonly Slider[] = [
  {
    key: 'requestsPerSecond',
    label: 'Load',
    values: series(10, 1e6, [1, 1.5, 2, 3, 4, 5, 7]),
    text: (value) => `${amountText(value)} requests a second`,
    none: '',
  },
  { key: 'users', label: 'Users logged in', values: series(100, 1e9, [1, 2, 5]), text: amountText, none: '' },
  {
    key: 'revokeWithinMs',
    label: 'A revoked credential is refused',
    values: DEADLINES,
    text: deadlineText,
    none: 'when it expires',
  },
  {
    key: 'criticalWithinMs',
    label: 'By critical operations',
    values: DEADLINES,
    text: deadlineText,
    none: 'when it expires',
  },
  {
    key: 'criticalShare',
    label: 'Critical operations',
    values: [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    text: (value) => `${percentText(value)} of requests`,
    none: '',
  },
  {
    key: 'rttMs',
    label: 'Round-trip time to Redis',
    values: series(0.1, 100, [1, 2, 3, 5]),
    text: durationText,
    none: '',
  },
  {
    key: 'p99Ms',
    label: '99 % of requests answered within',
    values: [...series(0.1, 1000, [1, 2, 5]), null],
    text: durationText,
    none: 'no limit',
  },
  {
    key: 'utilisation',
    label: 'Utilisation of cores',
    values: Array.from({ length: 14 }, (_, step) => (30 + 5 * step) / 100),
    text: percentText,
    none: '',
  },
];

export interface Choice {
  readonly key: 'crossOrigin' | 'keepFromScripts' | 'verifiedElsewhere' | 'sticky' | 'handTuned';
  readonly label: string;
}

export const CHOICES: readonly Choice[] = [
  { key: 'keepFromScripts', label: 'No script in the page may read the credential' },
  { key: 'crossOrigin', label: 'Pages of another site call it' },
  { key: 'verifiedElsewhere', label: 'Services that must not issue credentials can verify them' },
  { key: 'sticky', label: 'Users may be bound to one replica' },
  { key: 'handTuned', label: 'Consider hand-written code' },
];

/** The step for a value, or the next one. */
export function stepOf({ values }: Slider, value: number | null): number {
  if (value === null) return values.length - 1;
  let nearest = 0;
  for (const [step, other] of values.entries()) {
    const now = values[nearest];
    if (other !== null && now !== null && now !== undefined && Math.abs(other - value) <= Math.abs(now - value))
      nearest = step;
  }
  return nearest;
}

export function sliderText({ values, text, none }: Slider, step: number): string {
  const value = values[step];
  return value === null || value === undefined ? none : text(value);
}

const PREFIX = '#what-if:';

/** The needs that differ from `start`, as a URL fragment; empty if none does. */
export function fragmentOf(needs: Needs, start: Needs, replicas: number): string {
  const parts = [
    ...SLIDERS.map(({ key }) => key),
    ...CHOICES.map(({ key }) => key),
    'outage' as const,
    'store' as const,
  ]
    .filter((key) => needs[key] !== start[key])
    .map((key) => `${key}=${needs[key]}`);
  if (needs.clients.join() !== start.clients.join()) parts.push(`clients=${needs.clients.join('+')}`);
  const { prices, budget } = needs;
  if (prices !== null) parts.push(`prices=${prices.replica}+${prices.redisNode}+${prices.gigabyte}`);
  if (budget !== null) parts.push(`budget=${budget}`);
  if (replicas !== 0) parts.push(`replicas=${replicas}`);
  return parts.length === 0 ? '' : PREFIX + parts.join(',');
}

export interface PanelState {
  readonly needs: Needs;
  /** The number of replicas to size a load for; 0 for none. */
  readonly replicas: number;
}

const amountOf = (text: string): number => (/^\d+(\.\d+)?(e\+?\d+)?$/.test(text) ? Number(text) : Number.NaN);

/** Reads the state from a URL fragment, which may be any text: an invalid answer leaves the question unchanged. */
export function stateOf(fragment: string, start: Needs): PanelState | null {
  if (!fragment.startsWith(PREFIX)) return null;
  const given = new Map(
    fragment
      .slice(PREFIX.length)
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const),
  );
  const changed: Record<string, unknown> = {};
  for (const slider of SLIDERS) {
    const text = given.get(slider.key);
    if (text === undefined) continue;
    const value = text === 'null' && slider.values.includes(null) ? null : amountOf(text);
    if (value === null || Number.isFinite(value)) changed[slider.key] = slider.values[stepOf(slider, value)];
  }
  for (const { key } of CHOICES) {
    const text = given.get(key);
    if (text === 'true' || text === 'false') changed[key] = text === 'true';
  }
  const clients = (given.get('clients') ?? '').split('+');
  const known = CLIENTS.filter((client) => clients.includes(client));
  if (known.length > 0) changed.clients = known;
  changed.outage = OUTAGES.find((one) => one === given.get('outage')) ?? start.outage;
  changed.store = STORES.find((one) => one === given.get('store')) ?? start.store;
  const prices = (given.get('prices') ?? '').split('+').map(amountOf);
  const [replica = 0, redisNode = 0, gigabyte = 0] = prices;
  const isPriced = prices.length === 3 && prices.every(Number.isFinite);
  changed.prices = isPriced ? { replica, redisNode, gigabyte } : null;
  const budget = amountOf(given.get('budget') ?? '');
  changed.budget = isPriced && budget > 0 ? budget : null;
  const replicas = amountOf(given.get('replicas') ?? '');
  return { needs: { ...start, ...changed }, replicas: Number.isInteger(replicas) ? Math.min(replicas, 1e6) : 0 };
}
