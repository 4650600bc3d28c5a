/** The terms that a reader meets first, in a few words each. One list, so that a page and a terminal explain them alike. */
import { FLAG_MARK } from '../../core/text/flags.ts';
import { costOf } from './ranking.ts';
import type { ReportView } from './view.ts';

export interface Term {
  readonly term: string;
  readonly meaning: string;
}

/** Only the terms that this run's tables use. */
export function glossaryOf({ run, baseline, flags, ranking, aa }: ReportView): Term[] {
  const has = (experiment: string) => run.figures.some((figure) => figure.experiment === experiment);
  const percents = [...Map.groupBy(run.figures, ({ confidence }) => Math.round(confidence * 100))];
  const percent = percents.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
  const terms: (Term | null)[] = [
    { term: 'arm', meaning: 'one way to authenticate requests: a scheme with its settings.' },
    baseline === null
      ? null
      : {
          term: 'baseline',
          meaning: `the arm ${baseline.name}: the same server and the same requests, without authentication.`,
        },
    has('toll') ? { term: 'toll', meaning: 'what an arm costs per request on top of the baseline.' } : null,
    has('toll')
      ? {
          term: '× baseline',
          meaning: `the arm’s CPU time divided by the baseline’s${run.figures.some(({ metric }) => metric === 'total_cpu_ratio_to_baseline') ? ', Redis included' : ', in the server process without Redis'}. All arms take turns in short stretches of load (blocks), so the machine’s slow moments affect all arms alike.`,
        }
      : null,
    ranking === null
      ? null
      : {
          term: 'place',
          meaning: `rank by ${costOf(ranking)}. It compares every two arms block by block, which is more exact than comparing their intervals; “=” marks arms between which no difference was found.`,
        },
    aa === null
      ? null
      : {
          term: 'A/A check',
          meaning: 'the baseline measured against an identical copy of itself. The ratio should be 1.',
        },
    percent === undefined
      ? null
      : {
          term: '[low–high]',
          meaning: `the ${percent} % confidence interval. A figure without one was counted, or rests on a single measurement.`,
        },
    flags.length === 0
      ? null
      : {
          term: `${FLAG_MARK}${flags[0]?.letter}`,
          meaning: 'a caveat about this figure; each letter is explained under Caveats.',
        },
    has('scale')
      ? { term: 'replica', meaning: 'one server process. Several of them behind one address share the load.' }
      : null,
    has('latency')
      ? { term: 'p50, p99', meaning: 'half of the requests, and 99 % of them, were answered within this time.' }
      : null,
    has('latency')
      ? { term: 'machine p99', meaning: 'how late the machine itself woke an idle process; no arm can be faster.' }
      : null,
    {
      term: 'fresh start',
      meaning: 'all processes stopped and started again. Speed varies from start to start, so a figure needs several.',
    },
  ];
  return terms.filter((term) => term !== null);
}
