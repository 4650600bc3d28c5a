/** The rows of the precision table: their text, target and necessary measurements. Pure. */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { median } from '../../core/stats/location.ts';

/** The measuring steps for the rows; builds take turns. */
export const STEPS = ['quick', 'toll', 'long', 'turns', 'aa', 'planted', 'start', 'wrk'] as const;
export type Step = (typeof STEPS)[number];

/** The planted slowdown, in percent of the baseline's CPU time per request. */
export const PLANTED_PCT = 5;

export interface Target {
  readonly bound: 'most' | 'least';
  readonly value: number;
  /** The target also counts as met if the new build's value is at most this share of the old build's. */
  readonly ratio?: number;
}

export interface RowInfo {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly decimals: number;
  readonly step: Step;
  /** Null for a row that is shown beside another one. */
  readonly target: Target | null;
}

export const ROWS: readonly RowInfo[] = [
  {
    name: 'quick',
    title: 'Half-width of the CPU ratio, quick run, median over arms',
    unit: '%',
    decimals: 1,
    step: 'quick',
    target: { bound: 'most', value: 5, ratio: 0.26 },
  },
  {
    name: 'toll',
    title: 'The same, toll alone for two minutes',
    unit: '%',
    decimals: 1,
    step: 'toll',
    target: { bound: 'most', value: 3.5 },
  },
  {
    name: 'long',
    title: 'The same, toll alone for ten minutes',
    unit: '%',
    decimals: 1,
    step: 'long',
    target: { bound: 'most', value: 1.3 },
  },
  {
    name: 'turns',
    title: 'Shift of the CPU ratio between turns of 50 and of 1,000 requests, mean over arms',
    unit: '%',
    decimals: 1,
    step: 'turns',
    target: { bound: 'most', value: 2 },
  },
  {
    name: 'turns-one-length',
    title: 'The same in the same turns, if cost were taken from turns of one length, as until 2026-11-28',
    unit: '%',
    decimals: 1,
    step: 'turns',
    target: null,
  },
  {
    name: 'aa',
    title: 'Runs of identical servers whose interval contains 1',
    unit: '%',
    decimals: 0,
    step: 'aa',
    target: { bound: 'least', value: 90 },
  },
  {
    name: 'planted-low',
    title: `Slowdown measured by a quick run with a planted ${PLANTED_PCT} %: lower end of its interval`,
    unit: '%',
    decimals: 1,
    step: 'planted',
    target: { bound: 'least', value: 0 },
  },
  {
    name: 'planted-high',
    title: 'Upper end',
    unit: '%',
    decimals: 1,
    step: 'planted',
    target: { bound: 'least', value: PLANTED_PCT },
  },
  {
    name: 'share',
    title: 'Share of the toll’s time in the quick run spent measuring',
    unit: '%',
    decimals: 0,
    step: 'quick',
    target: { bound: 'least', value: 50 },
  },
  {
    name: 'start',
    title: 'Start of eight replicas with their Redis',
    unit: 's',
    decimals: 2,
    step: 'start',
    target: { bound: 'most', value: 2.2 },
  },
  {
    name: 'forks',
    title: 'Fresh starts of the toll in the quick run',
    unit: '',
    decimals: 0,
    step: 'quick',
    target: { bound: 'least', value: 5 },
  },
  {
    name: 'wrk',
    title: 'Throughput of the closed loop over that of wrk',
    unit: '',
    decimals: 2,
    step: 'wrk',
    target: { bound: 'least', value: 0.95 },
  },
  {
    name: 'wrk-low',
    title: 'Lower end of its interval',
    unit: '',
    decimals: 2,
    step: 'wrk',
    target: { bound: 'least', value: 0.9 },
  },
];

export const SIDES = ['base', 'head'] as const;
export type BuildSide = (typeof SIDES)[number];

const closed = { additionalProperties: false } as const;

/** The state of the machine during one build's turn. */
export const MachineState = Type.Object(
  {
    /** The one-minute load average before the turn, that is, without this command's own work. */
    loadBefore: Type.Number(),
    /** Share of all cores' CPU time; null if the system does not report it. */
    stealPercent: Type.Union([Type.Number(), Type.Null()]),
    /** Wake-ups that were more than 10 ms late. */
    stalls: Type.Integer(),
    worstLateMs: Type.Number(),
  },
  closed,
);
export type MachineState = Static<typeof MachineState>;

/** The result of one turn of one build for one row. */
export interface Finding {
  readonly row: string;
  readonly side: BuildSide;
  readonly value: number;
  /** What kept the value from being larger, if that was not the build's server; default nothing. */
  readonly limitedBy?: string;
  readonly machine: MachineState;
}

const Side = Type.Object(
  {
    /** The median of `values`, or their mean if they are 0 or 1. */
    value: Type.Number(),
    values: Type.Array(Type.Number()),
    /** What limited most of the values; absent for nothing. */
    limitedBy: Type.Optional(Type.String()),
    machine: Type.Array(MachineState),
  },
  closed,
);

export const PrecisionRow = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    unit: Type.String(),
    /** Null for a row that is shown beside another one. */
    target: Type.Union([
      Type.Object(
        {
          bound: Type.Union([Type.Literal('most'), Type.Literal('least')]),
          value: Type.Number(),
          ratio: Type.Optional(Type.Number()),
        },
        closed,
      ),
      Type.Null(),
    ]),
    base: Type.Union([Side, Type.Null()]),
    head: Type.Union([Side, Type.Null()]),
    /** Head divided by base; null if either is missing or zero. */
    ratio: Type.Union([Type.Number(), Type.Null()]),
    /** Whether head meets the target; null if it was not measured, or there is none. */
    met: Type.Union([Type.Boolean(), Type.Null()]),
  },
  closed,
);
export type PrecisionRow = Static<typeof PrecisionRow>;

function sideOf(row: RowInfo, findings: readonly Finding[], side: BuildSide): PrecisionRow['base'] {
  const own = findings.filter((finding) => finding.row === row.name && finding.side === side);
  if (own.length === 0) return null;
  const values = own.map(({ value }) => value);
  const isCount = row.step === 'aa';
  const value = isCount ? values.reduce((sum, one) => sum + one, 0) / values.length : median(values);
  const limits = own.flatMap(({ limitedBy }) => limitedBy ?? []);
  const [limitedBy] = 2 * limits.length > own.length ? limits : [];
  return {
    value,
    values,
    ...(limitedBy === undefined ? {} : { limitedBy }),
    machine: own.map(({ machine }) => machine),
  };
}

function isMet({ bound, value: limit, ratio: most }: Target, value: number, ratio: number | null): boolean {
  if (bound === 'least') return value >= limit;
  return value <= limit || (most !== undefined && ratio !== null && ratio <= most);
}

/** @returns the rows with these names, in the table's order */
export function rowsOf(findings: readonly Finding[], names: readonly string[]): PrecisionRow[] {
  return ROWS.filter(({ name }) => names.includes(name)).map((row) => {
    const { name, title, unit, target } = row;
    const [base, head] = [sideOf(row, findings, 'base'), sideOf(row, findings, 'head')];
    const ratio = base === null || head === null || base.value === 0 ? null : head.value / base.value;
    const met = head === null || target === null ? null : isMet(target, head.value, ratio);
    return { name, title, unit, target, base, head, ratio, met };
  });
}

/** The steps that these rows need, in their order. */
export function stepsOf(names: readonly string[]): Step[] {
  const needed = new Set(ROWS.filter(({ name }) => names.includes(name)).map(({ step }) => step));
  return STEPS.filter((step) => needed.has(step));
}
