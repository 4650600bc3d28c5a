/** Process entry: one replica of a mutant. It takes the same messages as `servers/process/replica.ts`, so the gate sees no difference. */
import { runUnderParent } from '../process/under-parent.ts';
import { findMutant } from './mutants.ts';

if (process.send === undefined) {
  console.error('Only the gate starts mutants, which have known vulnerabilities: npm run gate -- --mutants');
  process.exit(2);
}
runUnderParent(findMutant);
