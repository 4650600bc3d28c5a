/** Progress on stderr while a command runs: a live line on a terminal, otherwise a line every ten seconds. */
import { createLogUpdate } from 'log-update';
import { inert, inertExceptStyles } from '../core/inert.ts';
import { paint, printNote, writeText } from './output.ts';

const QUIET_INTERVAL_MS = 10_000;

/** `01:05` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** `01:05 left`; `00:12 longer than planned` after the planned end. */
export function leftText(seconds: number): string {
  return Math.round(seconds) < 0 ? `${clock(-seconds)} longer than planned` : `${clock(seconds)} left`;
}

export class ProgressLine {
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : null;
  #lastPrinted = Number.NEGATIVE_INFINITY;
  #lastTopic = '';
  #lastLive = '';

  update(topic: string, step: string, live: string | undefined, secondsLeft: number): void {
    if (live !== undefined) this.#lastLive = live;
    if (topic !== this.#lastTopic && live === undefined) this.#lastLive = '';
    const left = leftText(secondsLeft);
    const text = `${topic}  ${step}  ${left}`;
    if (this.#live) {
      this.#live(
        inertExceptStyles(
          [`${paint('cyan', topic)}  ${step}  ${paint('dim', left)}`, this.#lastLive].filter(Boolean).join('\n'),
        ),
      );
    } else if (topic !== this.#lastTopic || performance.now() - this.#lastPrinted > QUIET_INTERVAL_MS) {
      this.#lastPrinted = performance.now();
      writeText(process.stderr, `${text}${this.#lastLive === '' ? '' : `  ${this.#lastLive}`}\n`);
    }
    this.#lastTopic = topic;
  }

  clear(): void {
    this.#live?.clear();
  }

  /** Prints lines instead of the live one, which the next update redraws below them. */
  interrupt(printLines: () => void): void {
    this.clear();
    printLines();
  }
}

/** What a command does in its seconds without other output: a live line on a terminal, otherwise a line every ten seconds. */
export class StepLine {
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : null;
  #lastPrinted = performance.now();

  update(text: string): void {
    if (this.#live) this.#live(inertExceptStyles(paint('dim', inert(text))));
    else if (performance.now() - this.#lastPrinted > QUIET_INTERVAL_MS) {
      this.#lastPrinted = performance.now();
      printNote(text);
    }
  }

  clear(): void {
    this.#live?.clear();
  }
}
