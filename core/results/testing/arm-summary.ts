/** Arms as a run's header describes them, for tests. */
import { type ArmSummary, NO_FACTS } from '../arms.ts';
import { oldFactsOf } from '../old/arms.ts';

/** A guarded arm, with the facts of the real arm of that name if there is one. */
export function armSummary(name: string, more: Partial<ArmSummary> = {}): ArmSummary {
  return {
    name,
    title: name,
    summary: '',
    role: 'guarded',
    family: '',
    serverState: 'none',
    ...NO_FACTS,
    ...oldFactsOf(name),
    ...more,
  };
}
