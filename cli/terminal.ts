/** What the user sees while it runs: one live line on a terminal, a line now and then elsewhere; all of it on stderr. */
import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { messageOf, TollgateError } from '../core/errors.ts';

type Style = Parameters<typeof styleText>[0];

/** Colour only where stderr is a terminal and NO_COLOR is not set. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Whether a stream is a terminal that may be painted on, by NO_COLOR and FORCE_COLOR as Node reads them. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}

const QUIET_INTERVAL_MS = 10_000;

/** `01:05` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

export class ProgressLine {
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : null;
  #lastPrinted = Number.NEGATIVE_INFINITY;
  #lastTopic = '';
  #lastLive = '';

  update(topic: string, step: string, live: string | undefined, secondsLeft: number): void {
    if (live !== undefined) this.#lastLive = live;
    if (topic !== this.#lastTopic && live === undefined) this.#lastLive = '';
    const text = `${topic}  ${step}  ${clock(secondsLeft)} left`;
    if (this.#live) {
      this.#live(
        [`${paint('cyan', topic)}  ${step}  ${paint('dim', `${clock(secondsLeft)} left`)}`, this.#lastLive]
          .filter(Boolean)
          .join('\n'),
      );
    } else if (topic !== this.#lastTopic || performance.now() - this.#lastPrinted > QUIET_INTERVAL_MS) {
      this.#lastPrinted = performance.now();
      process.stderr.write(`${text}${this.#lastLive === '' ? '' : `  ${this.#lastLive}`}\n`);
    }
    this.#lastTopic = topic;
  }

  /** Leaves the line as it stands and goes on below it. */
  clear(): void {
    this.#live?.clear();
  }
}

/** One line: the fault and the hint. */
export function printError(error: unknown): void {
  const hint = error instanceof TollgateError ? `\n  ${error.hint}` : '';
  process.stderr.write(`${paint('red', 'tollgate:')} ${messageOf(error)}${hint}\n`);
}

export function printFaults(faults: readonly string[], help: string): void {
  for (const fault of faults) process.stderr.write(`${paint('red', 'tollgate:')} ${fault}\n`);
  process.stderr.write(`  ${help}\n`);
}

export function printNote(text: string): void {
  process.stderr.write(`${paint('dim', text)}\n`);
}
