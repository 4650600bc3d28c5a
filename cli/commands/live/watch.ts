/** `npm run watch`: a page on loopback that follows a run while it measures. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describeArms } from '../../../bench/run/arms.ts';
import { EXIT, thenEnding } from '../../../core/errors.ts';
import type { Command } from '../../command.ts';
import { useCores } from '../../options/cores.ts';
import { readWatchOptions, WATCH_FLAGS } from '../../options/watch.ts';
import { print, printNote } from '../../output.ts';
import { RESULTS } from '../../root.ts';
import { shownFolder } from '../../run-folder.ts';
import { stepAside } from '../../watch/low-priority.ts';
import { LiveServer } from '../../watch/server.ts';
import { Watch } from '../../watch/watch.ts';

export const watch: Command = {
  flags: WATCH_FLAGS,
  positionals: [
    {
      name: '[DIR]',
      help: 'The folder of a run, which may not exist yet (default: the latest one in results/).',
    },
  ],
  examples: [
    { args: '', does: 'the current or last run, and every later one' },
    { args: 'results/full --port 8090', does: 'one run, on a port of your choice' },
    { args: '--cores 7 --every 20s', does: 'more frequent figures, if the run leaves a core free (bench --cores 0-6)' },
  ],
  notes: async () => [
    'Progress, errors and flags follow the journal; the figures with their intervals and charts are made now and then, at the',
    'lowest priority and only while a page is open. The page says how much CPU time all of that takes. Ctrl-C ends it.',
  ],
  stopsInOrder: true,
  async run(invocation) {
    const { directory, port, everySeconds, cores } = readWatchOptions(invocation);
    const { refuseFaults, signal } = invocation;
    refuseFaults();
    // During a run that keeps every core busy, this would exceed its deadline, so it comes before lowering the
    // priority.
    const arms = await describeArms();
    const live = await LiveServer.listen(port);
    let following: Watch | null = null;
    await thenEnding(
      async () => {
        stepAside(cores === null);
        useCores(cores);
        following = new Watch({
          directory,
          results: resolve(RESULTS),
          arms,
          everySeconds,
          isSeen: () => live.hasReaders,
          onLook: () => live.tellParts(),
          onFigures: () => live.tellFigures(),
        });
        live.show(following);
        print(live.address);
        printNote(
          `Follows ${directory === null ? `the newest run in ${RESULTS}` : shownFolder(directory)}. Ctrl-C ends it.`,
        );
        if (!signal.aborted) await once(signal, 'abort');
      },
      () => live.close(),
      () => following?.stop(),
    );
    return EXIT.interrupted;
  },
};
