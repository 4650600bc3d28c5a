/** Keeps the end of a service's output, however long it is. Pure. */
import { inertLine } from '../../core/inert.ts';

const KEPT = 64 * 1024;
const SHOWN_LINES = 5;
const SHOWN_CHARACTERS = 400;

/** What Node prints after an error, and would push the error out. */
const STACK = /^at (?:async )?(?:.*\(.+\)|\S+:\d+:\d+)(?: \{)?$|^Node\.js v\d+\.\d+\.\d+$|^[}^]+$/;

export class BoundedOutput {
  /** Characters in all. */
  total = 0;
  #kept = '';
  readonly #secrets: readonly string[];

  /** @param secrets never shown, whatever the service prints */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets.filter((secret) => secret.length > 3).toSorted((a, b) => b.length - a.length);
  }

  add(text: string): void {
    this.total += text.length;
    this.#kept = text.length >= KEPT ? text.slice(-KEPT) : (this.#kept + text).slice(-KEPT);
  }

  /** The end of it, as it was printed. */
  get text(): string {
    return this.#kept;
  }

  /** @returns `: ` and the last lines on one line; empty if nothing was printed */
  lastWords(): string {
    let text = this.#kept;
    for (const secret of this.#secrets) text = text.replaceAll(secret, '***');
    const lines = text
      .split('\n')
      .map((line) => inertLine(line).trim())
      .filter((line) => line !== '');
    if (lines.length === 0) return '';
    const telling = lines.filter((line) => !STACK.test(line));
    const shown = (telling.length === 0 ? lines : telling).slice(-SHOWN_LINES).join(' | ');
    return `: ${shown.length > SHOWN_CHARACTERS ? `…${shown.slice(-SHOWN_CHARACTERS)}` : shown}`;
  }
}
