/** The machine and software that a calibration is valid for. */

import { cpus, release, type } from 'node:os';
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { readUsableCores } from '../processes/usable-cores.ts';

export const MachineSchema = Type.Object(
  {
    cpuModel: Type.String(),
    cores: Type.Integer({ minimum: 1 }),
    /** Cores within the CPU quota; absent in calibrations of older versions. */
    usable: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    kernel: Type.String(),
    node: Type.String(),
  },
  { additionalProperties: false },
);
export type Machine = Static<typeof MachineSchema>;

export function thisMachine(): Machine {
  const { count, usable } = readUsableCores();
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: count,
    usable,
    kernel: `${type()} ${release()}`,
    node: process.version,
  };
}

/** A quota makes another machine of it: programs are throttled, and with one core or less the generator sleeps. */
export function sameMachine(a: Machine, b: Machine): boolean {
  return (
    a.cpuModel === b.cpuModel &&
    a.cores === b.cores &&
    a.usable === b.usable &&
    a.kernel === b.kernel &&
    a.node === b.node
  );
}
