/** The command line of `npm run calibrate`. Pure: words in, a command or every fault out. */
import { parseArgs } from 'node:util';
import type { DriveRequest } from '../../bench/calibrate/drive-url.ts';

export const HELP = `Usage: npm run calibrate -- [options]

Drives servers whose latency is known and says how far the generators are from the truth. The result is kept for the
metadata of later runs.

  --rounds N        rounds for each server and generator; the median round counts (default 3)
  --out DIR         where calibration.json goes (default results)

Or drives any server on this machine and prints what was measured:

  --url URL         GET this URL; only http on loopback
  --rate R          open loop: requests per second, latency from the intended send time
  --connections C   closed loop: as fast as C connections go. With --rate: connections kept open (default 64)
  --seconds S       how long (default 10)

  --json            print JSON
  --help            print this

Exit codes: 0 done, 1 a target was missed, 2 wrong usage, 3 the environment lacks something, 130 interrupted
`;

export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'calibrate'; readonly rounds: number; readonly out: string; readonly json: boolean }
  | (DriveRequest & { readonly do: 'drive'; readonly json: boolean });

const FLAGS = ['json', 'help'];
const VALUES = ['rounds', 'out', 'url', 'rate', 'connections', 'seconds'];
const DRIVE_ONLY = ['rate', 'connections', 'seconds'];
const CALIBRATE_ONLY = ['rounds', 'out'];

/** @returns the command, or one line for each fault: all of them at once */
export function parseCommand(words: readonly string[]): Command | { readonly faults: string[] } {
  const options = Object.fromEntries([
    ...FLAGS.map((name) => [name, { type: 'boolean' }] as const),
    ...VALUES.map((name) => [name, { type: 'string' }] as const),
  ]);
  const { tokens } = parseArgs({ args: [...words], options, strict: false, tokens: true, allowPositionals: true });
  const faults: string[] = [];
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`${token.value}: there is nothing it could mean`);
    if (token.kind !== 'option') continue;
    if (FLAGS.includes(token.name)) {
      if (token.value !== undefined) faults.push(`${token.rawName}: takes no value`);
      given.set(token.name, '');
    } else if (!VALUES.includes(token.name)) {
      faults.push(`${token.rawName}: there is no such option; see --help`);
    } else if (token.value === undefined || token.value === '' || token.value.startsWith('--')) {
      faults.push(`${token.rawName}: needs a value`);
    } else {
      given.set(token.name, token.value);
    }
  }
  if (given.has('help')) return { do: 'help' };

  const number = (name: string, fallback: number, low: number, high: number, whole: boolean): number => {
    const text = given.get(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    const right = /^\d+(\.\d+)?$/.test(text) && value >= low && value <= high && (!whole || Number.isInteger(value));
    if (!right) faults.push(`--${name} ${text}: must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`);
    return right ? value : fallback;
  };
  const drives = given.has('url');
  for (const name of drives ? CALIBRATE_ONLY : DRIVE_ONLY) {
    if (given.has(name)) faults.push(`--${name}: ${drives ? 'means nothing with --url' : 'needs --url'}`);
  }
  const rounds = number('rounds', 3, 1, 99, true);
  const rate = number('rate', 1, 0.1, 200_000, false);
  const connections = number('connections', 64, 1, 10_000, true);
  const seconds = number('seconds', 10, 0.1, 3600, false);
  const url = drives ? parseUrl(given.get('url') ?? '', faults) : null;
  if (drives && !given.has('rate') && !given.has('connections')) {
    faults.push('--url: needs --rate (open loop) or --connections (closed loop)');
  }
  if (faults.length > 0) return { faults };
  const json = given.has('json');
  if (url === null) return { do: 'calibrate', rounds, out: given.get('out') ?? 'results', json };
  return { do: 'drive', url, rate: given.has('rate') ? rate : null, connections, seconds, json };
}

function parseUrl(text: string, faults: string[]): URL | null {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' || url.username !== '' || url.password !== '') {
    faults.push(`--url ${text}: must be an http URL without credentials, such as http://127.0.0.1:3000/`);
    return null;
  }
  return url;
}
