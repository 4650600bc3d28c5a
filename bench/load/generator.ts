/** The load generator: a separate process, kept between forks, because it costs less when warm and is not measured. */
import { Child } from '../processes/child.ts';
import type { Janitor } from '../processes/janitor.ts';
import { LOAD } from './protocol.ts';

/** Rounds of load have no time limit: this stops waiting for a server that never responds. */
const DEADLINE_MS = 600_000;

/** One process here, or those of several hosts together. */
export type Generator = Pick<Child<typeof LOAD>, 'pid' | 'ask' | 'fail' | 'stop'>;

export function startGenerator(janitor: Janitor): Generator {
  return new Child(LOAD, {
    name: 'the load generator',
    entry: new URL('./process.ts', import.meta.url),
    hint: 'check whether a replica ended or is overloaded, and run it again',
    janitor,
    deadlineMs: DEADLINE_MS,
  });
}
