/** Flags that only some experiments read: without one of these, they are refused rather than ignored. */
import { CAPACITY } from '../../bench/experiments/capacity/plan.ts';
import { SCALE } from '../../bench/experiments/scale/index.ts';
import type { Faults } from '../command.ts';

const CONCERNS = { replicas: [SCALE, CAPACITY], slo: [CAPACITY] } as const;

/** Adds a fault for each of these flags that none of the experiments reads. */
export function refuseUnread(
  values: Readonly<Record<string, string | undefined>>,
  experiments: readonly string[],
  faults: Faults,
): void {
  for (const flag of ['replicas', 'slo'] as const) {
    const concerned = CONCERNS[flag];
    if (values[flag] === undefined || concerned.some((name) => experiments.includes(name))) continue;
    faults.push(`--${flag} only affects ${concerned.join(' and ')}: add --experiments ${concerned.at(-1)}`);
  }
}
