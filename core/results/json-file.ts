/** Reads and writes JSON files of a known schema, usually with a version. */
import { readFileSync } from 'node:fs';
import { type WriteOptions, writeAtomically } from '../atomic-file.ts';
import { EXIT, TollgateError } from '../errors.ts';
import { parseInert } from '../inert.ts';
import type { Checked } from './validate.ts';

export interface JsonFormat<T> {
  /** The content in words, such as `the run`. */
  readonly what: string;
  /** The supported `schemaVersion`; null if the file has none. */
  readonly version: number | null;
  readonly check: (value: unknown) => Checked<T>;
  /** The hint for each fault. */
  readonly hints: Readonly<Record<JsonFault, string>>;
}

export type JsonFault = 'missing' | 'damaged' | 'version';

/** A file that cannot be used. Its message is one line, and quotes nothing from the file. */
export class JsonFileError extends TollgateError {
  override readonly name = 'JsonFileError';
  readonly fault: JsonFault;

  constructor(fault: JsonFault, message: string, hint: string) {
    super(EXIT.usage, message, hint);
    this.fault = fault;
  }
}

/** @throws JsonFileError */
export function readJson<T>(path: string, format: JsonFormat<T>): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const message = code === 'ENOENT' || code === 'ENOTDIR' ? `${path} not found` : `${path} cannot be read (${code})`;
    throw new JsonFileError('missing', message, format.hints.missing);
  }
  return parseJson(text, path, format);
}

/** @param path for the message only @throws JsonFileError */
export function parseJson<T>(text: string, path: string, { version, check, hints }: JsonFormat<T>): T {
  let value: unknown;
  try {
    value = parseInert(text);
  } catch {
    throw new JsonFileError('damaged', `${path} is damaged: it is not JSON`, hints.damaged);
  }
  const found =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
  if (version !== null && found !== undefined && found !== version) {
    throw new JsonFileError(
      'version',
      `${path} has schema version ${JSON.stringify(found)}; this Tollgate reads version ${version}`,
      hints.version,
    );
  }
  const checked = check(value);
  if (!checked.ok) throw new JsonFileError('damaged', `${path} is damaged: ${checked.reason}`, hints.damaged);
  return checked.value;
}

export interface JsonWriteOptions extends WriteOptions {
  /** Spaces per level; 0 writes one line. */
  readonly indent: number;
}

/**
 * Writes the file atomically. @throws TypeError if the value does not match the schema; TollgateError if it cannot be
 * written
 */
export function writeJson<T>(path: string, value: T, { what, check }: JsonFormat<T>, options: JsonWriteOptions): void {
  const checked = check(value);
  if (!checked.ok) throw new TypeError(`${what} does not match its schema: ${checked.reason}`);
  writeAtomically(path, `${JSON.stringify(value, null, options.indent)}\n`, options);
}
