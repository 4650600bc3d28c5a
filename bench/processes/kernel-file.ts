/** A file of the kernel's, opened once and read from its start each time: opening it again costs ten times that. */
import { closeSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1024;

export class KernelFile {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(PIECE_BYTES);

  /** @throws Error where it does not exist */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** @returns all of it. @throws Error if the process or group has ended */
  read(): string {
    let text = '';
    for (;;) {
      const bytes = readSync(this.#file, this.#buffer, 0, PIECE_BYTES, text.length);
      text += this.#buffer.toString('latin1', 0, bytes);
      // Almost every file ends within its first piece: no second read finds that out.
      if (bytes < PIECE_BYTES) return text;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
