/** CPU time stolen by the hypervisor: the eighth field of the `cpu` line of /proc/stat (proc(5)). */
import { readFileSync } from 'node:fs';

export interface CpuTicks {
  readonly steal: number;
  /** Total of all states of all cores; guest time is already in user time. */
  readonly total: number;
}

/** @returns null if the text has no such line */
export function parseCpuTicks(procStat: string): CpuTicks | null {
  const line = /^cpu +([\d ]+)$/m.exec(procStat)?.[1];
  const fields = line?.trim().split(/ +/).map(Number).slice(0, 8);
  const steal = fields?.[7];
  if (fields === undefined || steal === undefined) return null;
  return { steal, total: fields.reduce((sum, ticks) => sum + ticks, 0) };
}

/** Percent of the CPU time between two readings; 0 when no tick has passed. */
export function stealPercent(from: CpuTicks, to: CpuTicks): number {
  const total = to.total - from.total;
  return total <= 0 ? 0 : (100 * Math.max(0, to.steal - from.steal)) / total;
}

/** @returns null if the file does not exist */
export function readCpuTicks(procStat = '/proc/stat'): CpuTicks | null {
  try {
    return parseCpuTicks(readFileSync(procStat, 'latin1'));
  } catch {
    return null;
  }
}
