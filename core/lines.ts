/** Lines of a file or a stream, read in chunks: a file of a gigabyte is longer than the longest string. */
import { closeSync, openSync, readSync } from 'node:fs';

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1 << 20;

/** Splits chunks into lines. A line may be a view of its chunk, so it is valid only until the next one is requested. */
class LineCutter {
  #rest: Buffer[] = [];

  *cut(piece: Buffer): Generator<Buffer> {
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      const line = piece.subarray(from, end);
      yield this.#rest.length === 0 ? line : Buffer.concat([...this.#rest, line]);
      this.#rest = [];
      from = end + 1;
    }
    // The chunk's memory may be reused.
    if (from < piece.length) this.#rest.push(Buffer.from(piece.subarray(from)));
  }

  *end(): Generator<Buffer> {
    if (this.#rest.length > 0) yield Buffer.concat(this.#rest);
  }
}

/**
 * Each line is valid only until the next one is asked for.
 * @param from the byte at which the first line begins
 * @throws the system's error if the file cannot be read
 */
export function* linesOfFile(path: string, from = 0): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    // The bytes of a line whose end is not read yet; they stand first.
    let held = 0;
    for (let place = from; ; ) {
      if (held === chunk.length) chunk = Buffer.concat([chunk], 2 * held);
      const read = readSync(file, chunk, held, chunk.length - held, place);
      if (read === 0) break;
      place += read;
      const known = chunk.subarray(0, held + read);
      let start = 0;
      for (let end = known.indexOf(LINE_FEED, held); end >= 0; end = known.indexOf(LINE_FEED, start)) {
        yield known.subarray(start, end);
        start = end + 1;
      }
      chunk.copyWithin(0, start, known.length);
      held = known.length - start;
    }
    if (held > 0) yield chunk.subarray(0, held);
  } finally {
    closeSync(file);
  }
}

/**
 * @param from the byte at which the first line begins
 * @throws what the stream throws
 */
export async function* linesOfStream(stream: AsyncIterable<Buffer>, from = 0): AsyncGenerator<Buffer> {
  const cutter = new LineCutter();
  let skipped = 0;
  for await (const piece of stream) {
    const skip = Math.min(piece.length, from - skipped);
    skipped += skip;
    yield* cutter.cut(piece.subarray(skip));
  }
  yield* cutter.end();
}
