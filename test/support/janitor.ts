/** Ends what a test started, if the test's process ends before it could. */
import { Janitor } from '../../bench/processes/janitor.ts';

let janitor: Promise<Janitor> | null = null;

/** One for all files of a test process: it ends with that process. */
export function testJanitor(): Promise<Janitor> {
  janitor ??= Janitor.start();
  return janitor;
}
