/** Which upstream gets the next request. Pure. */

/**
 * `round-robin`: in turn, like nginx by default. `least-connections`: the one with the fewest requests in flight;
 * ties in turn.
 */
export type Choice = 'round-robin' | 'least-connections';

export class Chooser {
  readonly #choice: Choice;
  #turn: number;

  /** @param turn the first upstream: the processes of one balancer begin at different ones */
  constructor(choice: Choice, turn = 0) {
    this.#choice = choice;
    this.#turn = turn;
  }

  /**
   * @param among indices of the upstreams to choose from, at least one @param underWay requests in flight at every
   * upstream, by index
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
