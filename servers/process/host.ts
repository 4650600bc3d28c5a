/**
 * Process entry: replicas of several arms in one process, for quick security checks. A replica spends most of its start
 * loading code, which happens once here. Measured replicas never run in this process.
 */
import { flushCompileCache } from 'node:module';
import { StartError } from '../errors.ts';
import { type FromHost, ToHost } from '../messages.ts';
import { fits } from '../validate.ts';
import { serve } from './serve.ts';

const say = (message: FromHost) => process.send?.(message);

async function host({ id, start }: ToHost): Promise<void> {
  try {
    const { port, behindPort } = await serve(start, false);
    say({ type: 'hosted', id, port, ...(behindPort === undefined ? {} : { behindPort }) });
    // As in a replica: the gate kills its hosts.
    flushCompileCache();
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
  // The error does not quote the message, which carries secrets.
  if (!fits(ToHost, message)) throw new TypeError('The message to the host does not match its schema.');
  void host(message);
});
// The parent is gone, so nobody is left to stop this process.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when its servers stop.
process.on('SIGINT', () => {});
