/** Counts the instructions of one `GET /me` in the interpreter, and compares two builds by them. */
import type { FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { environmentError, messageOf, thenEnding } from '../../core/errors.ts';
import { median } from '../../core/stats/location.ts';
import type { Build } from '../compare/build.ts';
import { openRequester } from '../guards/requester.ts';
import { type Callgrind, openCallgrind } from './callgrind.ts';

/** Logins are slow under valgrind; the shortest of these cookies is nearly the shortest possible. */
const USERS = 12;
/** Requests before instructions are counted: they fill caches and compile code to bytecode. */
const WARM_UP = 300;
/** Requests after counting has begun, which makes valgrind translate everything again. */
const SETTLE = 50;
/** Requests per count. A timer that fires in one of the counts does not change the median. */
const REQUESTS = 100;
const COUNTS = 5;

/** The whole takes a minute on an idle machine. */
const DEADLINE_MS = 1_200_000;

/**
 * @returns instructions per request of the server process, Redis not included
 * @throws TollgateError if it does not start or answer under valgrind; the signal's reason if interrupted
 */
export async function countInstructions(
  environment: FleetEnvironment,
  arm: FleetSpec['arm'],
  { label, program }: Pick<Build, 'label' | 'program'>,
  signal: AbortSignal,
): Promise<number> {
  const callgrind = openCallgrind(environment.janitor, signal);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    return await until(AbortSignal.any([signal, deadline]), countUnder(callgrind, environment, arm, program));
  } catch (error) {
    signal.throwIfAborted();
    const reason = deadline.aborted ? `it did not finish within ${DEADLINE_MS / 60_000} minutes` : messageOf(error);
    throw environmentError(`${label} does not run under valgrind: ${reason}`, 'omit --instructions');
  } finally {
    callgrind.close();
  }
}

/** Stops waiting when the signal is aborted: the work ends with its process. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const give = () => reject(signal.reason);
  signal.addEventListener('abort', give, { once: true });
  if (signal.aborted) give();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}

async function countUnder(
  callgrind: Callgrind,
  environment: FleetEnvironment,
  arm: FleetSpec['arm'],
  program: Build['program'],
): Promise<number> {
  const fleet = await startFleet(environment, {
    key: `instructions-${arm.name}`,
    arm,
    replicas: 1,
    users: USERS,
    program: { ...program, ...callgrind.program },
  });
  return thenEnding(
    async () => {
      const [replica] = fleet.replicas;
      if (!replica) throw new Error('a fleet has a replica');
      const asker = await openRequester(fleet);
      try {
        await asker.ask(WARM_UP);
        await callgrind.begin(replica.pid);
        await asker.ask(SETTLE);
        await callgrind.take(replica.pid);
        const counts: number[] = [];
        for (let i = 0; i < COUNTS; i++) {
          await asker.ask(REQUESTS);
          counts.push((await callgrind.take(replica.pid)) / REQUESTS);
        }
        return median(counts);
      } finally {
        asker.close();
      }
    },
    () => fleet.stop(),
  );
}

export interface InstructionChange {
  readonly base: number;
  readonly head: number;
  readonly marginPct: number;
  readonly verdict: 'more' | 'fewer' | 'same';
}

/** Pure. */
export function compareInstructions(base: number, head: number, marginPct: number): InstructionChange {
  const share = head / base - 1;
  const verdict = Math.abs(share) <= marginPct / 100 ? 'same' : share > 0 ? 'more' : 'fewer';
  return { base, head, marginPct, verdict };
}
