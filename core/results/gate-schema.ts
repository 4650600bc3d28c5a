/** The gate's result, `gate.json`: the outcome of each check for each arm. It never contains a credential. */
import type { Static } from 'typebox';
import { Type } from '../schema.ts';

/** Increased whenever a reader of the old form would misread the new one. */
export const GATE_SCHEMA_VERSION = 1;

const closed = { additionalProperties: false } as const;

/**
 * `limit`: the arm declares that it does not keep this promise, and the gate confirmed that. `not-applicable`: there
 * is nothing to check, and `detail` says why. Neither counts as passed.
 */
export const GateVerdict = Type.Union([
  Type.Literal('pass'),
  Type.Literal('fail'),
  Type.Literal('limit'),
  Type.Literal('not-applicable'),
]);
export type GateVerdict = Static<typeof GateVerdict>;

export const GateCheckInfo = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    name: Type.String(),
    family: Type.String(),
    /** The sources of the requirement: `ASVS 7.2.4`, `RFC 8725 §3.1`. */
    refs: Type.Array(Type.String()),
  },
  closed,
);
export type GateCheckInfo = Static<typeof GateCheckInfo>;

export const GateOutcome = Type.Object(
  {
    check: Type.Integer({ minimum: 1 }),
    verdict: GateVerdict,
    /** One line: the observation, or why the check does not apply. */
    detail: Type.String({ maxLength: 500 }),
    durationMs: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type GateOutcome = Static<typeof GateOutcome>;

export const GateArm = Type.Object(
  { arm: Type.String(), title: Type.String(), outcomes: Type.Array(GateOutcome) },
  closed,
);
export type GateArm = Static<typeof GateArm>;

/** `gate.json`. */
export const GateResult = Type.Object(
  {
    schemaVersion: Type.Literal(GATE_SCHEMA_VERSION),
    /** ISO 8601, UTC. */
    startedAt: Type.String(),
    durationMs: Type.Number({ minimum: 0 }),
    /** True if only the quick checks were run, which precede every timed run. */
    quick: Type.Boolean(),
    checks: Type.Array(GateCheckInfo),
    arms: Type.Array(GateArm),
  },
  closed,
);
export type GateResult = Static<typeof GateResult>;

/** Names of the arms with at least one failed check, in order. */
export function failedArms(result: GateResult): string[] {
  return result.arms.filter(({ outcomes }) => outcomes.some(({ verdict }) => verdict === 'fail')).map(({ arm }) => arm);
}
