/** Decodes a chunked body (RFC 9112, 7.1) as it arrives. Each byte is read once, and only the body is kept. */
import { GrowingBytes } from './growing.ts';
import { ProtocolError } from './response.ts';

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const MOST_DIGITS = 7;

/** What the next byte belongs to. */
type Part = 'size' | 'data' | 'end of data' | 'trailer' | 'nothing';

/** Where in the line of a size the next byte is. `bad` lines are refused once they are complete. */
type Place = 'before' | 'digits' | 'after' | 'extension' | 'bad';

export class ChunkDecoder {
  readonly #body = new GrowingBytes();
  #part: Part = 'size';
  #place: Place = 'before';
  #size = 0;
  #digits = 0;
  /** Of the data of this chunk, or the line break after it. */
  #left = 0;
  #isBreak = true;
  /** Of a line of the trailer. */
  #lineBytes = 0;
  #lastIsCr = false;

  get isComplete(): boolean {
    return this.#part === 'nothing';
  }

  get body(): Buffer {
    return this.#body.bytes;
  }

  /** @returns where the body ends in `data`, or the length of `data` @throws ProtocolError on malformed framing */
  push(data: Buffer, start: number): number {
    const { length: end } = data;
    let at = start;
    while (at < end) {
      switch (this.#part) {
        case 'size':
          at = this.#readSize(data, at);
          break;
        case 'data': {
          const to = Math.min(end, at + this.#left);
          this.#body.append(data, at, to);
          this.#left -= to - at;
          at = to;
          if (this.#left === 0) this.#endData();
          break;
        }
        case 'end of data':
          this.#readBreak(data[at++] ?? 0);
          break;
        case 'trailer':
          at = this.#readTrailer(data, at);
          break;
        case 'nothing':
          return at;
      }
    }
    return at;
  }

  #readSize(data: Buffer, start: number): number {
    const { length: end } = data;
    for (let at = start; at < end; at++) {
      const byte = data[at] ?? 0;
      if (byte === LF && this.#lastIsCr) {
        this.#endSize();
        return at + 1;
      }
      // A carriage return that ends no line is a space.
      if (this.#lastIsCr) this.#takeOfSize(CR);
      this.#lastIsCr = byte === CR;
      if (!this.#lastIsCr) this.#takeOfSize(byte);
    }
    return end;
  }

  #takeOfSize(byte: number): void {
    if (this.#place === 'extension' || this.#place === 'bad') return;
    const digit = this.#place === 'after' ? -1 : hexDigit(byte);
    if (digit >= 0) {
      this.#place = ++this.#digits > MOST_DIGITS ? 'bad' : 'digits';
      this.#size = this.#size * 16 + digit;
    } else if (byte === SEMICOLON) {
      this.#place = this.#digits === 0 ? 'bad' : 'extension';
    } else if (isSpace(byte)) {
      if (this.#place === 'digits') this.#place = 'after';
    } else this.#place = 'bad';
  }

  #endSize(): void {
    if (this.#place === 'bad' || this.#digits === 0) throw new ProtocolError('malformed chunk size');
    this.#part = this.#size === 0 ? 'trailer' : 'data';
    this.#left = this.#size;
    this.#place = 'before';
    this.#size = 0;
    this.#digits = 0;
    this.#lastIsCr = false;
  }

  #endData(): void {
    this.#part = 'end of data';
    this.#left = 2;
    this.#isBreak = true;
  }

  #readBreak(byte: number): void {
    this.#isBreak &&= byte === (this.#left === 2 ? CR : LF);
    if (--this.#left > 0) return;
    if (!this.#isBreak) throw new ProtocolError('a chunk is not followed by a line break');
    this.#part = 'size';
  }

  /** Trailer fields, if any, end with a blank line. */
  #readTrailer(data: Buffer, start: number): number {
    const { length: end } = data;
    for (let at = start; at < end; at++) {
      const byte = data[at] ?? 0;
      this.#lineBytes++;
      if (byte === LF && this.#lastIsCr) {
        if (this.#lineBytes === 2) {
          this.#part = 'nothing';
          return at + 1;
        }
        this.#lineBytes = 0;
      }
      this.#lastIsCr = byte === CR;
    }
    return end;
  }
}

/** @returns -1 for any other byte */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** As `String.prototype.trim` has it, in latin1. */
const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13) || byte === 160;
