/** Prints the mutants as JSON: `{"mutants": [{"name", "check", "hole", "alsoFails", "info"}, …]}`. */

import { mayAlsoFail, mutantArm } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const mutants = MUTANTS.map((mutant) => {
  const { name, check, hole } = mutant;
  return { name, check, hole, alsoFails: mayAlsoFail(mutant), info: mutantArm(mutant, []).info };
});
process.stdout.write(`${JSON.stringify({ mutants })}\n`);
