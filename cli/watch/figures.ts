/**
 * Computes the figures so far, repeatedly but rarely: it takes seconds of CPU time on a machine that is being
 * measured. It runs when a fresh start or an experiment has ended, only while a page is open, and never within a
 * pause that limits its total to a share of one core.
 */
import { Child } from '../../bench/processes/child.ts';
import { messageOf, thenEnding } from '../../core/errors.ts';
import type { RunTally } from '../../core/results/live/tally.ts';
import type { FiguresState } from '../../reports/live/state.ts';
import { FIGURES } from './figures-protocol.ts';

/** The share of one core, over a long run. */
export const CPU_SHARE = 0.05;
const LEAST_PAUSE_SECONDS = 10;
/** A full run's figures take a minute at low priority on a busy machine. */
const DEADLINE_MS = 10 * 60_000;

/** The pause in seconds after the figures were computed. @param cpuSeconds that this took */
export function pauseAfter(cpuSeconds: number): number {
  return Math.max(LEAST_PAUSE_SECONDS, cpuSeconds / CPU_SHARE);
}

export interface ComputedFigures {
  readonly section: string;
  readonly report: string;
  readonly policy: string;
}

interface Basis {
  /** Fresh starts and experiments that had ended. */
  readonly ends: number;
  readonly slices: number;
  readonly isOver: boolean;
}

function basisOf(tally: RunTally): Basis {
  const all = [...tally.experiments.values()];
  return {
    ends: all.reduce((sum, { forksEnded, stoppedBy }) => sum + forksEnded + (stoppedBy === null ? 0 : 1), 0),
    slices: all.reduce((sum, { slices }) => sum + slices, 0),
    isOver: tally.ended !== null,
  };
}

export class Figures {
  readonly #everySeconds: number | null;
  readonly #onMade: () => void;
  #child: Child<typeof FIGURES> | null = null;
  #made: ComputedFigures | null = null;
  #basis: Basis | null = null;
  #times = 0;
  #madeAt: string | null = null;
  #slices = 0;
  #fault: string | null = null;
  #waitUntilMs = 0;
  #cpuSeconds = 0;

  /** @param everySeconds the pause between two computations; null derives it from their cost */
  constructor(everySeconds: number | null, onMade: () => void) {
    this.#everySeconds = everySeconds;
    this.#onMade = onMade;
  }

  /** The latest figures; null before the first. */
  get made(): ComputedFigures | null {
    return this.#made;
  }

  /** CPU time of all these processes so far. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  state(nowMs: number): FiguresState {
    return {
      made: this.#times,
      madeAt: this.#madeAt,
      slices: this.#slices,
      isMaking: this.#child !== null,
      againInSeconds: Math.max(0, (this.#waitUntilMs - nowMs) / 1000),
      fault: this.#fault,
    };
  }

  /** Whether there is something new to show, and the pause is over. A run that has ended cannot be disturbed. */
  isDue(tally: RunTally, nowMs: number): boolean {
    if (this.#child !== null) return false;
    const now = basisOf(tally);
    if (now.slices === 0 || (now.ends === 0 && !now.isOver)) return false;
    const before = this.#basis;
    if (before !== null && before.ends === now.ends && before.slices === now.slices && before.isOver === now.isOver)
      return false;
    if (now.isOver) return true;
    return (before === null || now.ends > before.ends) && nowMs >= this.#waitUntilMs;
  }

  /** Computes them in a separate process; a failure is kept in the state. */
  async make(directory: string, tally: RunTally): Promise<void> {
    const child = new Child(FIGURES, {
      name: 'the process that makes the figures',
      entry: new URL('./figures-process.ts', import.meta.url),
      deadlineMs: DEADLINE_MS,
    });
    this.#child = child;
    const basis = basisOf(tally);
    this.#basis = basis;
    let cpuSeconds = 1;
    return thenEnding(
      async () => {
        try {
          const reply = await child.ask('make', { directory });
          if (this.#child !== child) return;
          cpuSeconds = reply.cpuSeconds;
          this.#made = reply;
          this.#fault = null;
          this.#times++;
          this.#madeAt = new Date().toISOString();
          this.#slices = basis.slices;
        } catch (error) {
          if (this.#child === child) this.#fault = `The figures could not be made: ${messageOf(error)}.`;
        }
      },
      () => child.stop(),
      () => {
        this.#cpuSeconds += cpuSeconds;
        if (this.#child === child) {
          this.#child = null;
          this.#waitUntilMs = Date.now() + 1000 * (this.#everySeconds ?? pauseAfter(cpuSeconds));
          this.#onMade();
        }
      },
    );
  }

  /** Another run is followed: discards everything about the last one. */
  async reset(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#made = null;
    this.#basis = null;
    this.#madeAt = null;
    this.#slices = 0;
    this.#fault = null;
    await child?.stop();
  }
}
