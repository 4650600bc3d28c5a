/** A simulated network for tests of the open loop. */
import { ConnectionError, type Done } from '../../connection/connection.ts';
import type { Link } from '../connections.ts';

type Reply = { readonly afterMs: number; readonly status?: number; readonly body?: string; readonly breaks?: boolean };

/** A simulated world with manual time: no clock, no socket. */
export class World {
  now = 0;
  readonly sends: { atMs: number; link: number; wire: string; target: number }[] = [];
  readonly links: { closed: boolean }[] = [];
  attempts = 0;
  refuse = false;
  #events: { atMicros: number; run: () => void }[] = [];
  readonly #reply: (atMs: number, wire: string, nth: number) => Reply | null;

  /** @param reply the server's response to a request; null for none */
  constructor(reply: (atMs: number, wire: string, nth: number) => Reply | null) {
    this.#reply = reply;
  }

  open(target: number): Promise<Link> {
    this.attempts++;
    if (this.refuse) return Promise.reject(new ConnectionError('refused'));
    const id = this.links.length;
    const state = { closed: false };
    this.links.push(state);
    return Promise.resolve({
      get closed() {
        return state.closed;
      },
      close: () => {
        state.closed = true;
      },
      send: (request: Buffer, done: Done) => {
        const atMs = this.now / 1000;
        this.sends.push({ atMs, link: id, wire: request.toString(), target });
        const reply = this.#reply(atMs, request.toString(), this.sends.length - 1);
        if (reply === null) return;
        this.#events.push({
          atMicros: this.now + reply.afterMs * 1000,
          run: () => {
            if (reply.breaks) {
              state.closed = true;
              done(new ConnectionError('broke'), null);
              return;
            }
            const body = Buffer.from(reply.body ?? 'ok');
            done(null, { status: reply.status ?? 200, head: '', body, bytes: 10 + body.length, closes: false });
          },
        });
      },
    });
  }

  /** Lets time pass, running what falls due. */
  advanceTo(micros: number): void {
    for (;;) {
      const due = this.#events.filter((event) => event.atMicros <= micros).sort((a, b) => a.atMicros - b.atMicros)[0];
      if (due === undefined) break;
      this.#events = this.#events.filter((event) => event !== due);
      this.now = Math.max(this.now, due.atMicros);
      due.run();
    }
    this.now = micros;
  }
}
