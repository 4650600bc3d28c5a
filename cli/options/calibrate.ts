/** The flags of `npm run calibrate`, and the resulting options. Pure. */
import type { DriveCommand } from '../../bench/calibrate/drive-url.ts';
import type { Faults, FlagTable, Invocation } from '../command.ts';
import { readInteger, readNumber, readSeconds } from '../parse/values.ts';
import { RESULTS } from '../root.ts';
import { JSON_OUTPUT } from './shared.ts';

export const CALIBRATE_FLAGS = {
  rounds: {
    value: 'N',
    help: 'Measure each server this many times with each generator, and use the median (default: 3).',
  },
  out: { value: 'DIR', help: `Write calibration.json here (default: ${RESULTS}).` },
  url: { value: 'URL', help: 'Load this server instead, with GET; only http on this machine.' },
  rate: { value: 'N', help: 'With --url: send N requests per second, regardless of responses (open loop).' },
  connections: {
    value: 'N',
    help: 'With --url: send as fast as N connections allow (closed loop). With --rate: keep N open (default: 64).',
  },
  seconds: { value: 'TIME', help: 'With --url: send load for this time (default: 10s).' },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** How long a server may be loaded. */
const DRIVE_TIME = { least: 0.1, most: 3600, wanted: 'a time from 100ms to 1h, such as 10s' };
const DRIVE_ONLY = ['rate', 'connections', 'seconds'] as const;
const CALIBRATE_ONLY = ['rounds', 'out'] as const;

export type CalibrateOptions =
  | { readonly does: 'calibrate'; readonly rounds: number; readonly out: string; readonly json: boolean }
  | (DriveCommand & { readonly does: 'drive'; readonly json: boolean });

export function readCalibrateOptions({
  values,
  switches,
  faults,
}: Pick<Invocation, 'values' | 'switches' | 'faults'>): CalibrateOptions {
  const drives = values.url !== undefined;
  for (const name of drives ? CALIBRATE_ONLY : DRIVE_ONLY) {
    if (values[name] !== undefined) faults.push(`--${name} ${drives ? 'cannot be combined with' : 'needs'} --url`);
  }
  const rounds = readInteger('rounds', values.rounds ?? '3', 1, 99, faults) ?? 0;
  const rate = values.rate === undefined ? null : readNumber('rate', values.rate, 0.1, 200_000, faults);
  const connections = readInteger('connections', values.connections ?? '64', 1, 10_000, faults) ?? 0;
  const seconds = readSeconds('seconds', values.seconds ?? '10s', faults, DRIVE_TIME) ?? 0;
  const json = switches.has('json');
  if (values.url === undefined) return { does: 'calibrate', rounds, out: values.out ?? RESULTS, json };
  if (values.rate === undefined && values.connections === undefined) {
    faults.push('--url needs --rate (open loop) or --connections (closed loop)');
  }
  return { does: 'drive', url: readUrl(values.url, faults), rate, connections, seconds, json };
}

function readUrl(text: string, faults: Faults): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' && url.username === '' && url.password === '') return url;
  // A password in it must not be printed.
  faults.push('--url must be an http URL without credentials, such as http://127.0.0.1:3000/');
  return new URL('http://127.0.0.1/');
}
