/** The flags of `npm run advise`, and the resulting needs. Pure. */
import {
  CLIENTS,
  type Client,
  DEFAULT_NEEDS,
  faultsOf,
  hidesFromScripts,
  type Needs,
  type NumericNeed,
  OUTAGES,
  type Prices,
  RANGES,
  STORES,
} from '../../core/advise/needs.ts';
import type { PriceList } from '../../core/advise/plan/prices.ts';
import { ranked } from '../../core/advise/plan/ranked-prices.ts';
import { durationText } from '../../core/advise/words.ts';
import { UsageError } from '../../core/errors.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Faults, FlagTable, Invocation } from '../command.ts';
import { millisecondsOf, readChoice, readNames } from '../parse/values.ts';
import { JSON_OUTPUT } from './shared.ts';

/** Each need as a flag, in the order of the questions on a terminal. */
const NEED_FLAGS = {
  users: { value: 'N', help: `Keep this many users logged in, such as 2e6 (default: ${DEFAULT_NEEDS.users}).` },
  rps: { value: 'N', help: `Serve this many requests per second (default: ${DEFAULT_NEEDS.requestsPerSecond}).` },
  clients: {
    value: 'LIST',
    help: `Serve these clients: ${CLIENTS.join(', ')} (default: ${DEFAULT_NEEDS.clients.join(',')}).`,
  },
  'cross-origin': { value: 'yes|no', help: 'Serve pages of another site in a browser (default: no).' },
  'revoke-within': {
    value: 'TIME',
    help: 'Refuse a revoked credential after this time, such as 0, 5s or 15m, or never (default: never).',
  },
  'critical-within': {
    value: 'TIME',
    help: 'Refuse it sooner for critical operations (default: as --revoke-within).',
  },
  'critical-share': {
    value: 'PCT',
    help: `Expect this share of requests to be critical (default: ${DEFAULT_NEEDS.criticalShare * 100} %).`,
  },
  outage: {
    value: 'HOW',
    help: 'While Redis is unavailable, refuse requests or answer reads: refuse or answer (default: refuse).',
  },
  store: { value: 'WHERE', help: 'Keep state in redis, only in the process, or none (default: redis).' },
  rtt: {
    value: 'TIME',
    help: `Assume this round-trip time to Redis (default: ${durationText(DEFAULT_NEEDS.rttMs)}).`,
  },
  p99: { value: 'TIME', help: 'Answer 99 % of requests within this time, such as 20ms (default: no limit).' },
  'verified-elsewhere': {
    value: 'yes|no',
    help: 'Require that services can verify credentials without being able to issue them (default: no).',
  },
  'keep-from-scripts': {
    value: 'yes|no',
    help: 'Hide the credential from scripts in the page (default: yes for browsers, no for pages of another site).',
  },
  'hand-tuned': { value: 'yes|no', help: 'Consider hand-written code that no library maintains (default: no).' },
  sticky: { value: 'yes|no', help: 'Allow sticky routing of users to one replica (default: no).' },
  utilisation: {
    value: 'PCT',
    help: `Plan for this utilisation of replicas and Redis (default: ${DEFAULT_NEEDS.utilisation * 100} %).`,
  },
  prices: {
    value: 'A,B,C|FILE',
    help: 'Rank by price: of one replica and one Redis node per month, and a gigabyte of traffic, such as 30,200,0.05; or use the hosts of a file such as prices.json (default: rank by CPU time).',
  },
  budget: { value: 'N', help: 'Spend at most this per month, in the currency of --prices (default: no limit).' },
} as const satisfies FlagTable;
export type NeedFlag = keyof typeof NEED_FLAGS;

/** The default loads, as they are typed. */
const USUAL_LOADS = ['1e5', '1e6', '1e7'] as const;
/** No sensible plan has more tables. */
const MOST_LOADS = 10;

export const ADVISE_FLAGS = {
  ...NEED_FLAGS,
  replicas: {
    value: 'N',
    help: 'Also report the capacity of this many replicas (default: as many as the load needs).',
  },
  run: { value: 'DIR', help: 'Use the figures of this run (default: results/latest, else the reference run).' },
  at: {
    value: 'LIST',
    help: `Plan hosts, network, Redis shards and cost for these requests per second; needs --prices FILE (default: ${USUAL_LOADS.join(',')}).`,
  },
  adr: { value: 'FILE', help: 'Write the decision as a MADR 4 record, such as docs/adr/0001-authentication.md.' },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** `5s`, `300ms`, `15m` → ms; `0` needs no unit. */
function readMs(flag: string, text: string, need: NumericNeed, faults: Faults): number | null {
  // A time of nothing needs no unit; any other number does.
  const ms = millisecondsOf(text, 1) === 0 ? 0 : millisecondsOf(text);
  const { low, high } = RANGES[need];
  const least = need === 'revokeWithinMs' || need === 'criticalWithinMs' ? 0 : low;
  if (ms >= least && ms <= high) return ms;
  faults.push(
    `--${flag}: ${JSON.stringify(text.trim())} must be a time from ${durationText(least)} to ${durationText(high)}, such as 300ms, 5s or 15m`,
  );
  return null;
}

/** `40000`, `2e6`, `0.5`. */
function readAmount(flag: string, text: string, need: NumericNeed, faults: Faults): number | null {
  const value = /^\d+(\.\d+)?(e\d{1,2})?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  const { low, high } = RANGES[need];
  if (value >= low && value <= high) return value;
  faults.push(
    `--${flag}: ${JSON.stringify(text.trim())} must be a number from ${low} to ${formatCount(high)}, such as 40000 or 2e6`,
  );
  return null;
}

function readShare(flag: string, text: string, need: 'criticalShare' | 'utilisation', faults: Faults): number | null {
  const share = /^\d+(\.\d+)?\s*%?$/.test(text.trim()) ? Number(text.replace('%', '')) / 100 : Number.NaN;
  const { low, high } = RANGES[need];
  if (share >= low && share <= high) return share;
  faults.push(`--${flag}: ${JSON.stringify(text.trim())} must be a percentage from ${low * 100} to ${high * 100}`);
  return null;
}

function readPrices(text: string, faults: Faults): Prices | null {
  const parts = text.split(',').map((part) => (/^\s*\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  const [replica = Number.NaN, redisNode = Number.NaN, gigabyte = Number.NaN] = parts;
  if (parts.length === 3 && parts.every((part) => part >= 0 && part <= 1e9)) return { replica, redisNode, gigabyte };
  faults.push(
    `--prices: ${JSON.stringify(text.trim())} must be three prices: replica, Redis node, gigabyte, such as 30,200,0.05; or a file such as prices.json`,
  );
  return null;
}

function pricesOf(text: string | undefined, list: PriceList | null, faults: Faults): Prices | null {
  if (list !== null) return ranked(list);
  // A fault of the file has already been reported.
  return text === undefined || isFile(text) ? null : readPrices(text, faults);
}

/** Whether prices are given as a file rather than three numbers. */
const isFile = (text: string) => !/^[\d.,\s-]*$/.test(text);

/** The file that --prices names; null if it names none. Adds its faults. The reader is loaded only then. */
export async function readPriceList(text: string | undefined, faults: Faults): Promise<PriceList | null> {
  if (text === undefined || !isFile(text)) return null;
  const { readPrices } = await import('../../core/advise/plan/prices.ts');
  try {
    return readPrices(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    faults.push(...error.faults);
    return null;
  }
}

/** The loads of the plan, ascending; empty without a price list. */
export function readLoads(text: string | undefined, list: PriceList | null, faults: Faults): readonly number[] {
  if (text !== undefined && list === null)
    faults.push('--at needs a file of prices: --prices prices.json, by the schema prices.schema.json');
  const parts = (text ?? USUAL_LOADS.join(',')).split(',');
  if (parts.length > MOST_LOADS) faults.push(`--at: ${parts.length} loads: plan for at most ${MOST_LOADS}`);
  const loads = parts.slice(0, MOST_LOADS).flatMap((part) => readAmount('at', part, 'requestsPerSecond', faults) ?? []);
  return list === null ? [] : [...new Set(loads)].toSorted((a, b) => a - b);
}

/** Reads the needs from their flags; a need without a flag has its default. @param list the prices of a file */
export function readNeeds(
  values: Readonly<Partial<Record<string, string>>>,
  faults: Faults,
  list: PriceList | null = null,
): Needs {
  const given = faults.length;
  const read = <T>(flag: NeedFlag, other: T, reader: (text: string) => T | null): T => {
    const text = values[flag];
    return text === undefined ? other : (reader(text) ?? other);
  };
  const yesNo = (flag: NeedFlag, other: boolean) =>
    read(flag, other, (text) => {
      const found = readChoice(flag, text, ['yes', 'no'], faults);
      return found === null ? null : found === 'yes';
    });
  const deadline = (flag: NeedFlag, need: 'revokeWithinMs' | 'criticalWithinMs', other: number | null) => {
    const text = values[flag];
    if (text === undefined) return other;
    return text.trim() === 'never' ? null : readMs(flag, text, need, faults);
  };
  const amount = (flag: NeedFlag, need: NumericNeed, other: number) =>
    read(flag, other, (text) => readAmount(flag, text, need, faults));
  const clients = read('clients', DEFAULT_NEEDS.clients, (text) =>
    readNames('clients', text, CLIENTS, faults).filter((name): name is Client => CLIENTS.some((one) => one === name)),
  );
  const crossOrigin = yesNo('cross-origin', DEFAULT_NEEDS.crossOrigin);
  const revokeWithinMs = deadline('revoke-within', 'revokeWithinMs', DEFAULT_NEEDS.revokeWithinMs);
  const needs: Needs = {
    users: amount('users', 'users', DEFAULT_NEEDS.users),
    requestsPerSecond: amount('rps', 'requestsPerSecond', DEFAULT_NEEDS.requestsPerSecond),
    criticalShare: read('critical-share', DEFAULT_NEEDS.criticalShare, (text) =>
      readShare('critical-share', text, 'criticalShare', faults),
    ),
    rttMs: read('rtt', DEFAULT_NEEDS.rttMs, (text) => readMs('rtt', text, 'rttMs', faults)),
    revokeWithinMs,
    criticalWithinMs: deadline('critical-within', 'criticalWithinMs', revokeWithinMs),
    clients,
    crossOrigin,
    keepFromScripts: yesNo('keep-from-scripts', hidesFromScripts(clients, crossOrigin)),
    verifiedElsewhere: yesNo('verified-elsewhere', DEFAULT_NEEDS.verifiedElsewhere),
    outage: read('outage', DEFAULT_NEEDS.outage, (text) => readChoice('outage', text, OUTAGES, faults)),
    store: read('store', DEFAULT_NEEDS.store, (text) => readChoice('store', text, STORES, faults)),
    sticky: yesNo('sticky', DEFAULT_NEEDS.sticky),
    handTuned: yesNo('hand-tuned', DEFAULT_NEEDS.handTuned),
    utilisation: read('utilisation', DEFAULT_NEEDS.utilisation, (text) =>
      readShare('utilisation', text, 'utilisation', faults),
    ),
    p99Ms: values.p99 === undefined ? null : readMs('p99', values.p99, 'p99Ms', faults),
    prices: pricesOf(values.prices, list, faults),
    budget: values.budget === undefined ? null : readAmount('budget', values.budget, 'budget', faults),
  };
  // A misread flag would look like a contradiction.
  if (faults.length === given) {
    if (values.budget !== undefined && values.prices === undefined)
      faults.push('--budget needs --prices: of a replica, a Redis node and a gigabyte');
    else faults.push(...faultsOf(needs).map((fault) => `the requirements contradict each other: ${fault}`));
  }
  return needs;
}

export interface AdviseOptions {
  readonly replicas: number | null;
  readonly run: string | null;
  readonly adr: string | null;
  readonly json: boolean;
  /** Whether any need was given. */
  readonly hasNeeds: boolean;
}

export function readAdviseOptions(
  { values, switches }: Pick<Invocation, 'values' | 'switches'>,
  replicas: number | null,
): AdviseOptions {
  return {
    replicas,
    run: values.run ?? null,
    adr: values.adr ?? null,
    json: switches.has('json'),
    hasNeeds: Object.keys(NEED_FLAGS).some((flag) => values[flag] !== undefined),
  };
}
