/**
 * Process entry: stands between replicas and Redis and holds back each reply, as a network would. Requests pass at once,
 * since only the sum of both ways matters to who waits. While something is held back it polls, because a timer's
 * millisecond is longer than most networks: it then keeps one core busy, which whoever measures has to leave it.
 */
import { connect, createServer, type Socket } from 'node:net';
import { Compile } from 'typebox/compile';
import { messageOf } from '../../../core/errors.ts';
import { DelayLine } from './line.ts';
import { type FromDelayProxy, ToDelayProxy } from './protocol.ts';

const HOST = '127.0.0.1';
const toDelayProxy = Compile(ToDelayProxy);

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
  // A connection's end waits behind its replies, but is none: nobody waits for it.
  line.put({ to, bytes }, bytes !== null);
  if (polling || !line.waiting) return;
  polling = true;
  setImmediate(poll);
}

function pass(client: Socket, port: number): void {
  const redis = connect({ host: HOST, port, noDelay: true });
  client.setNoDelay(true);
  client.on('data', (bytes) => redis.write(bytes));
  redis.on('data', (bytes: Buffer | string) => hold(client, bytes as Buffer)); // no encoding is set: always a Buffer
  redis.on('end', () => hold(client, null));
  client.on('end', () => redis.end());
  // One end that breaks breaks the other; what broke it is seen by who uses it.
  redis.on('error', () => client.destroy());
  client.on('error', () => redis.destroy());
  redis.on('close', () => hold(client, null));
  client.on('close', () => redis.destroy());
}

function listen(port: number): Promise<FromDelayProxy> {
  return new Promise((resolve) => {
    const server = createServer((client) => pass(client, port));
    server.once('error', (error) => resolve({ type: 'failed', message: error.message }));
    server.listen(0, HOST, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve({ type: 'listening', port: address.port });
      else resolve({ type: 'failed', message: 'the kernel gave no port' });
    });
  });
}

async function answer(message: ToDelayProxy): Promise<FromDelayProxy> {
  switch (message.type) {
    case 'start':
      return listen(message.port);
    case 'delay':
      line.delayMicros = message.micros;
      return { type: 'delaying' };
    case 'lateness':
      return { type: 'lateness', ...line.takeLateness() };
  }
}

if (process.send === undefined) {
  process.stderr.write('This is a part of npm run bench and is started by it.\n');
  process.exit(2);
}
// Ctrl-C reaches the whole group; the bench process decides what ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: unknown) => {
  const reply = (given: FromDelayProxy) => process.send?.(given);
  if (!toDelayProxy.Check(message)) {
    reply({ type: 'failed', message: 'a message was not of the proxy’s form' });
    return;
  }
  answer(message).then(reply, (error: unknown) => reply({ type: 'failed', message: messageOf(error) }));
});
