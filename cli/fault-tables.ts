/** What revocation and outage found, as tables for the terminal. Pure. */
import type { Metric } from '../core/results/metrics.ts';
import type { Factors, Figure, Run } from '../core/results/schema.ts';
import { table } from './tables.ts';

function matches({ factors }: Figure, wanted: Factors): boolean {
  return Object.entries(wanted).every(([name, level]) => factors[name] === level);
}

/** `0 ms`, `870 ms`, `14.1 min`; marked where it is flagged. */
export function duration(figure: Figure | undefined): string {
  if (figure === undefined) return '';
  const { value: ms, flags } = figure;
  const minute = 60_000;
  const [amount, unit] =
    ms < 1_000
      ? [ms, 'ms']
      : ms < minute
        ? [ms / 1_000, 's']
        : ms < 60 * minute
          ? [ms / minute, 'min']
          : [ms / 60 / minute, 'h'];
  return `${amount < 10 ? Number(amount.toFixed(1)) : Math.round(amount)} ${unit}${flags.length > 0 ? ' *' : ''}`;
}

function percent(figure: Figure | undefined): string {
  if (figure === undefined) return '';
  return `${Number(figure.value.toFixed(1))} %${figure.flags.length > 0 ? ' *' : ''}`;
}

/** The longest lag of each arm by what ended its credentials, as deployed; intervals are in the report. */
export function revocationTable(run: Run): string[] {
  const lags = run.figures.filter(
    (figure) => figure.metric === 'revocation_lag_ms' && matches(figure, { settings: 'deployed', quantile: 'max' }),
  );
  if (lags.length === 0) return [];
  const bounds = run.figures.filter(
    (figure) => figure.metric === 'revocation_bound_ms' && matches(figure, { settings: 'deployed' }),
  );
  const most = (figures: readonly Figure[], arm: string, factors: Factors) =>
    figures.filter((figure) => figure.arm === arm && matches(figure, factors)).toSorted((a, b) => b.value - a.value)[0];
  const rows = [...new Set(lags.map(({ arm }) => arm ?? ''))].map((arm) => [
    arm,
    ...['logout', 'logout-all', 'disable'].map((kind) => duration(most(lags, arm, { kind, operation: 'read' }))),
    duration(most(lags, arm, { operation: 'critical' })),
    duration(most(bounds, arm, {})),
  ]);
  return [
    'Revocation: longest that a revoked credential was accepted, as deployed',
    ...table([['arm', 'logout', 'logout-all', 'disable', 'critical operation', 'declared'], ...rows]).map(
      (line) => `  ${line.trimEnd()}`,
    ),
  ];
}

const OUTAGE_COLUMNS: readonly {
  readonly title: string;
  readonly metric: Metric;
  readonly factors: Factors;
  readonly text: (figure: Figure | undefined) => string;
}[] = [
  { title: 'accepted', metric: 'outage_accepted_pct', factors: { route: 'me' }, text: percent },
  { title: 'public', metric: 'outage_accepted_pct', factors: { route: 'public' }, text: percent },
  { title: 'revoked accepted', metric: 'fail_open_pct', factors: { phase: 'during' }, text: percent },
  { title: 'longest wait', metric: 'outage_answer_ms', factors: { quantile: 'max' }, text: duration },
  { title: 'recovery', metric: 'recovery_ms', factors: {}, text: duration },
  { title: 'credentials lost', metric: 'credentials_lost_pct', factors: {}, text: percent },
  { title: 'hung', metric: 'requests_hung', factors: {}, text: (figure) => (figure ? `${figure.value}` : '') },
];

/** What clients met while something was broken, a row for each fault and arm. */
export function outageTable(run: Run): string[] {
  const figures = run.figures.filter(({ experiment }) => experiment === 'outage');
  if (figures.length === 0) return [];
  const cells = new Map(
    figures.map(({ arm, factors: { fault, redis_client, denylist } }) => {
      const options: Factors = { ...(redis_client && { redis_client }), ...(denylist && { denylist }) };
      return [JSON.stringify([fault, arm, options]), { fault: String(fault), arm: arm ?? '', options }] as const;
    }),
  );
  const rows = [...cells.values()].map(({ fault, arm, options }) => [
    fault,
    [arm, ...Object.values(options).filter((level) => level === 'defaults' || level === 'fail-open')].join(' '),
    ...OUTAGE_COLUMNS.map(({ metric, factors, text }) =>
      text(
        figures.find(
          (figure) =>
            figure.metric === metric && figure.arm === arm && matches(figure, { fault, ...options, ...factors }),
        ),
      ),
    ),
  ]);
  return [
    'Outage: what clients met while something was broken, and after',
    ...table([['fault', 'arm', ...OUTAGE_COLUMNS.map(({ title }) => title)], ...rows]).map(
      (line) => `  ${line.trimEnd()}`,
    ),
  ];
}
