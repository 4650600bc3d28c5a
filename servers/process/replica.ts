/**
 * Process entry: one replica of one arm. With an IPC channel it waits for the `start` message and obeys its parent; with
 * `--standalone` it reads the same configuration from the environment and a file.
 */
import { serve } from './serve.ts';
import { readStandalone } from './standalone.ts';
import { closeAndExit, failure, runUnderParent } from './under-parent.ts';

async function runStandalone(): Promise<void> {
  const { start, allowRemote } = readStandalone(process.env);
  const { app, port } = await serve(start, allowRemote);
  console.log(`${start.arm} listens on ${start.host}:${port}`);
  process.on('SIGTERM', () => void closeAndExit(app));
  process.on('SIGINT', () => void closeAndExit(app));
}

if (process.argv.includes('--standalone')) {
  runStandalone().catch((error: unknown) => {
    const { code, message } = failure(error);
    console.error(`${code}: ${message}`);
    process.exit(1);
  });
} else if (process.send === undefined) {
  console.error(
    'A replica is started by the bench, over IPC. To run one by itself: node servers/process/replica.ts --standalone',
  );
  process.exit(2);
} else {
  runUnderParent();
}
