/**
 * Follows a journal as it grows: each poll reads what was added, in chunks, and keeps only the beginning of an
 * incomplete line. A journal that was replaced or shortened is read from the start.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { JournalError, journalLine } from '../../core/results/journal.ts';
import type { JournalLine } from '../../core/results/schema.ts';

const LINE_FEED = 0x0a;
const PIECE_BYTES = 1 << 18;
/** Longer lines are not from Tollgate: they are skipped as damaged, and not kept. */
const MOST_LINE_BYTES = 16 << 20;

/** The result of one poll. */
export interface Look {
  /** `absent`: there is no such file yet. `unreadable`: it is not a journal that can be read. */
  readonly state: 'absent' | 'unreadable' | 'read';
  /** One line, if it is unreadable. */
  readonly reason: string | null;
  /** True if it is a different journal than at the last poll, so that earlier data are obsolete. */
  readonly isNew: boolean;
  /** True if there is more to read at once. */
  readonly hasMore: boolean;
  readonly lines: readonly JournalLine[];
  /** Lines that could not be read. */
  readonly damaged: number;
}

const NOTHING = { reason: null, isNew: false, hasMore: false, lines: [], damaged: 0 } as const;

export class JournalFollower {
  readonly #path: string;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #identity: string | null = null;
  #offset = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Within a line that is too long. */
  #skipping = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads at most one chunk. Never throws: a fault is in the result. */
  look(): Look {
    let file: number;
    try {
      // Opening a pipe would block forever, and a link may point anywhere.
      file = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      const wasThere = this.#forget();
      if (code === 'ENOENT' || code === 'ENOTDIR') return { ...NOTHING, state: 'absent', isNew: wasThere };
      const reason = code === 'ELOOP' ? 'the journal is a link' : `the journal cannot be read (${code})`;
      return { ...NOTHING, state: 'unreadable', reason, isNew: wasThere };
    }
    try {
      return this.#read(file);
    } catch (error) {
      const isNew = this.#forget();
      const reason = error instanceof JournalError ? error.message : 'the journal cannot be read';
      return { ...NOTHING, state: 'unreadable', reason, isNew };
    } finally {
      closeSync(file);
    }
  }

  /** @returns whether anything had been read */
  #forget(): boolean {
    const hadAny = this.#identity !== null;
    this.#identity = null;
    this.#offset = 0;
    this.#rest = [];
    this.#restBytes = 0;
    this.#skipping = false;
    return hadAny;
  }

  #read(file: number): Look {
    const stat = fstatSync(file);
    if (!stat.isFile()) {
      const isNew = this.#forget();
      return { ...NOTHING, state: 'unreadable', reason: 'the journal is not a plain file', isNew };
    }
    // An inode number may be reused immediately, but not with the same birth time.
    const identity = `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`;
    const isNew = identity !== this.#identity || stat.size < this.#offset;
    if (isNew) this.#forget();
    this.#identity = identity;
    const bytes = readSync(file, this.#piece, 0, PIECE_BYTES, this.#offset);
    this.#offset += bytes;
    const { lines, damaged } = this.#cut(this.#piece.subarray(0, bytes));
    return { state: 'read', reason: null, isNew, hasMore: this.#offset < stat.size, lines, damaged };
  }

  #cut(piece: Buffer): { readonly lines: JournalLine[]; readonly damaged: number } {
    const lines: JournalLine[] = [];
    let damaged = 0;
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      const text = Buffer.concat([...this.#rest, piece.subarray(from, end)]).toString();
      const isWhole = !this.#skipping;
      this.#rest = [];
      this.#restBytes = 0;
      this.#skipping = false;
      from = end + 1;
      if (isWhole && text.trim() === '') continue;
      const line = isWhole ? journalLine(text) : null;
      if (line === null) damaged++;
      else lines.push(line);
    }
    this.#keep(piece.subarray(from));
    return { lines, damaged };
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0 || this.#skipping) return;
    this.#restBytes += rest.length;
    // The chunk's memory is reused.
    if (this.#restBytes <= MOST_LINE_BYTES) this.#rest.push(Buffer.from(rest));
    else {
      this.#rest = [];
      this.#skipping = true;
    }
  }
}
