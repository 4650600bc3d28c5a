/**
 * The process of a command line: its signals, its output and its exit. Nothing here may import a package, as in
 * `main.ts`.
 */
import { EXIT } from '../core/errors.ts';
import { dispatch } from './dispatch.ts';
import { printNote, watchOutput } from './output.ts';

/**
 * The first signal asks a command to stop in an orderly way, if it can; the second ends it, and the janitor cleans up
 * after it.
 */
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

export async function runCommandLine(): Promise<never> {
  const finish = watchOutput();
  return finish(await dispatch(process.argv.slice(2), process.env, listenForSignals));
}
