/**
 * Recognises a response that differs from an earlier one only in some header lines, such as a cookie or a request id that is
 * new each time. Only these lines are read; everything else is compared in one step.
 */
import { type Framing, isFraming } from './head.ts';
import { type HeadText, ReadResponse, type Response } from './response.ts';

/** Beyond this, comparing and keeping a response would cost more than it saves. */
export const MAX_REPEATED_BYTES = 16 * 1024;
const CR = 13;
const LF = 10;

/** A response that came in one piece, with its framing. */
export interface Whole {
  readonly wire: Buffer;
  readonly framing: Framing;
  readonly response: Response;
}

export class Template implements HeadText {
  readonly #before: Buffer;
  readonly #after: Buffer;
  readonly #framing: Framing;
  readonly #body: Buffer;
  readonly #headAfterBytes: number;
  #lines = '';
  #response: Response | null = null;

  /** @param from where the lines that differ begin @param to where they end, after their line break */
  private constructor({ wire, framing, response }: Whole, from: number, to: number) {
    this.#before = wire.subarray(0, from);
    this.#after = wire.subarray(to);
    this.#framing = framing;
    this.#body = response.body;
    this.#headAfterBytes = framing.headEnd - to;
  }

  /** @returns null if more differs than lines between framing headers */
  static of(one: Whole, other: Whole): Template | null {
    const [a, b] = [one.wire, other.wire];
    const least = Math.min(a.length, b.length);
    let same = 0;
    while (same < least && a[same] === b[same]) same++;
    let sameAtEnd = 0;
    while (sameAtEnd < least - same && a[a.length - 1 - sameAtEnd] === b[b.length - 1 - sameAtEnd]) sameAtEnd++;
    const { headEnd } = other.framing;
    // The end of the last differing line, in both: the first line break within what is the same, or the differing
    // byte before it.
    const breakAt = b.indexOf('\r\n', Math.max(same, b.length - sameAtEnd - 1), 'latin1');
    if (breakAt < 0 || breakAt > headEnd || headEnd - b.length !== one.framing.headEnd - a.length) return null;
    const from = same === 0 ? 0 : b.lastIndexOf('\r\n', same - 1, 'latin1') + 2;
    const to = breakAt + 2;
    const toInOne = to + a.length - b.length;
    if (from < 2 || !isPlain(a, from, toInOne) || !isPlain(b, from, to)) return null;
    return new Template(other, from, to);
  }

  /** @param chunk is not kept @returns null if it is another response; the same object as last time for the same bytes */
  read(chunk: Buffer): Response | null {
    const from = this.#before.length;
    const to = chunk.length - this.#after.length;
    if (to < from || chunk.length > MAX_REPEATED_BYTES) return null;
    if (!chunk.subarray(to).equals(this.#after) || !chunk.subarray(0, from).equals(this.#before)) return null;
    if (!isPlain(chunk, from, to)) return null;
    const lines = chunk.toString('latin1', from, to);
    if (this.#response === null || lines !== this.#lines) {
      this.#response = new ReadResponse(this.#framing, this.#body, chunk.length, this, lines);
      this.#lines = lines;
    }
    return this.#response;
  }

  textWith(lines: string): string {
    const head = this.#before.toString('latin1') + lines;
    // If no other header follows, the last line break belongs to the blank line.
    if (this.#headAfterBytes < 0) return head.slice(0, this.#headAfterBytes);
    return head + this.#after.toString('latin1', 0, this.#headAfterBytes);
  }
}

/** Whether there are only whole lines, and none of them is empty or a framing header. */
function isPlain(data: Buffer, from: number, to: number): boolean {
  let lineStart = from;
  for (let at = from; at < to; at++) {
    if (data[at] !== CR || data[at + 1] !== LF) continue;
    if (at === lineStart || isFraming(data, lineStart, at)) return false;
    lineStart = at + 2;
    at++;
  }
  return lineStart === to;
}
