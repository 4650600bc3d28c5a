/**
 * The order of turns: random and balanced, so that steady drift affects every participant and every length of turn
 * alike. Pure.
 */
import type { Random } from '../../../core/stats/random.ts';

export interface ScheduledTurn {
  /** Index of the participant. */
  readonly participant: number;
  /** Index of the length. */
  readonly length: number;
  /** False for a turn that only fills the caches, so that the next one finds them like every other turn. */
  readonly counts: boolean;
}

export interface OrderOptions {
  readonly participants: number;
  readonly lengths: number;
  readonly rounds: number;
}

/** Every participant once, in an order that does not begin with `previous`, if there is another one. */
function pass(participants: number, previous: number | undefined, random: Random): number[] {
  const all = Array.from({ length: participants }, (_, i) => i);
  const order = random.shuffle(all);
  if (participants > 1 && order[0] === previous) {
    const other = 1 + random.integer(participants - 1);
    [order[0], order[other]] = [order[other] ?? 0, order[0] ?? 0];
  }
  return order;
}

/**
 * One turn of each length for each participant. In each of its passes every participant has one turn; for half of
 * them it is a short one.
 */
function round({ participants, lengths }: OrderOptions, previous: number | undefined, random: Random): ScheduledTurn[] {
  const offsets = pass(participants, undefined, random);
  const turns: ScheduledTurn[] = [];
  for (let i = 0; i < lengths; i++) {
    for (const participant of pass(participants, turns.at(-1)?.participant ?? previous, random)) {
      turns.push({ participant, length: ((offsets[participant] ?? 0) + i) % lengths, counts: true });
    }
  }
  return turns;
}

/**
 * Every second round is the previous one backwards: over both, each participant's turns of each length are centred on
 * the same point. With several lengths, a turn never follows one of the same participant, whose data would still be
 * in the caches: if it would, another participant has a turn that does not count. The same applies before the first
 * turn.
 */
export function turnOrder(options: OrderOptions, random: Random): ScheduledTurn[] {
  const { participants, lengths, rounds } = options;
  const keepsApart = lengths > 1 && participants > 1;
  const turns: ScheduledTurn[] = [];
  const apartFrom = (next: ScheduledTurn | undefined) => {
    if (!keepsApart || next === undefined) return;
    const previous = turns.at(-1)?.participant;
    if (previous !== undefined && previous !== next.participant) return;
    const other = (next.participant + 1 + random.integer(participants - 1)) % participants;
    turns.push({ participant: other, length: 0, counts: false });
  };
  for (let done = 0; done < rounds; done += 2) {
    const forth = round(options, turns.at(-1)?.participant, random);
    apartFrom(forth[0]);
    turns.push(...forth);
    if (done + 1 === rounds) break;
    const back = forth.toReversed();
    apartFrom(back[0]);
    turns.push(...back);
  }
  return turns;
}
