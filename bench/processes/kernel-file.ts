/**
 * A file in /proc or /sys that is opened once and read from its start each time: opening it again costs ten times as
 * much.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1024;

export class KernelFile {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(PIECE_BYTES);

  /** @throws Error where it does not exist */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /**
   * @returns all of it
   *
   * @throws {Error} if the process or group has ended
   */
  read(): string {
    let text = '';
    for (;;) {
      const bytes = readSync(this.#file, this.#buffer, 0, PIECE_BYTES, text.length);
      text += this.#buffer.toString('latin1', 0, bytes);
      // Almost every file fits into the first piece, which saves a second read.
      if (bytes < PIECE_BYTES) return text;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
