/** `--slo`: the objective of the experiment capacity. */
import { OBJECTIVE_FORM, parseObjective, USUAL_OBJECTIVE } from '../../core/thresholds/objective.ts';
import type { FlagTable, Invocation } from '../command.ts';

export const OBJECTIVE = {
  slo: {
    value: 'TEXT',
    help: `Find the highest load that meets this objective, in capacity: ${OBJECTIVE_FORM} (default: ${USUAL_OBJECTIVE}).`,
  },
} as const satisfies FlagTable;

/** @returns the setting of a run; empty without the flag */
export function readObjective({ slo }: Invocation['values'], faults: Invocation['faults']): { readonly slo?: string } {
  if (slo === undefined) return {};
  const parsed = parseObjective(slo);
  if (!('latency' in parsed)) faults.push(...parsed.map((fault) => `--slo: ${fault}`));
  return { slo };
}
