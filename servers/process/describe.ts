/** Prints the description of every arm as JSON: `{"arms": [ArmInfo, …]}`. */
import { Value } from 'typebox/value';
import { ARMS } from '../arms.ts';
import { ArmList } from '../contract.ts';

const list = { arms: ARMS.map((arm) => arm.info) };
if (!Value.Check(ArmList, list)) {
  const [fault] = Value.Errors(ArmList, list);
  console.error(
    `The description of an arm is wrong at ${fault?.instancePath}: ${fault?.message}. Correct servers/arms.ts.`,
  );
  process.exitCode = 1;
} else {
  console.log(JSON.stringify(list));
}
