/** Bodies that are not JSON, or not valid for the route. Pure; text is latin1, one character for each byte. */
import type { Random } from '../../../core/stats/random.ts';
import { garbage, one, times } from './pieces.ts';

export interface FuzzBody {
  readonly name: string;
  /** The content type; null for none. */
  readonly type: string | null;
  readonly text: string;
}

const NAMES = [
  'username',
  'password',
  'credential',
  'refreshToken',
  'to',
  'amount',
  '__proto__',
  'constructor',
  'x',
] as const;
const VALUES = [
  'null',
  'true',
  '-0',
  '1e999',
  '1e-7',
  '9007199254740993',
  '""',
  '[]',
  '{}',
  '"\\ud800"',
  '"\\u0000"',
  '"a"',
] as const;

function value(random: Random, depth: number): string {
  switch (depth > 3 ? 0 : random.integer(4)) {
    case 1:
      return `[${times(random.integer(4), () => value(random, depth + 1)).join(',')}]`;
    case 2:
      return object(random, depth + 1);
    default:
      return one(random, VALUES);
  }
}

function object(random: Random, depth = 0): string {
  const fields = times(random.integer(6), () => `"${one(random, NAMES)}":${value(random, depth)}`);
  return `{${fields.join(',')}}`;
}

const TYPES = [
  'application/json; charset=utf-16',
  'application/json; charset=garbage; boundary=',
  'APPLICATION/JSON',
  'application/json;',
  'application/jsonx',
  'text/json',
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  '/',
  'application/',
  '',
] as const;

export function bodyOf(random: Random): FuzzBody {
  const type = 'application/json';
  const valid = object(random);
  switch (random.integer(10)) {
    case 0:
      return { name: 'garbage', type, text: garbage(random, random.integer(500)) };
    case 1:
      return { name: 'JSON cut short', type, text: valid.slice(0, random.integer(valid.length)) };
    case 2: {
      const depth = 1 + random.integer(6_000);
      const [open, close] = one(random, [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const);
      return {
        name: 'deep JSON',
        type,
        text: open.repeat(depth) + (random.integer(2) === 0 ? `1${close.repeat(depth)}` : ''),
      };
    }
    case 3:
      return { name: 'too much', type, text: `{"username":"${'a'.repeat(random.integer(60_000))}","password":"b"}` };
    case 4:
      return { name: 'another type', type: one(random, TYPES), text: valid };
    case 5:
      return { name: 'no type', type: null, text: valid };
    case 6:
      return {
        name: 'bytes that are not UTF-8',
        type,
        text: `{"username":"\xff\xfe\xc3\x28","password":"\xed\xa0\x80"}`,
      };
    case 7:
      return { name: 'a byte order mark', type, text: `\xef\xbb\xbf${valid}` };
    case 8:
      return {
        name: 'one field many times',
        type,
        text: `{${times(200, () => `"username":${value(random, 3)}`).join(',')}}`,
      };
    default:
      return { name: 'JSON of another shape', type, text: random.integer(4) === 0 ? value(random, 0) : valid };
  }
}
