/** Turns in random order: what makes a comparison paired. CPU accounts are read at the block's ends. */
import { availableParallelism } from 'node:os';
import type { Random } from '../../../core/stats/random.ts';
import type { Processes, Tally } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';

/** One target of a paired load. */
export interface Participant {
  readonly key: string;
  readonly processes: Processes;
  /** One turn, counted into `counts`. */
  readonly turn: (counts: Counts) => Promise<void>;
}

/** On a single core, polling would take CPU time from the measured processes. */
const POLLS = availableParallelism() > 1;

/**
 * Polls for answers until the returned function is called. A server that answers a sleeping client has to wake it up, which
 * costs it CPU time, and not every arm the same; deployed servers do not pay it, since their clients are on other machines.
 * The figures are in docs/method.md, "Laboratory notes".
 */
function stayAwake(): () => void {
  let awake = POLLS;
  const look = () => {
    if (awake) setImmediate(look);
  };
  look();
  return () => {
    awake = false;
  };
}

/** @returns one tally for each participant, in their order, over exactly the same rounds */
export async function takeTurns(
  participants: readonly Participant[],
  rounds: number,
  random: Random,
): Promise<Tally[]> {
  const runs = participants.map((participant) => ({ participant, counts: new Counts() }));
  const rest = stayAwake();
  try {
    const self = new SelfMeter();
    const before = participants.map(({ processes }) => readProcesses(processes));
    for (let round = 0; round < rounds; round++) {
      for (const { participant, counts } of random.shuffle(runs)) await participant.turn(counts);
    }
    const after = participants.map(({ processes }) => readProcesses(processes));
    const own = self.read();
    return runs.map(({ participant, counts }, i) => {
      const [start, end] = [before[i], after[i]];
      if (!start || !end) throw new Error('the CPU time of a participant was not read');
      return tally(participant.key, counts, start, end, own);
    });
  } finally {
    rest();
  }
}
