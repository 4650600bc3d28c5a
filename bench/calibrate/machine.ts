/** The machine and software that a calibration is valid for. */

import { cpus, release, type } from 'node:os';
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { readUsableCores } from '../processes/usable-cores.ts';

export const MachineSchema = Type.Object(
  { cpuModel: Type.String(), cores: Type.Integer({ minimum: 1 }), kernel: Type.String(), node: Type.String() },
  { additionalProperties: false },
);
export type Machine = Static<typeof MachineSchema>;

export function thisMachine(): Machine {
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: readUsableCores().count,
    kernel: `${type()} ${release()}`,
    node: process.version,
  };
}

export function sameMachine(a: Machine, b: Machine): boolean {
  return a.cpuModel === b.cpuModel && a.cores === b.cores && a.kernel === b.kernel && a.node === b.node;
}
