/**
 * The process of a command line. Nothing that is imported here, or by what is imported here, may be a package: `setup`
 * also runs where packages are missing.
 */
import { EXIT } from '../core/errors.ts';
import { dispatch } from './dispatch.ts';
import { printNote, watchOutput } from './output.ts';

/** The first signal asks a command to stop in order, if it can; the second ends it, and the janitor cleans up after it. */
function listenForSignals(stopsInOrder: boolean): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted || !stopsInOrder) process.exit(EXIT.interrupted);
      printNote('Stopping. Press Ctrl-C again to stop at once.');
      controller.abort();
    });
  }
  return controller.signal;
}

const finish = watchOutput();
await finish(await dispatch(process.argv.slice(2), process.env, listenForSignals));
