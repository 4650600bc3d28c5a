/** Replays claims about sizes: the bytes that a logged-in client of each arm sends with every request. */
import { mean } from '../../core/stats/location.ts';
import type { Finding, FindingName } from '../finding.ts';
import { withFleets } from './fleets.ts';
import { finding, type Replay } from './replay.ts';

const LOGINS = 8;
const ARMS = {
  'session-bytes': 'session-redis',
  'hs256-bytes': 'jwt-hs256',
  'rs256-bytes': 'jwt-rs256',
} as const satisfies Partial<Record<FindingName, string>>;

/** Bytes of the header lines on the wire, including names and line ends. */
export function lineBytes(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}: ${value}\r\n`), 0);
}

/** Counted, so there is no confidence interval: low and high are the minimum and maximum of the logins. */
function counted(name: FindingName, values: readonly number[]): Finding {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // The mean of equal numbers may differ from them by a rounding error.
  const value = Math.min(high, Math.max(low, mean(values)));
  return finding(name, { value, low, high, confidence: 1, blocks: values.length, forks: 1 });
}

/** @param bytes of every login of each arm */
export function byteFindings(bytes: Readonly<Record<keyof typeof ARMS, readonly number[]>>): Finding[] {
  const own = (Object.keys(ARMS) as (keyof typeof ARMS)[]).map((name) => counted(name, bytes[name]));
  const ratios = bytes['hs256-bytes'].map((size, i) => size / (bytes['session-bytes'][i] ?? Number.NaN));
  return [...own, counted('hs256-bytes-over-session', ratios)];
}

export const bytes: Replay = {
  name: 'bytes',
  title: 'Bytes of a credential',
  method:
    `${LOGINS} users log in to one replica of each arm. The header lines that their clients then send with every request are ` +
    'counted as they go over the wire. The range is that of the logins, not a confidence interval.',
  seconds: 8,
  finds: ['session-bytes', 'hs256-bytes', 'rs256-bytes', 'hs256-bytes-over-session'],
  async run(context) {
    context.onStep('bytes of a credential');
    const sizes = await withFleets(context, Object.values(ARMS), LOGINS, async (fleets) =>
      fleets.map(({ credentials }) => credentials.map(({ headers }) => lineBytes(headers))),
    );
    const [session = [], hs256 = [], rs256 = []] = sizes;
    return byteFindings({ 'session-bytes': session, 'hs256-bytes': hs256, 'rs256-bytes': rs256 });
  },
};
