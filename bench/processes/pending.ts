/** Questions that wait for their answers, by number. None waits for ever: each has a deadline. */

import { deadline } from './deadline.ts';

/** The deadline of requests for which neither the caller nor the table of operations sets one. */
export const DEADLINE_MS = 60_000;

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly failure: (reason: Error) => unknown;
  /** Starts the wait again from now. */
  readonly renew: () => void;
  readonly stop: () => void;
}

export interface Question {
  readonly deadlineMs: number;
  /** What it is rejected with when the deadline passes. */
  readonly late: () => Error;
  /** What it is rejected with when all questions are given up for a reason; the reason itself when left out. */
  readonly failure?: (reason: Error) => Error;
}

export class Pending<Answer> {
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #nextId = 0;
  #ended: Error | null = null;

  /** Why no question is taken any more; null while they are. */
  get ended(): Error | null {
    return this.#ended;
  }

  /**
   * @param send is called with the number under which the answer will be settled
   * @throws what the question says for a missed deadline or for the end; rejects at once after the end
   */
  ask({ deadlineMs, late, failure = (reason) => reason }: Question, send: (id: number) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) return reject(failure(this.#ended));
      const id = this.#nextId++;
      const expire = () => {
        this.#waiting.delete(id);
        reject(late());
      };
      let end = deadline(deadlineMs, expire);
      const stop = () => end();
      const renew = () => {
        end();
        end = deadline(deadlineMs, expire);
      };
      this.#waiting.set(id, { resolve, reject, failure, renew, stop });
      send(id);
    });
  }

  /** An answer to no question, or one that came too late, is dropped. */
  resolve(id: number, answer: Answer): void {
    this.#take(id)?.resolve(answer);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** The other side is at work on it: the deadline counts from now. */
  renew(id: number): void {
    this.#waiting.get(id)?.renew();
  }

  /** Gives up every question, and every later one. Only the first reason counts. */
  end(reason: Error): void {
    this.#ended ??= reason;
    for (const [id, { failure }] of [...this.#waiting]) this.reject(id, failure(reason));
  }

  #take(id: number): Waiting<Answer> | null {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return null;
    this.#waiting.delete(id);
    waiting.stop();
    return waiting;
  }
}
