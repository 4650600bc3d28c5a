/** Pending questions by number, each with a deadline, so none waits for ever. */

import { deadline } from './deadline.ts';

/** The deadline of requests for which neither the caller nor the table of operations sets one. */
export const DEADLINE_MS = 60_000;

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly failure: (reason: Error) => unknown;
  /** Restarts the deadline now. */
  readonly renew: () => void;
  readonly stop: () => void;
}

export interface Question {
  readonly deadlineMs: number;
  /** The error after the deadline. */
  readonly late: () => Error;
  /** The error if all questions are ended for a reason; the reason itself if left out. */
  readonly failure?: (reason: Error) => Error;
}

export class Pending<Answer> {
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #nextId = 0;
  #ended: Error | null = null;

  /** Why no more questions are accepted; null while they are. */
  get ended(): Error | null {
    return this.#ended;
  }

  /**
   * @param send called with the number by which the answer will be settled
   *
   * @throws the question's error for a missed deadline or for the end; rejects at once after the end
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

  /** Drops an answer to an unknown question, or one that is too late. */
  resolve(id: number, answer: Answer): void {
    this.#take(id)?.resolve(answer);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** The other side is working on it: the deadline restarts now. */
  renew(id: number): void {
    this.#waiting.get(id)?.renew();
  }

  /** Rejects all questions, and all later ones. Only the first reason counts. */
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
