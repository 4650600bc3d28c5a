/** The results of a run of the replays, as kept for the page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { runError } from '../core/errors.ts';
import { checker } from '../core/results/validate.ts';
import { Type } from '../core/schema.ts';
import { FINDINGS, type FindingName } from './finding.ts';

const closed = { additionalProperties: false } as const;
const names = Object.keys(FINDINGS) as FindingName[];

const Measured = Type.Object(
  {
    at: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z$' }),
    machine: Type.Object(
      { cpu: Type.String(), cores: Type.Integer({ minimum: 1 }), platform: Type.String(), node: Type.String() },
      closed,
    ),
    /** Over the last minute before the run. */
    loadAverage: Type.Number({ minimum: 0 }),
    seed: Type.Integer({ minimum: 0 }),
    seconds: Type.Number({ minimum: 0 }),
    findings: Type.Array(
      Type.Object(
        {
          name: Type.Enum(names),
          value: Type.Number(),
          low: Type.Number(),
          high: Type.Number(),
          blocks: Type.Integer({ minimum: 1 }),
          forks: Type.Integer({ minimum: 1 }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Measured = Static<typeof Measured>;

const check = checker(Measured);

/** Relative to the root of a checkout. */
export const MEASURED_FILE = 'published/measured.json';

/** @throws {TollgateError} if the file does not match its schema */
export function readMeasured(root: string): Measured {
  const checked = check(JSON.parse(readFileSync(join(root, MEASURED_FILE), 'utf8')));
  if (checked.ok) return checked.value;
  throw runError(
    `${MEASURED_FILE} is not of its schema: ${checked.reason}`,
    'npm run published -- --write makes it again',
  );
}
