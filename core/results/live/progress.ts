/** The progress of a run and the time left, from what it has done and the planned time of each experiment. Pure. */
import type { ExperimentTally, RunTally } from './tally.ts';

/** `waiting`: no journal yet, or none that can be read. `checking`: the security checks before the load. */
export type Phase = 'waiting' | 'checking' | 'measuring' | 'ended' | 'interrupted';

export interface ExperimentProgress {
  readonly name: string;
  readonly expectedSeconds: number;
  /** Seconds so far. */
  readonly seconds: number;
  readonly state: 'to come' | 'under way' | 'done' | 'failed' | 'interrupted' | 'skipped';
  readonly tally: ExperimentTally | null;
}

export interface RunProgress {
  readonly phase: Phase;
  readonly experiments: readonly ExperimentProgress[];
  /**
   * Planned seconds left; null before they are known and once the run has ended. At least 0: experiments may overrun.
   */
  readonly secondsLeft: number | null;
  /** Seconds since the run began; its duration once it has ended. Null without a journal. */
  readonly elapsedSeconds: number | null;
}

const ENDED = {
  interval: 'done',
  budget: 'done',
  plan: 'done',
  interrupted: 'interrupted',
  failed: 'failed',
  skipped: 'skipped',
} as const;

/**
 * @param expected the experiments of the run in order, with their planned seconds @param nowMs since the epoch, by
 * the clock that wrote the journal
 */
export function progressOf(
  tally: RunTally,
  expected: readonly { readonly name: string; readonly seconds: number }[],
  nowMs: number,
): RunProgress {
  const { header, ended, loadBeganMs } = tally;
  if (header === null) return { phase: 'waiting', experiments: [], secondsLeft: null, elapsedSeconds: null };
  const since = loadBeganMs === null ? 0 : Math.max(0, (nowMs - loadBeganMs) / 1000 - tally.secondsSinceLoad);
  const underWay = ended === null && loadBeganMs !== null ? underWayOf(tally, expected) : null;
  const experiments = expected.map(({ name, seconds: expectedSeconds }): ExperimentProgress => {
    const found = tally.experiments.get(name) ?? null;
    const isOn = name === underWay;
    const stopped = found?.stoppedBy ?? null;
    const state = isOn ? 'under way' : stopped !== null ? ENDED[stopped] : found !== null ? 'interrupted' : 'to come';
    return { name, expectedSeconds, seconds: (found?.seconds ?? 0) + (isOn ? since : 0), state, tally: found };
  });
  const left = experiments.reduce((sum, { state, expectedSeconds }) => {
    if (state === 'under way') return sum + Math.max(0, expectedSeconds - since);
    return state === 'done' || state === 'skipped' ? sum : sum + expectedSeconds;
  }, 0);
  return {
    phase:
      ended === null ? (loadBeganMs === null ? 'checking' : 'measuring') : ended.interrupted ? 'interrupted' : 'ended',
    experiments,
    secondsLeft: ended === null ? left : null,
    elapsedSeconds: ended === null ? Math.max(0, (nowMs - Date.parse(header.startedAt)) / 1000) : ended.seconds,
  };
}

/** The experiment of the last line or, between two experiments, the first that has not ended. */
function underWayOf({ current, experiments }: RunTally, expected: readonly { readonly name: string }[]): string | null {
  if (current !== null) return current;
  const isOver = (name: string) => {
    const stoppedBy = experiments.get(name)?.stoppedBy ?? null;
    return stoppedBy !== null && stoppedBy !== 'interrupted' && stoppedBy !== 'failed';
  };
  const last = expected.findLastIndex(({ name }) => experiments.get(name)?.stoppedBy === 'failed');
  return expected.find(({ name }, i) => !isOver(name) && i > last)?.name ?? null;
}
