/** Prints the mutants as JSON: `{"mutants": [{"name", "check", "hole", "alsoFails", "info"}, …]}`. */

import { mutantArm } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const mutants = MUTANTS.map((mutant) => {
  const { name, check, hole, alsoFails = {} } = mutant;
  return { name, check, hole, alsoFails, info: mutantArm(mutant, []).info };
});
process.stdout.write(`${JSON.stringify({ mutants })}\n`);
