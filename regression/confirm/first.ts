/** The first of two measurements, read from the JSON that `compare` printed, perhaps on another machine. */
import type { Static } from 'typebox';
import { usageError } from '../../core/errors.ts';
import { type JsonFormat, readJson } from '../../core/results/json-file.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import type { Build } from '../compare/build.ts';
import { COST_METRICS } from '../compare/costs/costs.ts';
import { codeOf } from '../compare/identity.ts';

const BuildFacts = Type.Object({
  label: Type.String(),
  commit: Type.Union([Type.String({ pattern: '^[0-9a-f]{40,64}$' }), Type.Null()]),
  node: Type.String(),
  code: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

/** Names end up in messages and in a report: they are those of arms and metrics, or a limit's text. */
const Red = Type.Object({
  arm: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
  question: Type.String({ maxLength: 500 }),
  kind: Type.Union([Type.Literal('cost'), Type.Literal('count'), Type.Literal('limit')]),
  metric: Type.String({ maxLength: 200 }),
  isCounted: Type.Boolean(),
  text: Type.String({ maxLength: 2000 }),
});

const First = Type.Object({
  startedAt: Type.String(),
  base: BuildFacts,
  head: BuildFacts,
  marginPct: Type.Number({ exclusiveMinimum: 0 }),
  confidence: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  seed: Type.Integer({ minimum: 0 }),
  interrupted: Type.Boolean(),
  unsafe: Type.Boolean(),
  machineClass: Type.String(),
  /** A lost check is not measured again, so only its number matters here. */
  security: Type.Array(Type.Object({ arm: Type.String(), faults: Type.Array(Type.Unknown()) })),
  red: Type.Array(Red),
  asked: Type.Object({
    arms: Type.Array(Type.String(), { minItems: 1 }),
    metrics: Type.Array(Type.Union(COST_METRICS.map((metric) => Type.Literal(metric)))),
    budgetSeconds: Type.Number({ exclusiveMinimum: 0 }),
    instructionsMarginPct: Type.Union([Type.Number(), Type.Null()]),
  }),
  confirmation: Type.Union([Type.Null(), Type.Object({})]),
});
/** The parts of the first measurement that a second one needs. */
export type First = Static<typeof First>;

const HINT = 'use a file that compare --json --no-confirm wrote with this version';
const FORMAT: JsonFormat<First> = {
  what: 'the first comparison',
  version: null,
  check: checker(First),
  hints: { missing: HINT, damaged: HINT, version: HINT },
};

/** @throws TollgateError (usage) if it cannot be read, or there is nothing to confirm */
export function readFirst(path: string): First {
  const first = readJson(path, FORMAT);
  const refuse = (why: string, hint: string) => usageError(`--confirm-of: ${path} ${why}`, hint);
  if (first.interrupted) throw refuse('is of an interrupted comparison', 'repeat the comparison');
  if (first.confirmation !== null) {
    throw refuse('was already measured twice', 'let the first job run with --no-confirm');
  }
  const lost = first.unsafe ? [] : first.security.filter(({ faults }) => faults.length > 0);
  if (lost.length > 0) {
    throw refuse(
      `failed because of lost security checks of ${lost.map(({ arm }) => arm).join(', ')}, which a second measurement cannot change`,
      'make head pass the checks that base passes',
    );
  }
  return first;
}

/** @throws TollgateError (usage) if a build's code differs from that of the first measurement */
export function refuseOtherCode(first: First, base: Build, head: Build): void {
  for (const [which, build] of [
    ['base', base],
    ['head', head],
  ] as const) {
    const { code, node, label } = first[which];
    if (codeOf(build.directory) === code && build.node === node) continue;
    throw usageError(
      `--confirm-of: ${build.label} on Node ${build.node} differs from the first measurement, ${label} on Node ${node}`,
      `check out the same commit, or pass it with --${which}`,
    );
  }
}
