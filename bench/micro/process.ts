/** Process entry: the micro suite, separate from its caller, so that neither disturbs the other's measurements. */
import { serve } from '../processes/rpc.ts';
import { MICRO } from './protocol.ts';
import { selectTasks, storesIn } from './registry.ts';
import { runSuite } from './suite.ts';

serve(
  MICRO,
  {
    async run({ redisUrl, postgresUrl, keyPrefix, tasks, ...options }, note) {
      let kept: unknown = null;
      const context = {
        redisUrl,
        postgresUrl,
        keyPrefix,
        keep: (result: unknown) => {
          kept = result;
        },
      };
      await runSuite(selectTasks(tasks, storesIn(context)), context, options, note);
      // Read once, or the compiler could see that it is never used.
      if (kept === null) throw new Error('No task produced anything.');
      return null;
    },
  },
  'npm run micro',
);
