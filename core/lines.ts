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

/** @throws the system's error if the file cannot be read */
export function* linesOfFile(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const cutter = new LineCutter();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const bytes = chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, null));
      if (bytes.length === 0) break;
      yield* cutter.cut(bytes);
    }
    yield* cutter.end();
  } finally {
    closeSync(file);
  }
}

/** @throws what the stream throws */
export async function* linesOfStream(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const cutter = new LineCutter();
  for await (const piece of stream) yield* cutter.cut(piece);
  yield* cutter.end();
}
