/** One of the two replicas that every check talks to. */
export type Which = 0 | 1;
