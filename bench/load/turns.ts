/** Turns of several parties in random order: what makes a comparison paired. CPU accounts are read at the block's ends. */
import type { Random } from '../stats/random.ts';
import type { Processes, Tally } from './messages.ts';
import { Counts, readProcesses, SelfMeter, tally } from './tally.ts';

export interface Party {
  readonly key: string;
  readonly processes: Processes;
  /** One turn, counted into `counts`. */
  readonly turn: (counts: Counts) => Promise<void>;
}

/** @returns one tally for each party, in their order, over exactly the same rounds */
export async function takeTurns(parties: readonly Party[], rounds: number, random: Random): Promise<Tally[]> {
  const runs = parties.map((party) => ({ party, counts: new Counts() }));
  const self = new SelfMeter();
  const before = parties.map(({ processes }) => readProcesses(processes));
  for (let round = 0; round < rounds; round++) {
    for (const { party, counts } of random.shuffle(runs)) await party.turn(counts);
  }
  const after = parties.map(({ processes }) => readProcesses(processes));
  const own = self.read();
  return runs.map(({ party, counts }, i) => {
    const [start, end] = [before[i], after[i]];
    if (!start || !end) throw new Error('a party was not read');
    return tally(party.key, counts, start, end, own);
  });
}
