/** Which upstream gets the next request. Pure. */

/**
 * `round-robin`: each in turn, as nginx does by default. `least-connections`: the one with the fewest requests under way; of
 * several, the next in turn.
 */
export type Choice = 'round-robin' | 'least-connections';

export class Chooser {
  readonly #choice: Choice;
  #turn: number;

  /** @param turn where it begins: the processes of one balancer begin at different upstreams */
  constructor(choice: Choice, turn = 0) {
    this.#choice = choice;
    this.#turn = turn;
  }

  /**
   * @param among indices of the upstreams to choose from, at least one
   * @param underWay requests under way at every upstream, by its index
   */
  next(among: readonly number[], underWay: readonly number[]): number {
    const first = this.#turn % among.length;
    this.#turn = first + 1;
    let chosen = among[first] ?? 0;
    if (this.#choice === 'round-robin') return chosen;
    for (let step = 1; step < among.length; step++) {
      const other = among[(first + step) % among.length] ?? chosen;
      if ((underWay[other] ?? 0) < (underWay[chosen] ?? 0)) chosen = other;
    }
    return chosen;
  }
}
