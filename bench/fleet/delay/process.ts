/**
 * Process entry: a proxy between replicas and Redis that delays each reply, as a network would. Requests pass at
 * once, since a client sees only the round trip. While an item waits it polls, because a timer's millisecond is
 * longer than most networks' latency: it then keeps one core busy, which must be reserved for it.
 */
import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../../processes/listen.ts';
import { serve } from '../../processes/rpc.ts';
import { DelayLine } from './line.ts';
import { DELAY_PROXY, type Place } from './protocol.ts';

const HOST = '127.0.0.1';

interface Piece {
  readonly to: Socket;
  readonly bytes: Buffer | null;
}

const line = new DelayLine<Piece>(
  () => performance.now() * 1000,
  ({ to, bytes }) => {
    if (to.destroyed) return;
    if (bytes === null) to.end();
    else to.write(bytes);
  },
);
let polling = false;

function poll(): void {
  line.tick();
  polling = line.waiting;
  if (polling) setImmediate(poll);
}

function hold(to: Socket, bytes: Buffer | null): void {
  // The end of a connection stays behind its replies, but its lateness does not count: no client waits for it.
  line.put({ to, bytes }, bytes !== null);
  if (polling || !line.waiting) return;
  polling = true;
  setImmediate(poll);
}

function pass(client: Socket, place: Place): void {
  const redis = connect({ ...place, noDelay: true });
  client.setNoDelay(true);
  client.on('data', (bytes) => redis.write(bytes));
  redis.on('data', (bytes: Buffer | string) => hold(client, bytes as Buffer)); // no encoding is set: always a Buffer
  redis.on('end', () => hold(client, null));
  client.on('end', () => redis.end());
  // If one end breaks, so does the other, and the client sees why.
  redis.on('error', () => client.destroy());
  client.on('error', () => redis.destroy());
  redis.on('close', () => hold(client, null));
  client.on('close', () => redis.destroy());
}

serve(DELAY_PROXY, {
  start: async (place) => {
    const server = createServer((client) => pass(client, place));
    return { port: await listen(server, { host: HOST, port: 0 }) };
  },
  delay({ micros }) {
    line.delayMicros = micros;
    return null;
  },
  lateness: () => line.takeLateness(),
});
