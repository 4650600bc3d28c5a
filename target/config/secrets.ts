/** Reads the secrets of a configuration from environment variables and files. No message quotes their content. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fault } from '../../core/text/schema-faults.ts';
import type { Secret } from './schema.ts';

/** Larger than any plausible key or list of users. */
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

  /** @returns the secret without its trailing line break; empty, with a fault, if there is none */
  read(pointer: string, secret: Secret): string {
    const text =
      'env' in secret ? this.#fromEnvironment(pointer, secret.env) : this.file(`${pointer}/file`, secret.file);
    return text.replace(/\r?\n$/, '');
  }

  /** @returns the content of a file; empty, with a fault, if it cannot be read */
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
