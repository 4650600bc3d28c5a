/**
 * Reads the contents of the precision table from the results of a run. Runs of older builds are read too, so only the
 * required parts are validated.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runError } from '../../core/errors.ts';
import { controlNameOf } from '../../core/results/arms.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { median } from '../../core/stats/location.ts';

const TOLL = 'toll';

const Ratio = Type.Object({
  experiment: Type.String(),
  arm: Type.Union([Type.String(), Type.Null()]),
  factors: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  metric: Type.String(),
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
});
const checkRun = checker(
  Type.Object({
    // Older builds record whether an arm is the baseline, later ones its role.
    arms: Type.Array(
      Type.Object({
        name: Type.String(),
        baseline: Type.Optional(Type.Boolean()),
        role: Type.Optional(Type.String()),
      }),
    ),
    figures: Type.Array(Ratio),
  }),
);
const checkSlice = checker(
  Type.Object({
    kind: Type.Literal('slice'),
    experiment: Type.Literal(TOLL),
    fork: Type.Integer(),
    mode: Type.String(),
    durationMs: Type.Number(),
  }),
);
const checkEnd = checker(
  Type.Object({ kind: Type.Literal('experiment-ended'), experiment: Type.Literal(TOLL), seconds: Type.Number() }),
);

export interface TollResults {
  /** Percent: half the interval of each arm’s CPU ratio to the baseline, relative to the ratio; their median, if any. */
  readonly halfWidthPct: number | null;
  /** Percent of the toll’s time in which slices were measured. */
  readonly measuringPct: number;
  readonly forks: number;
  /** Whether the interval of a second, identical baseline contains 1; null if there was none. */
  readonly controlHoldsOne: boolean | null;
  /** The second baseline's CPU ratio to the first; null where there was none. */
  readonly control: ControlRatio | null;
}

export interface ControlRatio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Results of a build’s run cannot be used. */
function unusable(directory: string, reason: string): Error {
  return runError(`the results in ${directory} cannot be used: ${reason}`, 'look at its report, or run it by hand');
}

/** @param journal lines of a journal. Pure. */
export function measuringOf(journal: string): { readonly measuringPct: number; readonly forks: number } | null {
  const forks = new Set<number>();
  let measuredMs = 0;
  let seconds = 0;
  for (const line of journal.split('\n')) {
    if (line === '') continue;
    const value = parsed(line);
    const slice = checkSlice(value);
    const end = checkEnd(value);
    if (end.ok) seconds += end.value.seconds;

    if (slice.ok && slice.value.mode === 'paired') {
      forks.add(slice.value.fork);
      measuredMs += slice.value.durationMs;
    }
  }
  return seconds > 0 ? { measuringPct: measuredMs / seconds / 10, forks: forks.size } : null;
}

/** @param run the content of `run.json`. Pure @returns a reason if it has no ratio or is not a run */
export function ratiosOf(run: unknown): Pick<TollResults, 'halfWidthPct' | 'controlHoldsOne' | 'control'> | string {
  const checked = checkRun(run);
  if (!checked.ok) return checked.reason;
  const { arms, figures } = checked.value;
  const control = controlNameOf(
    arms.find(({ baseline, role }) => baseline === true || role === 'baseline')?.name ?? '',
  );
  const ratios = figures.filter(
    ({ experiment, metric, factors }) =>
      experiment === TOLL && metric === 'cpu_ratio_to_baseline' && factors.in_flight === STANDARD_IN_FLIGHT,
  );
  const others = ratios.filter(({ arm }) => arm !== control);
  const widths = others.map(({ value, low, high }) => (50 * (high - low)) / value);
  const aa = ratios.find(({ arm }) => arm === control);
  if (others.length === 0 && aa === undefined) return 'there is no ratio to the baseline';
  return {
    halfWidthPct: widths.length === 0 ? null : median(widths),
    controlHoldsOne: aa === undefined ? null : aa.low <= 1 && 1 <= aa.high,
    control: aa === undefined ? null : { value: aa.value, low: aa.low, high: aa.high },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws TollgateError if the folder does not hold the results of a run with a toll */
export function readToll(directory: string): TollResults {
  let run: string;
  let journal: string;
  try {
    run = readFileSync(join(directory, 'run.json'), 'utf8');
    journal = readFileSync(join(directory, 'journal.jsonl'), 'utf8');
  } catch {
    throw unusable(directory, 'there are none');
  }
  const ratios = ratiosOf(parsed(run));
  if (typeof ratios === 'string') throw unusable(directory, ratios);
  const measuring = measuringOf(journal);
  if (measuring === null) throw unusable(directory, 'the toll did not finish');
  return { ...ratios, ...measuring };
}
