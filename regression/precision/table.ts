/** The precision table as text. Pure. */
import { formatFixed } from '../../core/text/format.ts';
import { table } from '../../core/text/layout.ts';
import { type MachineState, type PrecisionRow, ROWS } from './rows.ts';

const NONE = '–';

function valueText(value: number | undefined, unit: string, decimals: number): string {
  if (value === undefined) return NONE;
  return `${formatFixed(value, decimals)}${unit === '' ? '' : ` ${unit}`}`;
}

function targetText({ target, unit }: PrecisionRow): string {
  if (target === null) return NONE;
  const bound = target.bound === 'most' ? '≤' : '≥';
  const ratio = target.ratio === undefined ? '' : ` or ratio ≤ ${target.ratio}`;
  return `${bound} ${target.value}${unit === '' ? '' : ` ${unit}`}${ratio}`;
}

function verdict({ met, head }: PrecisionRow): string {
  const word = met === null ? NONE : met ? 'met' : 'MISSED';
  return head?.limitedBy === undefined ? word : `${word}, limited by ${head.limitedBy}`;
}

/** `load 0.4, steal 0.0 %, 2 stalls, at most 14 ms late` */
function machineText(states: readonly MachineState[]): string {
  const load = Math.max(...states.map(({ loadBefore }) => loadBefore));
  const steals = states.flatMap(({ stealPercent }) => stealPercent ?? []);
  const stalls = states.reduce((sum, state) => sum + state.stalls, 0);
  const late = Math.max(...states.map(({ worstLateMs }) => worstLateMs));
  const steal = steals.length === 0 ? 'unknown' : `${formatFixed(Math.max(...steals), 1)} %`;
  return `load ${formatFixed(load, 1)} before, steal ${steal}, ${stalls} stalls, at most ${formatFixed(late, 0)} ms late`;
}

export interface PrecisionReport {
  readonly at: string;
  readonly base: string;
  readonly head: string;
  readonly rows: readonly PrecisionRow[];
}

export function precisionText({ base, head, rows }: PrecisionReport): string {
  const cells = rows.map((row) => {
    const decimals = ROWS.find(({ name }) => name === row.name)?.decimals ?? 2;
    return [
      row.name,
      valueText(row.base?.value, row.unit, decimals),
      valueText(row.head?.value, row.unit, decimals),
      row.ratio === null ? NONE : formatFixed(row.ratio, 2),
      targetText(row),
      verdict(row),
    ];
  });
  const states = rows.map(({ name, base: old, head: own }) => {
    const both = [...(old?.machine ?? []), ...(own?.machine ?? [])];
    return [name, both.length === 0 ? 'not measured' : machineText(both)] as const;
  });
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return [
    `base: ${base}`,
    `head: ${head}`,
    '',
    ...table([['', 'base', 'head', 'ratio', 'target', ''], ...cells]),
    '',
    ...rows.map(({ name, title }) => `${name.padEnd(width)}  ${title}`),
    '',
    'State of the machine:',
    ...states.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
  ].join('\n');
}
