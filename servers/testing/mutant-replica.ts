/** Process entry: one replica of a mutant. It takes the same messages as `servers/process/replica.ts`, so the gate sees no difference. */
import { runUnderParent } from '../process/under-parent.ts';
import { findMutant } from './mutants.ts';

if (process.send === undefined) {
  console.error('A mutant has a known hole and is started by the gate alone: npm run gate -- --mutants');
  process.exit(2);
}
runUnderParent(findMutant);
