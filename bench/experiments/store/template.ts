/**
 * The Redis entries of one login, as a template that can be filled with fresh ids. Keys and values are those that the
 * arm wrote, so their sizes are right for its layout, whatever that is. Pure.
 */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';

const closed = { additionalProperties: false } as const;

/**
 * `string`: one value; `hash`: field, value, …; `zset`: member, score, …: all as returned by Redis, with ids
 * replaced.
 */
export const EntryTemplate = Type.Object(
  {
    type: Type.Union([Type.Literal('string'), Type.Literal('hash'), Type.Literal('zset')]),
    key: Type.String(),
    parts: Type.Array(Type.String()),
    /** Remaining time to live when it was read. */
    ttlMs: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type EntryTemplate = Static<typeof EntryTemplate>;

export interface StoreTemplate {
  /** The first one is looked up by requests, the others are indexes of it. */
  readonly entries: readonly EntryTemplate[];
  /** Lengths of the ids to generate, in characters. */
  readonly idLengths: readonly number[];
}

/** Marks the number of an id in a template. It occurs in no text in Redis. */
const MARK = '\u0001';
const SEPARATORS = /[:{}]/;
const segments = (key: string) => key.split(SEPARATORS).filter((segment) => segment !== '');

/** @param own the entries of the login @param others keys of other logins: text in both is not an id */
export function templateOf(own: readonly EntryTemplate[], others: readonly string[]): StoreTemplate {
  const common = new Set(others.flatMap(segments));
  const ids = [...new Set(own.flatMap(({ key }) => segments(key)))].filter((segment) => !common.has(segment));
  // Longer ones first, because one may be part of another.
  ids.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const replace = (text: string) =>
    ids.reduce((result, id, index) => result.replaceAll(id, `${MARK}${index}${MARK}`), text);
  const entries = own.map((entry) => ({ ...entry, key: replace(entry.key), parts: entry.parts.map(replace) }));
  // The entry looked up by requests has the longest id, and is not an index, which lists others.
  const rank = ({ type }: EntryTemplate) => (type === 'zset' ? 1 : 0);
  entries.sort((a, b) => rank(a) - rank(b));
  return { entries, idLengths: ids.map(({ length }) => length) };
}

/**
 * The ids of copy number `n`: a letter, so that Redis never stores one as an integer, and the number in hexadecimal.
 */
export function idsOf({ idLengths }: Pick<StoreTemplate, 'idLengths'>, n: number): readonly string[] {
  return idLengths.map((length) => `x${n.toString(16).padStart(length - 1, '0')}`);
}

/** A text of the template for copy number `n`. */
export function filledIn(template: StoreTemplate, text: string, n: number): string {
  const ids = idsOf(template, n);
  return text.replace(new RegExp(`${MARK}(\\d+)${MARK}`, 'g'), (_all, index: string) => ids[Number(index)] ?? '');
}

/** How many copies the shortest id can distinguish. */
export function mostCopies({ idLengths }: StoreTemplate): number {
  return 16 ** Math.min(12, ...idLengths.map((length) => length - 1));
}

/** Texts are split once, into fixed parts and id numbers: each copy then only joins them. */
const EACH_COPY = `
local entries, lengths = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
local first, count = tonumber(ARGV[3]), tonumber(ARGV[4])
local function apart(text)
  local pieces, rest = {}, 1
  for before, index, after in text:gmatch('([^\\1]*)\\1(%d+)\\1()') do
    pieces[#pieces + 1] = before
    pieces[#pieces + 1] = tonumber(index) + 1
    rest = after
  end
  pieces[#pieces + 1] = text:sub(rest)
  return pieces
end
local ids, formats = {}, {}
local function fill(pieces)
  local text = pieces[1]
  for i = 2, #pieces, 2 do text = text .. ids[pieces[i]] .. pieces[i + 1] end
  return text
end
for i, length in ipairs(lengths) do formats[i] = 'x%0' .. (length - 1) .. 'x' end
for _, entry in ipairs(entries) do
  entry.key = apart(entry.key)
  for i, part in ipairs(entry.parts) do entry.parts[i] = apart(part) end
end
for n = first, first + count - 1 do
  for i, format in ipairs(formats) do ids[i] = string.format(format, n) end
  for _, entry in ipairs(entries) do
    local key = fill(entry.key)
`;
const END = `
  end
end
return count
`;

/**
 * Runs in Redis. KEYS: none, since it creates them. ARGV: the entries, the ids' lengths, the first copy, the number
 * of copies.
 */
export const FILL_SCRIPT = `${EACH_COPY}
    local parts = {}
    for i, part in ipairs(entry.parts) do parts[i] = fill(part) end
    if entry.type == 'string' then
      redis.call('SET', key, parts[1], 'PX', entry.ttlMs)
    else
      if entry.type == 'hash' then
        redis.call('HSET', key, unpack(parts))
      else
        for i = 1, #parts, 2 do redis.call('ZADD', key, parts[i + 1], parts[i]) end
      end
      redis.call('PEXPIRE', key, entry.ttlMs)
    end
${END}`;

/** Runs in Redis. ARGV as above, and the moment at which all of these copies expire, in ms since the epoch. */
export const EXPIRE_SCRIPT = `${EACH_COPY}
    redis.call('PEXPIREAT', key, ARGV[5])
${END}`;
