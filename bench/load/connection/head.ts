/**
 * Reads the head of a response: status and framing. It works on bytes, because replies that differ each time are parsed
 * each time, and a string of every head would cost a tenth of a request's CPU time.
 */
import { MAX_BODY_BYTES, MAX_HEAD_BYTES, ProtocolError, tooLarge } from './response.ts';

export interface Framing {
  readonly status: number;
  /** Where the head ends, without the blank line. */
  readonly headEnd: number;
  readonly kind: 'none' | 'length' | 'chunked' | 'until-close';
  /** Of the body, if its kind is `length`. */
  readonly length: number;
  readonly closes: boolean;
}

export const BLANK_LINE_BYTES = 4;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const ZERO = 48;
const NINE = 57;
const LOWER_CASE = 32;
const C = 99;
const T = 116;

const VERSION = Buffer.from('HTTP/1.');
/** `HTTP/1.1 200` */
const STATUS_LINE_BYTES = 12;
const CONTENT_LENGTH = Buffer.from('content-length');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');
const CONNECTION = Buffer.from('connection');
/** Of a content length: more could not be a safe integer. */
const MOST_DIGITS = 15;

const CHUNKED = /^[^\r]*\bchunked\b/i;
const CLOSE = /^(?:[^\r]*,)?[ \t]*close[ \t]*(?:,|$)/i;
const KEEP_ALIVE = /^[^\r]*\bkeep-alive\b/i;

/** What a length header without a number is read as, and what two that differ are. */
const MALFORMED = -2;
const CONFLICTING = -3;
const ABSENT = -1;

/**
 * @param data begins with a response
 * @returns null while the head is incomplete @throws ProtocolError if it is malformed or too large
 */
export function readHead(data: Buffer): Framing | null {
  const limit = Math.min(data.length, MAX_HEAD_BYTES + 3);
  let length = ABSENT;
  let isChunked = false;
  let hasClose = false;
  let hasKeepAlive = false;
  let lineStart = 0;
  for (let at = 0; at < limit; at++) {
    if (data[at] !== CR || data[at + 1] !== LF) continue;
    if (at === lineStart && lineStart > 0) {
      const status = statusOf(data, at - 2);
      // HTTP/1.0 closes by default; 1.1 does not (RFC 9112, 9.3).
      const closes = hasClose || (data[VERSION.length] === ZERO && !hasKeepAlive);
      return framingOf(status, at - 2, isChunked, length, closes);
    }
    // The two letters that names of framing headers begin with.
    const first = (data[lineStart] ?? 0) | LOWER_CASE;
    if (lineStart > 0 && (first === C || first === T)) {
      if (isNamed(data, lineStart, at, CONTENT_LENGTH)) {
        const own = lengthIn(data, lineStart + CONTENT_LENGTH.length + 1, at);
        // Two lengths leave open where the response ends (RFC 9110, 8.6); the same one twice does not.
        length = length === ABSENT || length === own ? own : CONFLICTING;
      } else if (isNamed(data, lineStart, at, CONNECTION)) {
        const value = data.toString('latin1', lineStart + CONNECTION.length + 1, at);
        hasClose ||= CLOSE.test(value);
        hasKeepAlive ||= KEEP_ALIVE.test(value);
      } else if (isNamed(data, lineStart, at, TRANSFER_ENCODING)) {
        isChunked ||= CHUNKED.test(data.toString('latin1', lineStart + TRANSFER_ENCODING.length + 1, at));
      }
    }
    lineStart = at + 2;
    at++;
  }
  if (data.length > MAX_HEAD_BYTES) throw new ProtocolError(`response head exceeds ${MAX_HEAD_BYTES} bytes`);
  return null;
}

function framingOf(status: number, headEnd: number, isChunked: boolean, length: number, closes: boolean): Framing {
  if (status < 200 || status === 204 || status === 304) return { status, headEnd, kind: 'none', length: 0, closes };
  if (isChunked) return { status, headEnd, kind: 'chunked', length: 0, closes };
  if (length === MALFORMED) throw new ProtocolError('malformed content-length');
  if (length === CONFLICTING) throw new ProtocolError('content-length headers that differ');
  if (length === ABSENT) return { status, headEnd, kind: 'until-close', length: 0, closes: true };
  if (length > MAX_BODY_BYTES) throw tooLarge();
  return { status, headEnd, kind: 'length', length, closes };
}

/** @throws ProtocolError if the head does not begin with a status line */
function statusOf(data: Buffer, end: number): number {
  const digit = (index: number) => (data[VERSION.length + index] ?? 0) - ZERO;
  const version = digit(0);
  const [hundreds, tens, ones] = [digit(2), digit(3), digit(4)];
  const after = data[STATUS_LINE_BYTES];
  const isStatusLine =
    end >= STATUS_LINE_BYTES &&
    startsWith(data, VERSION) &&
    (version === 0 || version === 1) &&
    data[VERSION.length + 1] === SPACE &&
    hundreds >= 1 &&
    hundreds <= 5 &&
    isDigit(tens) &&
    isDigit(ones) &&
    (after === SPACE || (after === CR && data[STATUS_LINE_BYTES + 1] === LF));
  if (!isStatusLine) {
    const beginning = data.toString('latin1', 0, Math.min(end, 40));
    throw new ProtocolError(`not an HTTP/1.1 response: ${JSON.stringify(beginning)}`);
  }
  return hundreds * 100 + tens * 10 + ones;
}

const isDigit = (value: number) => value >= 0 && value <= 9;

/** Whether the line from `start` to `end` is a header that says how long the response is, or whether it closes. */
export function isFraming(data: Buffer, start: number, end: number): boolean {
  const first = (data[start] ?? 0) | LOWER_CASE;
  if (first !== C && first !== T) return false;
  return (
    isNamed(data, start, end, CONTENT_LENGTH) ||
    isNamed(data, start, end, CONNECTION) ||
    isNamed(data, start, end, TRANSFER_ENCODING)
  );
}

function startsWith(data: Buffer, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (data[i] !== text[i]) return false;
  return true;
}

/** @param name in lower case */
function isNamed(data: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start <= name.length || data[start + name.length] !== COLON) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = data[start + i] ?? 0;
    const wanted = name[i] ?? 0;
    if (byte !== wanted && (byte < 65 || byte > 90 || (byte | LOWER_CASE) !== wanted)) return false;
  }
  return true;
}

/** The number from `start` to `end`, between spaces; `MALFORMED` if that is no length. */
function lengthIn(data: Buffer, start: number, end: number): number {
  let at = start;
  let to = end;
  while (at < to && (data[at] === SPACE || data[at] === TAB)) at++;
  while (to > at && (data[to - 1] === SPACE || data[to - 1] === TAB)) to--;
  if (to === at || to - at > MOST_DIGITS) return MALFORMED;
  let length = 0;
  for (; at < to; at++) {
    const byte = data[at] ?? 0;
    if (byte < ZERO || byte > NINE) return MALFORMED;
    length = length * 10 + byte - ZERO;
  }
  return length;
}
