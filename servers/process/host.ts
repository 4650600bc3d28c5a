/**
 * Process entry: replicas of several arms in one process, for checks that are to take seconds. Most of the time that a
 * replica needs to start goes into loading code, which is done once here. What is measured never runs in it.
 */
import { Value } from 'typebox/value';
import { type FromHost, ToHost } from '../contract.ts';
import { StartError } from '../errors.ts';
import { serve } from './serve.ts';

const say = (message: FromHost) => process.send?.(message);

async function host({ id, start }: ToHost): Promise<void> {
  try {
    const { port } = await serve(start, false);
    say({ type: 'hosted', id, port });
  } catch (error) {
    const code = error instanceof StartError ? error.code : 'START_FAILED';
    say({ type: 'not-hosted', id, code, message: error instanceof Error ? error.message : String(error) });
  }
}

if (process.send === undefined) {
  console.error(
    'A host is started by the gate, over IPC. To run one replica by itself: node servers/process/replica.ts --standalone',
  );
  process.exit(2);
}
process.on('message', (message: unknown) => {
  // Says nothing of what it holds: it carries secrets.
  if (!Value.Check(ToHost, message)) throw new TypeError('The message to the host is not of its schema.');
  void host(message);
});
// The parent is gone, however it went: nobody is left to stop this process.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides what becomes of its servers.
process.on('SIGINT', () => {});
