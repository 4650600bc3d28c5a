/**
 * Process entry: one server of known truth, on loopback. It implements as little HTTP as a generator needs (requests
 * without a body, one at a time per connection), to keep its own overhead minimal.
 */
import { createServer, type Socket } from 'node:net';
import { monotonicOriginMs } from '../../load/open/alarm-clock.ts';
import { listen } from '../../processes/listen.ts';
import { serve } from '../../processes/rpc.ts';
import { openCpuWait } from '../../processes/threads/cpu-wait.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindNamed } from '../kinds/registry.ts';
import { ping } from '../ping.ts';
import { burn, onCpuMicros } from './burner.ts';
import { DelayQueue } from './delay-queue.ts';
import { Poller } from './poller.ts';
import { type Schedule, TRUTH, type Window } from './protocol.ts';
import { TruthRecorder } from './recorder.ts';

const MAX_HEAD_BYTES = 16_384;
const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
const LAST = Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
const REFUSED = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno');

/** A request may state its index in a schedule. */
const PLACE = /^GET \/(\d{1,7}) /;

const WARMUP_BURNS = 200;
/** The number of pings, at about the pace of the load. */
const PINGS = 151;
const PING_PAUSE_MS = 2;
/** The shortest possible timer. */
const LOOK_MS = 1;

/** The origin of the clock that all processes share; adding to it allocates the least garbage. */
const originMicros = monotonicOriginMs() * 1000;
const nowMicros = () => originMicros + performance.now() * 1000;
const cpuWaitMicros = openCpuWait() ?? (() => null);
const delays = new DelayQueue(nowMicros);
const poller = new Poller(nowMicros, openCpuWait());

class TruthServer {
  readonly #kind: Kind;
  #recorder = new TruthRecorder(0, nowMicros(), cpuWaitMicros);
  #zeroMicros = nowMicros();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  reset(skip: number): void {
    this.#recorder = new TruthRecorder(skip, nowMicros(), cpuWaitMicros);
    this.#zeroMicros = nowMicros();
  }

  looked(): void {
    this.#recorder.looked(nowMicros());
  }

  counts(window: Window | null, schedule: Schedule | null) {
    return this.#recorder.counts(nowMicros(), window, schedule);
  }

  serve(socket: Socket): void {
    let head = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const arrivedMicros = nowMicros();
      head += chunk.toString('latin1');
      if (head.length > MAX_HEAD_BYTES) socket.destroy();
      if (!head.endsWith('\r\n\r\n')) return;
      const place = PLACE.exec(head)?.[1];
      head = '';
      this.#request(socket, arrivedMicros, place === undefined ? null : Number(place));
    });
  }

  #request(socket: Socket, arrivedMicros: number, place: number | null): void {
    // A reset may come between arrival and response: the response belongs to the period of the arrival.
    const recorder = this.#recorder;
    const sinceZero = arrivedMicros - this.#zeroMicros;
    const nth = recorder.arrived(sinceZero, place);
    const { delayMicros, status, burnMicros, closes = false } = this.#kind.treat(nth, sinceZero);
    if (burnMicros > 0) recorder.burned(burn(burnMicros, nowMicros));
    if (delayMicros === null) {
      recorder.withheld(nth);
      return;
    }
    const answer = () => {
      const body = status === 200 ? (closes ? LAST : OK) : REFUSED;
      recorder.burned(onCpuMicros(() => socket.write(body), nowMicros));
      const now = nowMicros();
      if (closes) socket.end();
      recorder.answered(nth, status, now - arrivedMicros, now);
    };
    if (delayMicros === 0) answer();
    else delays.at(arrivedMicros + delayMicros, answer);
  }
}

let truth: TruthServer | null = null;
let looks: NodeJS.Timeout | undefined;

function started(): TruthServer {
  if (truth === null) throw new TypeError('it has not been started');
  return truth;
}

serve(TRUTH, {
  async start({ kind: name }) {
    const kind = kindNamed(name);
    // Compiling the burner uses CPU time that was not injected, so it is done before the first request.
    const { burnMicros } = kind.treat(0, 0);
    for (let i = 0; i < WARMUP_BURNS; i++) burn(burnMicros, nowMicros);
    const server = new TruthServer(kind);
    truth = server;
    const listener = createServer({ noDelay: true }, (socket) => server.serve(socket));
    return { port: await listen(listener, { host: '127.0.0.1', port: 0, backlog: 1024 }) };
  },
  reset({ skip, watch }) {
    const server = started();
    poller.poll(watch === 'polling');
    clearInterval(looks);
    if (watch === 'looking') looks = setInterval(() => server.looked(), LOOK_MS);
    server.reset(skip);
    return null;
  },
  truth: ({ window, schedule }) => started().counts(window, schedule),
  async ping({ port }) {
    poller.poll(true);
    const roundTrips = await ping(port, PINGS, PING_PAUSE_MS);
    poller.poll(false);
    return { medianMicros: roundTrips[Math.floor(PINGS / 2)] ?? Number.NaN };
  },
});
