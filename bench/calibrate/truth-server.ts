/**
 * Process entry: one server of known truth, on loopback. It speaks as little HTTP as a generator needs (requests
 * without a body, one at a time per connection), so that next to nothing stands between its clock and the wire.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { serveParent } from '../load/open-child.ts';
import { burn } from './burner.ts';
import { DelayQueue } from './delay-queue.ts';
import type { Kind } from './kinds/kind.ts';
import { kindNamed } from './kinds.ts';
import { ping } from './ping.ts';
import { toTruthServer } from './truth-messages.ts';
import { TruthRecorder } from './truth-recorder.ts';

const MAX_HEAD_BYTES = 16_384;
const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
const REFUSED = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno');

const WARMUP_BURNS = 200;
/** At about the pace of the load. */
const PINGS = 151;
const PING_PAUSE_MS = 2;

const nowMicros = () => performance.now() * 1000;
const delays = new DelayQueue(nowMicros);

class TruthServer {
  readonly #kind: Kind;
  #recorder = new TruthRecorder(0);
  #zeroMicros = nowMicros();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  reset(skip: number): void {
    this.#recorder = new TruthRecorder(skip);
    this.#zeroMicros = nowMicros();
  }

  counts() {
    return this.#recorder.counts();
  }

  serve(socket: Socket): void {
    let head = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const arrivedMicros = nowMicros();
      head += chunk.toString('latin1');
      if (head.length > MAX_HEAD_BYTES) socket.destroy();
      if (!head.endsWith('\r\n\r\n')) return;
      head = '';
      this.#request(socket, arrivedMicros);
    });
  }

  #request(socket: Socket, arrivedMicros: number): void {
    // A reset may come between arrival and answer: the answer belongs to the period of the arrival.
    const recorder = this.#recorder;
    const sinceZero = arrivedMicros - this.#zeroMicros;
    const nth = recorder.arrived(sinceZero);
    const { delayMicros, status, burnMicros } = this.#kind.treat(nth, sinceZero);
    if (burnMicros > 0) recorder.burned(burn(burnMicros, nowMicros));
    if (delayMicros === null) {
      recorder.withheld(nth);
      return;
    }
    const answer = () => {
      socket.write(status === 200 ? OK : REFUSED);
      recorder.answered(nth, status, nowMicros() - arrivedMicros);
    };
    if (delayMicros === 0) answer();
    else delays.at(arrivedMicros + delayMicros, answer);
  }
}

let truth: TruthServer | null = null;

serveParent(async (message) => {
  if (!toTruthServer.Check(message)) throw new TypeError('unexpected message');
  if (message.type === 'start') {
    const kind = kindNamed(message.kind);
    // Compiling the burner costs CPU time that nobody injected: it is done before the first request.
    const { burnMicros } = kind.treat(0, 0);
    for (let i = 0; i < WARMUP_BURNS; i++) burn(burnMicros, nowMicros);
    const server = new TruthServer(kind);
    truth = server;
    const listener = createServer({ noDelay: true }, (socket) => server.serve(socket)).listen(0, '127.0.0.1', 1024);
    await once(listener, 'listening');
    return { type: 'listening', port: (listener.address() as AddressInfo).port };
  }
  if (message.type === 'ping') {
    const roundTrips = await ping(message.port, PINGS, PING_PAUSE_MS);
    return { type: 'ping', medianMicros: roundTrips[Math.floor(PINGS / 2)] };
  }
  if (truth === null) throw new TypeError('not started');
  if (message.type === 'truth') return { type: 'truth', counts: truth.counts() };
  truth.reset(message.skip);
  return { type: 'reset' };
});
