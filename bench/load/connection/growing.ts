/** Bytes that arrive in pieces, in one buffer that doubles as it fills: every byte is copied at most twice on average. */
const LEAST_BYTES = 256;
const EMPTY = Buffer.alloc(0);

export class GrowingBytes {
  #memory: Buffer = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has arrived; no later piece changes it. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /** Copies the bytes of `data` from `start` to `end`. */
  append(data: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(LEAST_BYTES, length, this.#memory.length * 2));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    data.copy(this.#memory, this.#length, start, end);
    this.#length = length;
  }
}
