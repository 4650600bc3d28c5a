/** Process entry: the micro suite, apart from whoever asked, so that neither disturbs the other's measurements. */
import { Value } from 'typebox/value';
import { type FromMicro, MicroStart } from './protocol.ts';
import { selectTasks } from './registry.ts';
import { runSuite } from './suite.ts';

/** Resolves when the message has left, so that exiting cannot cut it off. Nobody to tell is the end of the work. */
function tell(message: FromMicro): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : process.exit(0)));
  });
}

async function run(message: unknown): Promise<void> {
  if (!Value.Check(MicroStart, message)) throw new Error('The first message is not a valid start message.');
  const { redisUrl, keyPrefix, tasks, ...options } = message;
  let kept: unknown = null;
  const context = {
    redisUrl,
    keyPrefix,
    keep: (result: unknown) => {
      kept = result;
    },
  };
  await runSuite(selectTasks(tasks, redisUrl !== null), context, options, (sample) => void tell(sample));
  // Read once, so that what was kept was kept for a reason.
  if (kept === null) throw new Error('No task produced anything.');
  await tell({ type: 'done' });
}

if (process.send === undefined) {
  console.error('This process is started by the micro suite over IPC; run npm run micro instead.');
  process.exit(2);
}
process.on('disconnect', () => process.exit(0));
process.once('message', (message) => {
  run(message).then(
    () => process.exit(0),
    async (error: unknown) => {
      await tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
      process.exit(1);
    },
  );
});
