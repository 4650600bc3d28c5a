/** A file of the kernel's, opened once and read from its start each time: opening it again costs ten times that. */
import { closeSync, openSync, readSync } from 'node:fs';

export class KernelFile {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1024);

  /** @throws Error where it does not exist */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** @returns its first kilobyte. @throws Error if the process or group has ended */
  read(): string {
    return this.#buffer.toString('latin1', 0, readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0));
  }

  close(): void {
    closeSync(this.#file);
  }
}
