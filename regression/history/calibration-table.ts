/** The table of `history calibrate`. Pure. */
import { table } from '../../core/text/layout.ts';
import { type DetectionRow, type DetectionTable, METHODS, type Method } from './calibrate.ts';

const TITLES: Record<Method, string> = { tollgate: 'Tollgate', pelt: 'PELT, 2σ² ln n', none: 'no change' };
const HEAD = ['series', 'method', 'precision', 'recall', 'F1', 'cover', 'exact', 'false/100', 'delay'];

const share = (value: number) => value.toFixed(2);
const cells = ({ method, precision, recall, f1, cover, exact, falsePer100 }: Omit<DetectionRow, 'kind' | 'delay'>) => [
  TITLES[method],
  ...[precision, recall, f1, cover].map(share),
  exact === null ? '–' : share(exact),
  falsePer100.toFixed(2),
];

/** Every kind and method, then the means over all kinds. */
export function detectionText({ seed, lengths, seriesEach, rows }: DetectionTable): string {
  const lines = rows.map((row, i) => [
    row.kind === rows[i - 1]?.kind ? '' : row.kind,
    ...cells(row),
    row.delay === null ? '–' : String(row.delay),
  ]);
  const means = METHODS.map((method, i) => {
    const own = rows.filter((row) => row.method === method);
    const mean = (key: 'precision' | 'recall' | 'f1' | 'cover' | 'falsePer100') =>
      own.reduce((sum, row) => sum + row[key], 0) / own.length;
    const placed = own.flatMap(({ exact }) => exact ?? []);
    const row = {
      method,
      exact: placed.length === 0 ? null : placed.reduce((sum, one) => sum + one, 0) / placed.length,
      precision: mean('precision'),
      recall: mean('recall'),
      f1: mean('f1'),
      cover: mean('cover'),
      falsePer100: mean('falsePer100'),
    };
    return [i === 0 ? 'mean of all kinds' : '', ...cells(row), ''];
  });
  return [
    ...table([HEAD, ...lines, ...means]).map((line) => line.trimEnd()),
    '',
    `${seriesEach} simulated series of each kind and of ${lengths.join(', ')} runs, seed ${seed}. A change is found if one is`,
    'reported within 5 runs. The start counts as a change that every method finds, so that a method without reports has',
    'a score. Exact: the share of found changes that are reported at the very run. Delay: runs from a change until it is',
    'reported, the median of series of 100 runs.',
  ].join('\n');
}
