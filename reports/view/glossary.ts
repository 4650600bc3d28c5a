/** The terms that a reader meets first, in a few words each. One list, so that a page and a terminal explain them alike. */
import { FLAG_MARK } from '../../core/text/flags.ts';
import { costOf } from './ranking.ts';
import type { ReportView } from './view.ts';

export interface Term {
  readonly term: string;
  readonly meaning: string;
  /** How sentences say it, where a page can explain it in place; none where they do not. */
  readonly words?: readonly string[];
}

const HAND_TUNED = 'hand-tuned';

/** Only the terms that this run's tables use. */
export function glossaryOf({ run, arms, baseline, flags, ranking, aa }: ReportView): Term[] {
  const has = (experiment: string) => run.figures.some((figure) => figure.experiment === experiment);
  const percent = usualPercent(run.figures);
  const compares = ranking !== null && ranking.costs.count > 1;
  const terms: (Term | null | false)[] = [
    { term: 'arm', meaning: 'one way to authenticate requests: a scheme with its settings.', words: ['arms', 'arm'] },
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
    has('toll') && { term: 'toll', meaning: 'what an arm costs per request on top of the baseline.' },
    has('toll') && {
      term: 'CPU time',
      meaning: `time that a processor core spends on one request, in the server process${run.figures.some(({ metric }) => metric === 'total_cpu_us_per_request') ? ' and in Redis together' : ''}. 100 µs of it let one core serve 10,000 requests a second.`,
      words: ['CPU time'],
    },
    has('toll') && {
      term: '× baseline',
      meaning: `the arm’s CPU time divided by the baseline’s${run.figures.some(({ metric }) => metric === 'total_cpu_ratio_to_baseline') ? ', Redis included' : ', in the server process without Redis'}.`,
    },
    has('toll') && {
      term: 'block',
      meaning:
        'a few seconds in which all arms take short turns under the same load, so that the machine’s slow moments affect all alike. Arms are compared within blocks.',
      words: ['blocks', 'block'],
    },
    {
      term: 'fresh start',
      meaning: 'all processes stopped and started again. Speed varies from start to start, so a figure needs several.',
      words: ['fresh starts', 'fresh start'],
    },
    ranking !== null && {
      term: 'place',
      meaning: `rank by ${costOf(ranking)}. It compares every two arms block by block, which is more exact than comparing their intervals; “=” marks arms between which no difference was found.`,
    },
    compares && {
      term: 'Holm’s correction',
      meaning:
        'of many comparisons some look different by chance alone. This correction asks more of each the more there are, so that the chance of even one false difference stays at 5 %. The comparison that the run is made for, of the usual session and token, has half of it to itself.',
      words: ['Holm’s correction'],
    },
    aa !== null && {
      term: 'A/A check',
      meaning: 'the baseline measured against an identical copy of itself. The ratio should be 1.',
      words: ['A/A check'],
    },
    percent !== null && {
      term: '[low–high]',
      meaning: `the ${percent} % interval: the range in which the true value lies, as far as chance is concerned, in ${percent} of 100 such runs. A figure without one was counted, or rests on a single measurement.`,
      words: [`${percent} % intervals`, `${percent} % interval`],
    },
    flags.length > 0 && {
      term: `${FLAG_MARK}${flags[0]?.letter}`,
      meaning: 'a caveat about this figure; each letter is explained under Caveats.',
    },
    has('scale') && {
      term: 'replica',
      meaning: 'one server process. Several of them behind one address share the load.',
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

/** The confidence of most figures, in per cent; null for none. */
export function usualPercent(figures: readonly { readonly confidence: number }[]): number | null {
  const groups = [...Map.groupBy(figures, ({ confidence }) => Math.round(confidence * 100))];
  return groups.sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
}
