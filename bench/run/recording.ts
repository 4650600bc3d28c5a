/** The slices of one experiment, from this part of the run and earlier ones, and the numbers of its forks. */
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import type { NewSlice } from '../measuring/slices.ts';

export class Recording {
  /** What an earlier part of the run left. */
  readonly prior: readonly Slice[];
  /** The fork that was interrupted at the end of that part; null if this part is the first. */
  readonly brokenOffFork: number | null;
  readonly #experiment: string;
  readonly #append: (line: JournalLine) => void;
  readonly #recorded: Slice[];
  #lastFork: number;

  /** @param earlier all lines of an earlier part of the run */
  constructor(experiment: string, earlier: readonly JournalLine[], append: (line: JournalLine) => void) {
    this.#experiment = experiment;
    this.#append = append;
    this.prior = earlier.filter((line): line is Slice => line.kind === 'slice' && line.experiment === experiment);
    const started = earlier.flatMap((line) =>
      line.kind === 'fork' && line.experiment === experiment ? [line.fork] : [],
    );
    // Not every fork starts a fleet, and not every started fleet was measured.
    this.#lastFork = [...started, ...this.prior.map(({ fork }) => fork)].reduce(
      (last, fork) => Math.max(last, fork),
      -1,
    );
    this.brokenOffFork = this.#lastFork < 0 ? null : this.#lastFork;
    this.#recorded = [...this.prior];
  }

  /** Prior slices included. */
  get recorded(): readonly Slice[] {
    return this.#recorded;
  }

  /** Number of the first unused fork. */
  get nextFork(): number {
    return this.#lastFork + 1;
  }

  begin(fork: number): void {
    this.#lastFork = Math.max(this.#lastFork, fork);
  }

  /** The operating system has the slice when this returns. */
  record(slice: NewSlice): void {
    const line: Slice = { kind: 'slice', experiment: this.#experiment, ...slice };
    this.#append(line);
    this.#recorded.push(line);
    this.begin(line.fork);
  }
}
