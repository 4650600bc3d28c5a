/** The facts that a run records for each arm it measured. Analyses and reports use these, and know no arm by name. */
import type { Static } from 'typebox';
import { Type } from '../schema.ts';

/**
 * `control` is the second, identical baseline of a run with `--aa`: a check of the method, not an arm to choose.
 * `twin` is an unguarded request of a service: the baseline of that one arm.
 */
export const Role = Type.Union([
  Type.Literal('baseline'),
  Type.Literal('control'),
  Type.Literal('twin'),
  Type.Literal('guarded'),
]);
export type Role = Static<typeof Role>;

/** What an arm promises, as `ArmInfo` of the servers' contract explains it. */
export const Promises = Type.Object(
  {
    /** 0: at once; null: a revoked credential stays valid until it expires. */
    revokedWithinMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    /** Null if only its server limits the lifetime. */
    lifetimeMs: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    rechecksCredential: Type.Boolean(),
    survivesRedisOutage: Type.Boolean(),
    needsStickyRouting: Type.Boolean(),
    crossOrigin: Type.Boolean(),
    needsCsrfProtection: Type.Boolean(),
    readableByScript: Type.Boolean(),
    refreshTokens: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type Promises = Static<typeof Promises>;

/** What an arm declares, as `ArmInfo` of the servers' contract explains it. */
const FACTS = {
  stores: Type.Array(Type.String()),
  /** Null if the path is unknown. */
  hotPath: Type.Union([Type.Array(Type.String()), Type.Null()]),
  /** Null for a scheme without variants. */
  variant: Type.Union([Type.String(), Type.Null()]),
  tags: Type.Array(Type.String()),
  /** Null if it has no tokens. */
  tokenAlgorithm: Type.Union([Type.String(), Type.Null()]),
  /** The arm's colour in every chart; null leaves the choice to the report. */
  colour: Type.Union([Type.String({ pattern: '^#[0-9a-f]{6}$' }), Type.Null()]),
};
export const ArmFacts = Type.Object(FACTS, { additionalProperties: false });
export type ArmFacts = Static<typeof ArmFacts>;

/** A cache of verified tokens in each replica. */
export const Remembered = Type.Object(
  { tokens: Type.Integer({ minimum: 1 }), forMs: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type Remembered = Static<typeof Remembered>;

export const ArmSummary = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    summary: Type.String(),
    role: Role,
    family: Type.String(),
    serverState: Type.String(),
    /** The arm that a twin is the baseline of; absent for every other arm. */
    twinOf: Type.Optional(Type.String()),
    ...FACTS,
    /** Absent if it remembers no verified tokens, or an older run does not record it. */
    remembers: Type.Optional(Remembered),
    /** Absent if an older run does not record it and nothing is known about the arm. */
    declares: Type.Optional(Promises),
  },
  { additionalProperties: false },
);
export type ArmSummary = Static<typeof ArmSummary>;

/** An arm that declares nothing. */
export const NO_FACTS: ArmFacts = {
  stores: [],
  hotPath: null,
  variant: null,
  tags: [],
  tokenAlgorithm: null,
  colour: null,
};

/** The only place that constructs the control's name. */
export function controlNameOf(baseline: string): string {
  return `${baseline}-aa`;
}

/** The second copy of a baseline. @param isSlowed whether it has a planted slowdown; otherwise it is identical */
export function controlOf(baseline: ArmSummary, isSlowed = false): ArmSummary {
  return {
    ...baseline,
    name: controlNameOf(baseline.name),
    title: `${baseline.title} (second${isSlowed ? ' copy, slowed on purpose' : ', identical copy'})`,
    role: 'control',
  };
}

/** Roles that cannot be chosen as arms. */
const UNGUARDED: readonly Role[] = ['baseline', 'control', 'twin'];

/** @returns the names of all unguarded arms */
export function unguardedNames(arms: readonly InRole[]): readonly string[] {
  return arms.filter(({ role }) => UNGUARDED.includes(role)).map(({ name }) => name);
}

interface InRole {
  readonly name: string;
  readonly role: Role;
}

/** @returns empty if no arm has the role */
export function namesOfRole(arms: readonly InRole[], role: Role): readonly string[] {
  return arms.filter((arm) => arm.role === role).map(({ name }) => name);
}

type Family = Pick<ArmSummary, 'family' | 'tags'>;

/** The session that represents its family. */
export const isPlainSession = ({ family, tags }: Family) => family === 'session' && tags.includes('reference');
/** The token that represents its family. */
export const isPlainToken = ({ family, tags }: Family) => family === 'token' && tags.includes('reference');

/** The representatives of the two families; their comparison is planned before any run. */
export interface ReferencePair {
  readonly session: string;
  readonly token: string;
}

/** Null if one of them is missing. */
export function referencePair(arms: readonly (Family & Pick<ArmSummary, 'name'>)[]): ReferencePair | null {
  const session = arms.find(isPlainSession)?.name;
  const token = arms.find(isPlainToken)?.name;
  return session === undefined || token === undefined ? null : { session, token };
}
