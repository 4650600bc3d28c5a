/** The most important terms, in a few words each. One list, so that page and terminal explain them alike. */
import { FLAG_MARK } from '../../core/text/flags.ts';
import { costOf } from './ranking.ts';
import type { ReportView } from './view.ts';

export interface Term {
  readonly term: string;
  readonly meaning: string;
  /** Its forms in sentences, so that a page can explain it in place; absent if there are none. */
  readonly words?: readonly string[];
}

const HAND_TUNED = 'hand-tuned';

/** Only the terms that this run's tables use. */
export function glossaryOf({ run, arms, baseline, flags, ranking, aa }: ReportView): Term[] {
  const has = (experiment: string) => run.figures.some((figure) => figure.experiment === experiment);
  const percent = usualPercent(run.figures);
  const compares = ranking !== null && ranking.costs.count > 1;
  const terms: (Term | null | false)[] = [
    { term: 'arm', meaning: 'an authentication scheme with fixed settings.', words: ['arms', 'arm'] },
    arms.some(({ variant }) => variant === HAND_TUNED) && {
      term: '-lean',
      meaning:
        'an arm that is hand-tuned: the same scheme, written by hand for speed. The arm of the same name without “-lean” uses the usual plugin.',
      words: ['-lean'],
    },
    baseline !== null && {
      term: 'baseline',
      meaning: `the arm ${baseline.name}: the same server and the same requests, without authentication.`,
      words: ['baseline'],
    },
    has('toll') && { term: 'toll', meaning: 'the cost of an arm per request beyond the baseline.' },
    has('toll') && {
      term: 'CPU time',
      meaning: `time that a processor core spends on one request, in the server process${run.figures.some(({ metric }) => metric === 'total_cpu_us_per_request') ? ' and in Redis together' : ''}. At 100 µs, one core serves 10,000 requests per second.`,
      words: ['CPU time'],
    },
    has('toll') && {
      term: '× baseline',
      meaning: `the arm’s CPU time divided by the baseline’s${run.figures.some(({ metric }) => metric === 'total_cpu_ratio_to_baseline') ? ', Redis included' : ', in the server process without Redis'}.`,
    },
    has('toll') && {
      term: 'block',
      meaning:
        'a few seconds in which all arms take short turns under the same load, so that drift of the machine affects all arms equally. Arms are compared within blocks.',
      words: ['blocks', 'block'],
    },
    {
      term: 'fresh start',
      meaning: 'all processes stopped and started again. Speed varies between starts, so a figure needs several.',
      words: ['fresh starts', 'fresh start'],
    },
    ranking !== null && {
      term: 'place',
      meaning: `rank by ${costOf(ranking)}. All pairs of arms are compared block by block, which is more precise than comparing their intervals; “=” marks arms between which no difference was found.`,
    },
    compares && {
      term: 'Holm’s correction',
      meaning:
        'with many comparisons, some look different by chance. Holm’s correction keeps the probability of any false difference at 5 %. The planned comparison, of the usual session and token, gets half of that.',
      words: ['Holm’s correction'],
    },
    aa !== null && {
      term: 'A/A check',
      meaning: 'the baseline measured against an identical copy of itself. The ratio should be 1.',
      words: ['A/A check'],
    },
    percent !== null && {
      term: '[low–high]',
      meaning: `the ${percent} % interval: if the run were repeated, ${percent} of 100 such intervals would contain the true value. A figure without one was counted, or rests on a single measurement.`,
      words: [`${percent} % intervals`, `${percent} % interval`],
    },
    flags.length > 0 && {
      term: `${FLAG_MARK}${flags[0]?.letter}`,
      meaning: 'a caveat about this figure; each letter is explained under Caveats.',
    },
    has('scale') && {
      term: 'replica',
      meaning: 'one server process. Several replicas share the load.',
      words: ['replicas', 'replica'],
    },
    has('latency') && {
      term: 'p50, p99',
      meaning: 'half of the requests, and 99 % of them, were answered within this time.',
    },
    has('latency') && {
      term: 'machine p99',
      meaning: 'how late the machine itself woke an idle process; no arm can be faster.',
    },
  ];
  return terms.filter((term) => term !== null && term !== false);
}

/** The confidence of most figures, in percent; null for none. */
export function usualPercent(figures: readonly { readonly confidence: number }[]): number | null {
  const groups = [...Map.groupBy(figures, ({ confidence }) => Math.round(confidence * 100))];
  return groups.sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
}
