/** The used parts of a V8 CPU profile (`.cpuprofile`, from the inspector's Profiler domain), and their validation. */
import type { Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { Type } from '../../core/schema.ts';

const Node = Type.Object({
  id: Type.Integer(),
  callFrame: Type.Object({
    functionName: Type.String(),
    /** Empty if the code has no file: native code, V8's own states such as `(idle)`, and code generated at run time. */
    url: Type.String(),
    /** The line at which the function begins, from 0; -1 for code without a location. */
    lineNumber: Type.Optional(Type.Integer()),
  }),
  children: Type.Optional(Type.Array(Type.Integer())),
});

/** All times are in µs of V8's own clock. */
export const CpuProfile = Type.Object({
  nodes: Type.Array(Node, { minItems: 1 }),
  startTime: Type.Number(),
  endTime: Type.Number(),
  /** The node on top of the stack at each sample. */
  samples: Type.Array(Type.Integer()),
  /** Time from the previous sample to this one; for the first, from `startTime`. */
  timeDeltas: Type.Array(Type.Number()),
});
export type CpuProfile = Static<typeof CpuProfile>;

const compiled = Compile(CpuProfile);

/** An invalid profile. */
export class CpuProfileError extends Error {
  override readonly name = 'CpuProfileError';
}

/** @throws {CpuProfileError} if it does not have the shape of a profile, or refers to missing nodes */
export function readCpuProfile(value: unknown): CpuProfile {
  if (!compiled.Check(value)) {
    const [, [fault]] = compiled.Errors(value);
    throw new CpuProfileError(
      `The CPU profile is wrong at ${fault?.instancePath || 'its top'}: ${fault?.message ?? 'unknown shape'}.`,
    );
  }
  if (value.samples.length !== value.timeDeltas.length) {
    throw new CpuProfileError(
      `The CPU profile has ${value.samples.length} samples and ${value.timeDeltas.length} times: it was cut off.`,
    );
  }
  const known = new Set(value.nodes.map(({ id }) => id));
  const unknown = value.samples.find((id) => !known.has(id));
  if (unknown !== undefined)
    throw new CpuProfileError(`The CPU profile has a sample of node ${unknown}, which it lacks.`);
  return value;
}
