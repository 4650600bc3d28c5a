/** The record of a run that is stored for years, with its machine. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { FlagName } from '../recorded/names.ts';
import { Factors, MetricName } from '../schema.ts';
import { checker } from '../validate.ts';

export const HISTORY_VERSION = 1;
const closed = { additionalProperties: false } as const;

const HistoryFigure = Type.Object(
  {
    experiment: Type.String(),
    arm: Type.Union([Type.String(), Type.Null()]),
    factors: Factors,
    metric: MetricName,
    value: Type.Number(),
    low: Type.Number(),
    high: Type.Number(),
    flags: Type.Array(FlagName),
  },
  closed,
);

/** The complete origin of a run; the machine class contains only what makes runs comparable. */
const HistoryOrigin = Type.Object(
  {
    cpuModel: Type.String(),
    kernel: Type.String(),
    node: Type.String(),
    v8: Type.String(),
    redis: Type.Union([Type.String(), Type.Null()]),
    packages: Type.Record(Type.String(), Type.String()),
  },
  closed,
);
export type HistoryOrigin = Static<typeof HistoryOrigin>;

const Link = Type.String({ pattern: '^https://[^\\s"<>]+$', maxLength: 2000 });
const HistoryLinks = Type.Object({ run: Type.Optional(Link), commit: Type.Optional(Link) }, closed);
export type HistoryLinks = Static<typeof HistoryLinks>;

export const HistoryEntry = Type.Object(
  {
    version: Type.Literal(HISTORY_VERSION),
    runId: Type.String(),
    /** ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    commit: Type.Union([Type.String(), Type.Null()]),
    dirty: Type.Boolean(),
    /** Runs of different classes are never compared. */
    machineClass: Type.String({ minLength: 1 }),
    figures: Type.Array(HistoryFigure),
    /** Absent in lines of older versions. It comes last, so that the part before the figures stays short. */
    origin: Type.Optional(HistoryOrigin),
    /** Links to the run and its commit; absent if unknown. */
    links: Type.Optional(HistoryLinks),
  },
  closed,
);
export type HistoryEntry = Static<typeof HistoryEntry>;
export const checkEntry = checker(HistoryEntry);

/** A run without its figures, which are many. */
export type HistoryRun = Omit<HistoryEntry, 'figures'>;

/** @throws Error if it does not match the schema */
export function historyLine(entry: HistoryEntry): string {
  const checked = checkEntry(entry);
  if (!checked.ok) throw new Error(`the history entry is not of its schema ${checked.reason}`);
  return `${JSON.stringify(entry)}\n`;
}
