/** How far a response came before its connection ended, in words. Pure. */

/** The part of a response that arrived. */
export type Unfinished =
  | { readonly part: 'nothing' }
  /** `bytes` do not begin as HTTP/1.1 does. */
  | { readonly part: 'foreign'; readonly bytes: number }
  /** A status below 200, which announces the response. */
  | { readonly part: 'interim'; readonly bytes: number }
  | { readonly part: 'head'; readonly bytes: number }
  /** `of` is the announced length; null for a body in chunks, whose last chunk is missing. */
  | { readonly part: 'body'; readonly bytes: number; readonly of: number | null };

export const NOTHING_CAME: Unfinished = { part: 'nothing' };

const START = Buffer.from('HTTP/1.');

/** @param bytes the beginning of a response whose head is not complete */
export function unfinishedHead(bytes: Buffer): Unfinished {
  if (bytes.length === 0) return NOTHING_CAME;
  const known = Math.min(bytes.length, START.length);
  const isHttp = bytes.subarray(0, known).equals(START.subarray(0, known));
  return { part: isHttp ? 'head' : 'foreign', bytes: bytes.length };
}

/** @returns what happened, such as `the server closed the connection after 12 of 40 bytes of the body` */
export function closedText(unfinished: Unfinished, verb: 'closed' | 'reset' = 'closed'): string {
  const what = `the server ${verb} the connection`;
  switch (unfinished.part) {
    case 'nothing':
      return `${what} before it answered`;
    case 'foreign':
      return `${what} after ${bytesOf(unfinished.bytes)} that are not HTTP/1.1`;
    case 'interim':
      return `${what} after an interim response of ${bytesOf(unfinished.bytes)}, before the final one`;
    case 'head':
      return `${what} after ${bytesOf(unfinished.bytes)} of the headers`;
    case 'body':
      return unfinished.of === null
        ? `${what} after ${bytesOf(unfinished.bytes)} of a chunked body, before its last chunk`
        : `${what} after ${unfinished.bytes} of ${bytesOf(unfinished.of)} of the body`;
  }
}

const bytesOf = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`);
