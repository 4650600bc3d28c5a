/**
 * The append-only journal: one JSON object per line, written as each slice ends and never rewritten, so nothing
 * measured is lost however the run ends. `run.json` is derived from it and can be rebuilt.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { unwritable } from '../atomic-file.ts';
import { runError } from '../errors.ts';
import { parseInert } from '../inert.ts';
import { linesOfFile } from '../lines.ts';
import { LatencyHistogram } from './histogram.ts';
import { withArmFacts } from './old/arms.ts';
import { readSlice } from './old/slices.ts';
import { SlicePacker } from './recorded/packed-slices.ts';
import { type Header, JournalLine, SCHEMA_VERSION } from './schema.ts';
import { checker } from './validate.ts';

const checkLine = checker(JournalLine);

/** The journal cannot be used: no header, more than one, or another schema version. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** The maximum number of copied lines per write. */
const MOST_HELD = 500;

export class JournalWriter {
  readonly #path: string;
  readonly #onLine: (line: JournalLine) => void;
  #file: number | null = null;
  #held: string[] = [];

  private constructor(path: string, onLine: (line: JournalLine) => void) {
    this.#path = path;
    this.#onLine = onLine;
  }

  /**
   * Appends to `path`, or creates it with its first line, so that a refused run leaves no file. @param onLine called
   * with each line after it is written @throws TollgateError if the file exists and cannot be written: better now
   * than after the first servers have started
   */
  static open(path: string, onLine: (line: JournalLine) => void = () => {}): JournalWriter {
    const writer = new JournalWriter(path, onLine);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) writer.#write('');
    return writer;
  }

  /**
   * When this returns, the operating system has the line. @throws JournalError if it does not match the schema;
   * TollgateError if it cannot be written, for example to a full disk, or if the file was removed or moved meanwhile
   */
  append(line: JournalLine): void {
    const checked = checkLine(line);
    if (!checked.ok) throw new JournalError(`a journal line is not of the schema ${checked.reason}`);
    this.#writeHeld();
    this.#write(`${JSON.stringify(line)}\n`);
    this.#onLine(line);
  }

  /**
   * Adds a line that was read from a journal, without checking it again. It is written together with later ones, at the
   * latest by the next `append`, `flush` or `close`.
   * @throws TollgateError if they cannot be written
   */
  copy(line: JournalLine): void {
    this.#held.push(`${JSON.stringify(line)}\n`);
    if (this.#held.length === MOST_HELD) this.#writeHeld();
    this.#onLine(line);
  }

  #writeHeld(): void {
    if (this.#held.length === 0) return;
    this.#write(this.#held.join(''));
    this.#held = [];
  }

  #write(text: string): void {
    // A removed file could be written until the run ends, and everything in it would then be lost.
    if (this.#file !== null && !existsSync(this.#path)) {
      throw runError(
        `${this.#path} was removed or moved while the run was writing it`,
        'keep the folder in place until the run ends; if you moved it, continue there with --resume DIR',
      );
    }
    try {
      this.#file ??= openAtLine(this.#path);
      // `writeFileSync` continues after a short write.
      writeFileSync(this.#file, text);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** When this returns, all lines are on the disk. */
  flush(): void {
    this.#writeHeld();
    if (this.#file !== null) fsyncSync(this.#file);
  }

  close(): void {
    this.flush();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

export interface Damage {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface Journal {
  readonly header: Header;
  /** Slices are packed: copy one with `copyOf` instead of spreading it. */
  readonly lines: readonly JournalLine[];
  readonly damaged: readonly Damage[];
  /** Measures unknown to this version, which were dropped from their slices. */
  readonly unknownMeasures: readonly string[];
}

/** Appends and reads, and follows no link: the lines would be added to whatever it names. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** Opens a file for appending, and ends a line that a crash cut off, so that it does not swallow the next one. */
function openAtLine(path: string): number {
  const file = openSync(path, APPEND);
  if (!endsALine(file)) writeFileSync(file, '\n');
  return file;
}

/** Whether a file is empty or ends with a line feed. */
function endsALine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === LINE_FEED);
}

const LINE_FEED = 0x0a;
function* textsOf(lines: Iterable<Buffer>): Generator<string> {
  for (const line of lines) yield line.toString();
}

/** Reads a journal file. @throws JournalError as `readJournal`; the system's error if the file cannot be read */
export function readJournalFile(path: string): Journal {
  return readLines(textsOf(linesOfFile(path)));
}

/**
 * Parses a journal. A damaged line is set aside and listed; the others are used. @throws JournalError unless there is
 * exactly one header, of this schema version
 */
export function readJournal(text: string): Journal {
  return readLines(text.split('\n'));
}

/** A parsed line, or the reason why it cannot be parsed. */
export type ReadLine = {
  /** Counted from 1. */
  readonly number: number;
  /** Measures unknown to this version. */
  readonly unknown: readonly string[];
} & ({ readonly ok: true; readonly line: JournalLine } | { readonly ok: false; readonly reason: string });

/**
 * Reads a journal line by line, for journals larger than memory. Skips blank lines. @throws JournalError if a line
 * states another schema version; the system's error if the file cannot be read
 */
export function streamJournalFile(path: string): Generator<ReadLine> {
  return eachLine(textsOf(linesOfFile(path)));
}

/** Parses a single line. @returns null if it is damaged @throws JournalError if it states another schema version */
export function journalLine(text: string): JournalLine | null {
  const [read] = eachLine([text]);
  return read?.ok ? read.line : null;
}

function* eachLine(given: Iterable<string>): Generator<ReadLine> {
  let number = 0;
  for (const raw of given) {
    number++;
    if (raw.trim() === '') continue;
    let value: unknown;
    try {
      value = parseInert(raw);
    } catch {
      yield { ok: false, number, unknown: [], reason: 'not JSON: cut off or overwritten' };
      continue;
    }
    const version = versionOf(value);
    if (version !== null && version !== SCHEMA_VERSION) {
      throw new JournalError(
        `it has schema version ${version} and this Tollgate reads version ${SCHEMA_VERSION}; use the version that wrote it`,
      );
    }
    const { line, unknown } = readSlice(value);
    const checked = checkLine(withArmFacts(line));
    const broken = checked.ok ? brokenHistogramOf(checked.value) : null;
    const reason = checked.ok ? `its histogram ${broken} cannot be decoded` : checked.reason;
    if (checked.ok && broken === null) yield { ok: true, number, unknown, line: checked.value };
    else yield { ok: false, number, unknown, reason };
  }
}

/** Makes a journal of its lines, in little memory. */
export class JournalBuilder {
  readonly #packer = new SlicePacker();
  readonly #lines: JournalLine[] = [];
  readonly #damaged: Damage[] = [];
  readonly #unknownMeasures = new Set<string>();

  /** Takes the next line, which nobody else may use afterwards. */
  add(line: JournalLine): void {
    this.#lines.push(line.kind === 'slice' ? this.#packer.pack(line) : line);
  }

  addRead(read: ReadLine): void {
    for (const name of read.unknown) this.#unknownMeasures.add(name);
    if (read.ok) this.add(read.line);
    else this.#damaged.push({ line: read.number, reason: read.reason });
  }

  /** No more lines will follow. @throws JournalError unless there is exactly one header */
  finish(): Journal {
    this.#packer.finish();
    const header = onlyHeader(this.#lines.filter((line) => line.kind === 'run'));
    return { header, lines: this.#lines, damaged: this.#damaged, unknownMeasures: [...this.#unknownMeasures] };
  }
}

/** @throws JournalError unless there is exactly one: figures of several runs must not be mixed */
export function onlyHeader(headers: readonly Header[]): Header {
  const [header] = headers;
  if (header === undefined) throw new JournalError('its first line, the header, is missing or damaged');
  if (headers.length > 1) throw new JournalError(`it contains ${headers.length} runs, where a journal has one`);
  return header;
}

function readLines(given: Iterable<string>): Journal {
  const builder = new JournalBuilder();
  for (const read of eachLine(given)) builder.addRead(read);
  return builder.finish();
}

/** Without this check, one damaged histogram would fail the figures of a whole run. */
function brokenHistogramOf(line: JournalLine): string | null {
  if (line.kind !== 'slice' || line.histograms === undefined) return null;
  const isBroken = (encoded: string) => {
    try {
      LatencyHistogram.check(encoded);
      return false;
    } catch {
      return true;
    }
  };
  return Object.entries(line.histograms).find(([, encoded]) => isBroken(encoded))?.[0] ?? null;
}

function versionOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'run') return null;
  return 'schemaVersion' in value ? value.schemaVersion : 'unknown';
}
