/**
 * The append-only journal: one JSON object a line, written as each slice ends and never rewritten, so that whatever
 * ends the run, what was measured is there. `run.json` is made from it and can be made again.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { parseInert } from '../inert.ts';
import { unwritable } from '../whole-file.ts';
import { withArmFacts } from './old-arms.ts';
import { readSlice } from './old-slices.ts';
import { type Header, JournalLine, SCHEMA_VERSION } from './schema.ts';
import { checker } from './validate.ts';

const checkLine = checker(JournalLine);

/** The journal cannot be used at all: no header, or another schema version. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

export class JournalWriter {
  readonly #file: number;
  readonly #path: string;

  private constructor(file: number, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Goes on at the end of `path`, or begins it. */
  static open(path: string): JournalWriter {
    const writer = new JournalWriter(openSync(path, 'a+'), path);
    // A line that was cut off by a crash must not swallow the next one.
    const text = readFileSync(path);
    if (text.length > 0 && text.at(-1) !== 0x0a) writer.#write('\n');
    return writer;
  }

  /**
   * The line is with the operating system when this returns.
   * @throws JournalError if it is not of the schema; TollgateError if it cannot be written, such as on a full disk
   */
  append(line: JournalLine): void {
    const checked = checkLine(line);
    if (!checked.ok) throw new JournalError(`a journal line is not of the schema ${checked.reason}`);
    this.#write(`${JSON.stringify(line)}\n`);
  }

  #write(text: string): void {
    try {
      // Goes on after a short write until all is written.
      writeFileSync(this.#file, text);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** The lines so far are on the disk when this returns. */
  flush(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }
}

export interface Damage {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface Journal {
  readonly header: Header;
  readonly lines: readonly JournalLine[];
  readonly damaged: readonly Damage[];
  /** Measures that this version does not know. They were left out of the slices that held them. */
  readonly unknownMeasures: readonly string[];
}

/**
 * Reads a journal's text. A line that is damaged is set aside and named; the others stand.
 * @throws JournalError when there is no header, or it is of another schema version
 */
export function readJournal(text: string): Journal {
  const lines: JournalLine[] = [];
  const damaged: Damage[] = [];
  const unknownMeasures = new Set<string>();
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue;
    let value: unknown;
    try {
      value = parseInert(raw);
    } catch {
      damaged.push({ line: index + 1, reason: 'not JSON: cut off or overwritten' });
      continue;
    }
    const version = versionOf(value);
    if (version !== null && version !== SCHEMA_VERSION) {
      throw new JournalError(
        `it has schema version ${version} and this Tollgate reads version ${SCHEMA_VERSION}; use the version that wrote it`,
      );
    }
    const slice = readSlice(value);
    for (const name of slice.unknown) unknownMeasures.add(name);
    const checked = checkLine(withArmFacts(slice.line));
    if (checked.ok) lines.push(checked.value);
    else damaged.push({ line: index + 1, reason: checked.reason });
  }
  const header = lines.find((line) => line.kind === 'run');
  if (!header) throw new JournalError('its first line, which says what was run, is missing or damaged');
  return { header, lines, damaged, unknownMeasures: [...unknownMeasures] };
}

function versionOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'run') return null;
  return 'schemaVersion' in value ? value.schemaVersion : 'unknown';
}
