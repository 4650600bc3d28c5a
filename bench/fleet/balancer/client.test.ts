import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { ProcessHandle } from '../../processes/rpc.ts';
import { startBalancer } from './client.ts';

/** A process that does not start, and cannot be stopped. */
class Stuck extends EventEmitter implements ProcessHandle {
  readonly pid = 2 ** 30;
  readonly exitCode = null;
  readonly signalCode = null;
  readonly stdout = null;
  readonly stderr = null;

  send(message: object): boolean {
    queueMicrotask(() => this.emit('message', { ...message, failed: 'it has no upstream' }));
    return true;
  }

  kill(): boolean {
    throw new Error('the host is gone');
  }
}

it('names why a balancer did not start before why its processes cannot be stopped', async () => {
  const starting = startBalancer({
    name: 'the balancer',
    launch: async () => new Stuck(),
    processes: 1,
    choice: 'round-robin',
    host: '127.0.0.1',
    port: 0,
    upstreams: [{ host: '127.0.0.1', port: 1 }],
    onDeath: () => {},
  });
  await expect(starting).rejects.toThrow(
    'the balancer failed at start: it has no upstream; after that: the host is gone',
  );
});
