/** Secrets of a configuration, read from environment variables and files. No message quotes what they hold. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fault } from '../../core/text/schema-faults.ts';
import type { Secret } from './schema.ts';

/** Larger than any key or list of users that is meant. */
const MOST_BYTES = 1_000_000;

export interface Surroundings {
  /** The folder of `service.json`. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

export class SecretReader {
  readonly faults: Fault[] = [];
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** @returns the secret without the line break at its end; empty if there is none, with a fault */
  read(pointer: string, secret: Secret): string {
    const text =
      'env' in secret ? this.#fromEnvironment(pointer, secret.env) : this.file(`${pointer}/file`, secret.file);
    return text.replace(/\r?\n$/, '');
  }

  /** @returns what a file holds; empty where it cannot be read, with a fault */
  file(pointer: string, name: string): string {
    const path = resolve(this.#surroundings.folder, name);
    const fault = (message: string, hint: string) => {
      this.faults.push({ pointer, message, hint });
      return '';
    };
    try {
      const found = statSync(path);
      if (!found.isFile()) return fault(`is ${path}, which is not a file`, 'name a file');
      if (found.size > MOST_BYTES) return fault(`is a file of more than ${MOST_BYTES} bytes`, 'use another file');
      const text = readFileSync(path, 'utf8');
      return text.trim() === '' ? fault(`is ${path}, which is empty`, 'write the value into it') : text;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      return fault(
        code === 'ENOENT' ? `is ${path}, which does not exist` : `is ${path}, which cannot be read (${code})`,
        'paths are relative to service.json',
      );
    }
  }

  #fromEnvironment(pointer: string, name: string): string {
    const value = this.#surroundings.env[name] ?? '';
    if (value === '')
      this.faults.push({
        pointer: `${pointer}/env`,
        message: `is ${name}, which is not set`,
        hint: `export ${name}=…`,
      });
    return value;
  }
}
