/** A change for the worse that a team has accepted: who, why, and since which run. Stored as a line of the history. */
import type { Static } from 'typebox';
import { parseInert } from '../../inert.ts';
import { Type } from '../../schema.ts';
import { MetricName } from '../schema.ts';
import { checker } from '../validate.ts';

const closed = { additionalProperties: false } as const;
const ACCEPTANCE_VERSION = 1;

const Accepted = Type.Object(
  {
    /** When it was accepted. ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    /** The first run of the worse level, and when that run began. */
    runId: Type.String({ minLength: 1 }),
    runAt: Type.String(),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    owner: Type.String({ minLength: 1, maxLength: 100 }),
    /** Null accepts the change for every arm, or every metric. */
    arm: Type.Union([Type.String(), Type.Null()]),
    metric: Type.Union([MetricName, Type.Null()]),
  },
  closed,
);
export type Acceptance = Static<typeof Accepted>;

const Line = Type.Object({ version: Type.Literal(ACCEPTANCE_VERSION), accepted: Accepted }, closed);
const checkLine = checker(Line);

/** The beginning of such a line, which no run's line has. */
const START = Buffer.from(`{"version":${ACCEPTANCE_VERSION},"accepted":`);

export const isAcceptance = (line: Buffer): boolean => line.subarray(0, START.length).equals(START);

/** @returns the acceptance, or the reason why it cannot be read */
export function readAcceptance(line: Buffer): { readonly value: Acceptance } | { readonly reason: string } {
  try {
    const checked = checkLine(parseInert(line.toString()));
    return checked.ok ? { value: checked.value.accepted } : { reason: checked.reason };
  } catch {
    return { reason: 'not JSON: cut off or overwritten' };
  }
}

/** @throws Error if it does not match the schema */
export function acceptanceLine(accepted: Acceptance): string {
  const line = { version: ACCEPTANCE_VERSION, accepted };
  const checked = checkLine(line);
  if (!checked.ok) throw new Error(`the acceptance is not of its schema ${checked.reason}`);
  return `${JSON.stringify(line)}\n`;
}
