/**
 * The results of a shard as lines of a log: journal and security checks, compressed, in numbered parts, with a hash
 * of the whole. Every container runtime keeps the log of an ended container, even if its volumes are not accessible. Pure.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runError } from '../core/errors.ts';
import { parseInert } from '../core/inert.ts';
import { checker } from '../core/results/validate.ts';
import { Type } from '../core/schema.ts';

const PREFIX = 'tollgate-results';
/** Container runtimes split lines of more than 16 KiB. */
const PART_CHARS = 8_000;
/** The limit for unpacked results: a hundred times the journal of a full run. */
const MOST_BYTES = 512 * 1024 * 1024;

/** The files of a run that a merge reads. */
export const RESULT_FILES = ['journal.jsonl', 'gate.json'] as const;
export type ResultFiles = Partial<Record<(typeof RESULT_FILES)[number], string>>;

const check = checker(
  Type.Object(
    { 'journal.jsonl': Type.Optional(Type.String()), 'gate.json': Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
);

/** @returns lines without line ends */
export function packResults(files: ResultFiles): string[] {
  const packed = gzipSync(JSON.stringify(files));
  const text = packed.toString('base64');
  const count = Math.max(1, Math.ceil(text.length / PART_CHARS));
  const parts = Array.from({ length: count }, (_, i) => {
    return `${PREFIX} ${i + 1}/${count} ${text.slice(i * PART_CHARS, (i + 1) * PART_CHARS)}`;
  });
  return [...parts, `${PREFIX} sha256 ${createHash('sha256').update(packed).digest('hex')}`];
}

const PART = /^tollgate-results (\d{1,7})\/(\d{1,7}) ([A-Za-z0-9+/=]*)$/;
const HASH = /^tollgate-results sha256 ([0-9a-f]{64})$/;

/**
 * @param log of a container, with other lines before, between and after
 *
 * @param whose the subject of errors, such as `shard 2`
 *
 * @throws {TollgateError} if results are missing, incomplete or altered
 */
export function unpackResults(log: string, whose: string): ResultFiles {
  const parts: string[] = [];
  let count = 0;
  let hash: string | null = null;
  for (const line of log.split('\n')) {
    const [, number, of, text = ''] = PART.exec(line.trimEnd()) ?? [];
    hash = HASH.exec(line.trimEnd())?.[1] ?? hash;
    if (number === undefined) continue;
    count = Number(of);
    parts[Number(number) - 1] = text;
  }
  const again = 'its log was truncated: allow longer logs (containerLogMaxSize of the kubelet), or run it again';
  if (count === 0) throw runError(`the log of ${whose} contains no results`, again);
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => parts[i] === undefined).length;
  if (missing > 0 || hash === null) {
    throw runError(`the log of ${whose} is incomplete: ${missing} of ${count} parts are missing`, again);
  }
  const packed = Buffer.from(parts.join(''), 'base64');
  const damaged = () => runError(`the results of ${whose} are damaged`, again);
  if (createHash('sha256').update(packed).digest('hex') !== hash) throw damaged();
  let value: unknown;
  try {
    value = parseInert(gunzipSync(packed, { maxOutputLength: MOST_BYTES }).toString());
  } catch {
    throw damaged();
  }
  const checked = check(value);
  if (!checked.ok) throw damaged();
  return checked.value as ResultFiles;
}

/** Whether a line is part of results, and not meant for people. */
export const isResultLine = (line: string) => line.startsWith(`${PREFIX} `);
